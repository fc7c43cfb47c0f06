/** A file as rows, whatever its format. */
export interface Table {
  /** The word for a row in messages. */
  readonly rowWord: 'row' | 'line';
  /**
   * The rows from the top; may be called more than once. Throws `UnreadableFile` when there are none to be had.
   * @param progress called whenever a piece of the file has been read
   */
  rows(progress: () => void): AsyncIterable<TableRow>;
  /** Lets go of the file. */
  close?(): void;
}

export interface TableRow {
  /** As a person counts in the opened file: 1 is the first row, the header included. */
  row: number;
  /** By header; every cell is text. For a broken row: what could be made out, may be empty. */
  data: Record<string, unknown>;
  /** Why the row cannot be read. */
  broken?: { reason: string; raw: string };
}

/** A file that cannot be opened as what its name says. The others go on. */
export class UnreadableFile extends Error {
  override readonly name = 'UnreadableFile';
}

/** Longest text of one row, in characters: a file without line breaks must not fill the memory. */
export const MAX_ROW_CHARS = 1_000_000;

/** How much text a row has, names of columns included, in characters. */
export function rowChars(data: Readonly<Record<string, unknown>>): number {
  let chars = 0;
  for (const [name, value] of Object.entries(data))
    chars += name.length + (typeof value === 'string' ? value : JSON.stringify(value)).length;
  return chars;
}

/** Most columns of a table: each row gets them all. */
export const MAX_COLUMNS = 1_000;

/** Longest name of a column, in characters. */
const MAX_NAME_CHARS = 1_000;

/** The failure of a file whose header goes on and on. */
export function tooManyColumns(): UnreadableFile {
  return new UnreadableFile(
    `has more than ${MAX_COLUMNS} columns in its header; delete the columns that are not needed`,
  );
}

/** The shown text shortened for a reject. */
export function shortened(text: string, maxChars: number): string {
  return text.length > maxChars ? `${text.slice(0, maxChars - 1)}…` : text;
}

/**
 * Header cells made into names: trimmed, unique, never empty.
 * @throws UnreadableFile when there are too many
 */
export function columnNames(cells: readonly string[]): string[] {
  if (cells.length > MAX_COLUMNS) throw tooManyColumns();
  const seen = new Map<string, number>();
  return cells.map((cell, index) => {
    const name = cell.slice(0, MAX_NAME_CHARS).normalize('NFC').trim() || `column ${index + 1}`;
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    return times === 1 ? name : `${name} (${times})`;
  });
}
