import { MAX_COLUMNS } from '../table.ts';
import { columnOf } from './cell-address.ts';
import type { CellStyles } from './cell-styles.ts';
import { numberCellText, SpoiltCell } from './cell-text.ts';
import type { SharedStrings } from './shared-strings.ts';
import { appended, StringText, unescaped } from './string-text.ts';
import { XmlParser } from './xml-parser.ts';

/** A row of a sheet that exists, with its cells that are not blank. */
export interface SheetRow {
  /** As a person counts: 1 is the first row. */
  row: number;
  /** Texts by column, from 0; those of columns from `MAX_COLUMNS` on are left out. */
  cells: Map<number, string>;
  /** The first cell that cannot be trusted, and why. */
  spoilt?: { column: number; reason: string };
  /** A cell that is not blank stands beyond `MAX_COLUMNS`. */
  wide?: boolean;
}

/** The context that the cells of a sheet refer to. */
export interface SheetContext {
  strings: SharedStrings | undefined;
  styles: CellStyles;
  date1904: boolean;
}

/** The rows of a sheet in the order of the document. Rows and cells that are not written down cost nothing. */
export async function* sheetRows(
  part: string,
  texts: AsyncIterable<string>,
  context: SheetContext,
): AsyncGenerator<SheetRow> {
  const reader = new RowReader(context);
  const parser = new XmlParser(part, reader);
  for await (const text of texts) {
    parser.write(text);
    yield* reader.take();
  }
  parser.end();
  yield* reader.take();
}

interface Cell {
  column: number;
  type: string;
  style: number;
}

class RowReader {
  readonly #context: SheetContext;
  #rows: SheetRow[] = [];
  #row: SheetRow | undefined;
  #rowNumber = 0;
  #column = -1;
  #cell: Cell | undefined;
  #inValue = false;
  #value = '';
  readonly #inline = new StringText();

  constructor(context: SheetContext) {
    this.#context = context;
  }

  /** The rows that have been read to their end since the last call. */
  take(): SheetRow[] {
    const rows = this.#rows;
    this.#rows = [];
    return rows;
  }

  open(name: string, attributes: Readonly<Record<string, string>>): void {
    if (this.#cell) {
      if (name === 'v') this.#inValue = true;
      else this.#inline.open(name);
    } else if (name === 'c' && this.#row) this.#openCell(attributes);
    else if (name === 'row') this.#openRow(attributes);
  }

  text(text: string): void {
    if (this.#inValue) this.#value = appended(this.#value, text);
    else if (this.#cell) this.#inline.text(text);
  }

  close(name: string): void {
    if (name === 'v') this.#inValue = false;
    else if (name === 'c' && this.#cell) this.#closeCell(this.#cell);
    else if (name === 'row' && this.#row) {
      this.#rows.push(this.#row);
      this.#row = undefined;
    } else if (this.#cell) this.#inline.close(name);
  }

  /** Programs may leave out the numbers of rows and cells: then each follows the one before. */
  #openRow({ r }: Readonly<Record<string, string>>): void {
    const named = Number(r);
    this.#rowNumber = Number.isSafeInteger(named) && named > 0 ? named : this.#rowNumber + 1;
    this.#row = { row: this.#rowNumber, cells: new Map() };
    this.#column = -1;
  }

  #openCell({ r, t, s }: Readonly<Record<string, string>>): void {
    this.#column = columnOf(r ?? '') ?? this.#column + 1;
    this.#cell = { column: this.#column, type: t ?? 'n', style: Number(s ?? 0) };
    this.#value = '';
    this.#inline.clear();
  }

  #closeCell(cell: Cell): void {
    this.#cell = undefined;
    const row = this.#row!;
    try {
      this.#put(row, cell, this.#textOf(cell));
    } catch (error) {
      if (!(error instanceof SpoiltCell)) throw error;
      this.#put(row, cell, this.#value);
      if (cell.column < MAX_COLUMNS) row.spoilt ??= { column: cell.column, reason: error.message };
    }
  }

  #put(row: SheetRow, { column }: Cell, text: string): void {
    if (text === '') return;
    if (column < MAX_COLUMNS) row.cells.set(column, text);
    else row.wide = true;
  }

  /** A formula has the value that was calculated last; one that never was calculated has none. */
  #textOf({ type, style }: Cell): string {
    const { strings, styles, date1904 } = this.#context;
    const value = this.#value.trim();
    switch (type) {
      case 'inlineStr':
        return (this.#inline.value() || unescaped(value)).trim();
      case 's':
        return value === '' ? '' : (strings?.get(Number(value)) ?? '');
      case 'str':
        return unescaped(value).trim();
      case 'b':
        return value === '' ? '' : value === '0' || value === 'false' ? 'FALSE' : 'TRUE';
      case 'e':
        return value;
      case 'd':
        return value.replace('T', ' ').replace(/(:\d\d)\.\d*Z?$|Z$/, '$1');
      default: {
        const number = Number(value);
        if (value === '' || !Number.isFinite(number)) return unescaped(value);
        return numberCellText(number, styles[style] ?? 'number', date1904);
      }
    }
  }
}
