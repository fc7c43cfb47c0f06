import {
  columnNames,
  MAX_COLUMNS,
  MAX_ROW_CHARS,
  type Table,
  type TableRow,
  tooManyColumns,
} from '../table.ts';
import type { SheetRow } from './sheet-rows.ts';
import { Workbook } from './workbook.ts';

/** How many rows of one text each may stand above the header; a sheet with more has one column. */
const MAX_TITLE_ROWS = 20;

/** The first sheet of an Excel workbook, read from the disk each time its rows are asked for. */
export function xlsxTable(file: string): Table {
  let workbook: Workbook | undefined;
  return {
    rowWord: 'row',
    async *rows(progress) {
      workbook ??= await Workbook.open(file, progress);
      yield* tableRows(mergedRows(workbook));
    },
    close: () => workbook?.close(),
  };
}

/** Rows with any content. A merged cell has the value of the cell it is merged into: what order lines below one order mean. */
async function* mergedRows(workbook: Workbook): AsyncGenerator<SheetRow> {
  const spreader = (await workbook.mergedAreas()).spreader();
  for await (const row of workbook.rows()) {
    spreader.fill(row, MAX_COLUMNS);
    if (row.cells.size > 0 || row.wide) yield row;
  }
}

/** Rows below the header. A title, merged over the columns above it or not, is passed over. */
async function* tableRows(rows: AsyncIterable<SheetRow>): AsyncGenerator<TableRow> {
  let names: string[] | undefined;
  const titles: SheetRow[] = [];
  for await (const row of rows) {
    if (names) {
      yield* toTableRow(row, names);
    } else if (isTitle(row) && titles.length < MAX_TITLE_ROWS) {
      titles.push(row);
    } else if (isTitle(row)) {
      names = headerOf(titles[0]!);
      for (const waiting of [...titles.slice(1), row]) yield* toTableRow(waiting, names);
    } else {
      names = headerOf(row);
    }
  }
  const [first, ...others] = titles;
  if (names || !first) return;
  names = headerOf(first);
  for (const row of others) yield* toTableRow(row, names);
}

/** One text alone, or the same text in all its merged cells. */
function isTitle({ cells, wide }: SheetRow): boolean {
  return !wide && new Set(cells.values()).size === 1;
}

/** @throws UnreadableFile when it has too many columns */
function headerOf({ cells, wide }: SheetRow): string[] {
  if (wide) throw tooManyColumns();
  const width = Math.max(...cells.keys()) + 1;
  return columnNames(Array.from({ length: width }, (_, column) => cells.get(column) ?? ''));
}

/** Nothing for a row that has no content below the header. */
function* toTableRow({ row, cells, spoilt }: SheetRow, names: string[]): Generator<TableRow> {
  const texts = names.map((_, column) => cells.get(column) ?? '');
  const chars = texts.reduce((sum, text) => sum + text.length, 0);
  if (chars === 0) return;
  const data = Object.fromEntries(names.map((name, column) => [name, texts[column]]));
  if (chars > MAX_ROW_CHARS) {
    const reason = `is longer than ${MAX_ROW_CHARS} characters`;
    yield { row, data: {}, broken: { reason, raw: texts.join(',').slice(0, MAX_ROW_CHARS) } };
  } else if (spoilt && spoilt.column < names.length) {
    yield {
      row,
      data,
      broken: { reason: `${names[spoilt.column]}: ${spoilt.reason}`, raw: texts.join(',') },
    };
  } else {
    yield { row, data };
  }
}
