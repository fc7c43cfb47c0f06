import { stat } from 'node:fs/promises';
import exceljs, { type Row, type Worksheet } from 'exceljs';
import { columnNames, type Table, type TableRow, UnreadableFile } from './table.ts';
import { cellText, SpoiltCell } from './xlsx-cell.ts';

/** A workbook is unpacked in memory, to about 30 times its size. */
const MAX_BYTES = 30_000_000;

/** The first sheet of an Excel workbook. Loaded once, however often its rows are asked for. */
export function xlsxTable(file: string): Table {
  let sheet: Promise<Worksheet> | undefined;
  return {
    rowWord: 'row',
    async *rows() {
      sheet ??= openFirstSheet(file);
      yield* sheetRows(await sheet);
    },
  };
}

async function openFirstSheet(file: string): Promise<Worksheet> {
  const { size } = await stat(file);
  if (size > MAX_BYTES) {
    throw new UnreadableFile(`is larger than ${MAX_BYTES / 1e6} MB; save it as CSV, which has no limit`);
  }
  const workbook = new exceljs.Workbook();
  try {
    await workbook.xlsx.readFile(file);
  } catch (error) {
    throw new UnreadableFile(`cannot be opened as an Excel workbook: ${(error as Error).message}`, {
      cause: error,
    });
  }
  const [first] = workbook.worksheets;
  if (!first) throw new UnreadableFile('is an Excel workbook without a sheet');
  return first;
}

/** Rows below the header. A title merged over the columns above it is passed over. */
function* sheetRows(sheet: Worksheet): Generator<TableRow> {
  let names: string[] | undefined;
  for (let row = 1; row <= sheet.rowCount; row += 1) {
    const read = readRow(sheet.getRow(row), names?.length ?? sheet.columnCount);
    if (read.cells.every((cell) => cell === '')) continue;
    if (!names) names = headerOf(read.cells);
    else yield toTableRow(row, names, read);
  }
}

interface ReadRow {
  cells: string[];
  /** Column (from 0) and why. */
  spoilt?: { column: number; reason: string };
}

function readRow(row: Row, columns: number): ReadRow {
  const read: ReadRow = { cells: [] };
  for (let column = 0; column < columns; column += 1) {
    try {
      // A merged cell gives the value of the cell it is merged into: what order lines below one order mean.
      read.cells.push(cellText(row.getCell(column + 1).value));
    } catch (error) {
      if (!(error instanceof SpoiltCell)) throw error;
      read.cells.push(String(row.getCell(column + 1).value));
      read.spoilt ??= { column, reason: error.message };
    }
  }
  return read;
}

/** Undefined for a title: one text alone, or the same text in all its merged cells. */
function headerOf(cells: string[]): string[] | undefined {
  const filled = cells.filter((cell) => cell !== '');
  if (new Set(filled).size === 1 && cells.length > 1) return undefined;
  return columnNames(cells.slice(0, cells.findLastIndex((cell) => cell !== '') + 1));
}

function toTableRow(row: number, names: string[], { cells, spoilt }: ReadRow): TableRow {
  const data = Object.fromEntries(names.map((name, index) => [name, cells[index] ?? '']));
  if (!spoilt) return { row, data };
  const reason = `${names[spoilt.column] ?? `column ${spoilt.column + 1}`}: ${spoilt.reason}`;
  return { row, data, broken: { reason, raw: cells.join(',') } };
}
