import { parse } from 'csv-parse/sync';
import type { Encoding } from './encoding.ts';
import { columnNames, MAX_ROW_CHARS, type Table, type TableRow, UnreadableFile } from './table.ts';
import { hasUndecodableBytes, textLines } from './text-lines.ts';

/** Longest cell with line breaks in it. Beyond, a quote is taken to have been left open by mistake. */
const MAX_LINES_OF_A_ROW = 100;

/**
 * A CSV file. Lines are put together to rows here, and each quoted row is parsed for itself, so that a quote left
 * open breaks one row, not the rest of the file.
 */
export function csvTable(file: string, encoding: Encoding): Table {
  return { rowWord: 'row', rows: (progress) => csvRows(textLines(file, encoding, progress)) };
}

/** The rows of CSV lines; the first that is not blank is the header. Separators: comma, tab or semicolon. */
export async function* csvRows(lines: AsyncIterable<string>): AsyncGenerator<TableRow> {
  let row = 0;
  let names: string[] | undefined;
  for await (const { text, separator } of rowTexts(lines)) {
    row += 1;
    if (names) {
      const read = readRow(text, row, names, separator);
      if (read) yield read;
    } else if (text.trim() !== '') {
      names = columnsOf(text, separator);
    }
  }
}

/** @throws UnreadableFile of a header that is none: a file of it alone would count as read, and nobody would know. */
function columnsOf(header: string, separator: string): string[] {
  if (header.length > MAX_ROW_CHARS)
    throw new UnreadableFile(
      `has a first row of more than ${MAX_ROW_CHARS} characters, where names of columns are expected; save it with line breaks`,
    );
  if (hasUndecodableBytes(header) || header.includes('\0'))
    throw new UnreadableFile('has a first row that is no text, where names of columns are expected');
  return columnNames(split(header, separator) ?? []);
}

/** Undefined for a row without any content. */
function readRow(text: string, row: number, names: string[], separator: string): TableRow | undefined {
  const cells = split(text, separator)?.map(cleanCell);
  const broken = (reason: string): TableRow => ({
    row,
    data: cells ? toData(names, cells) : {},
    broken: { reason, raw: text },
  });
  if (text.length > MAX_ROW_CHARS) return broken(`is longer than ${MAX_ROW_CHARS} characters`);
  if (!cells) return broken('has a quotation mark that is opened and never closed');
  if (cells.every((cell) => cell === '')) return undefined;
  if (hasUndecodableBytes(text)) return broken('has bytes that are not text in the encoding of the file');
  const surplus = cells.slice(names.length).some((cell) => cell !== '');
  if (cells.length < names.length || surplus) {
    return broken(`has ${cells.length} columns, the header has ${names.length}`);
  }
  return { row, data: toData(names, cells) };
}

function toData(names: string[], cells: string[]): Record<string, string> {
  return Object.fromEntries(names.map((name, index) => [name, cells[index] ?? '']));
}

interface RowText {
  text: string;
  /** That of the file, told by its header. */
  separator: string;
}

/** Lines joined where a quoted cell runs over several. A row whose quote is never closed is its first line only. */
async function* rowTexts(lines: AsyncIterable<string>): AsyncGenerator<RowText> {
  const open: string[] = [];
  // Lines at the front that are no whole row: they are not looked at again with each line that comes.
  let known = 0;
  let chars = 0;
  let separator = ',';
  let first = true;
  for await (const line of lines) {
    if (first && line.trim() !== '') {
      separator = separatorOf(line);
      first = false;
    }
    open.push(line);
    chars += line.length;
    const isFull = open.length >= MAX_LINES_OF_A_ROW || chars > MAX_ROW_CHARS;
    let text = takeRow(open, separator, isFull, known);
    while (text !== undefined) {
      yield { text, separator };
      chars = open.reduce((sum, each) => sum + each.length, 0);
      text = takeRow(open, separator, chars > MAX_ROW_CHARS);
    }
    known = open.length;
  }
  while (open.length > 0) yield { text: takeRow(open, separator, true) ?? '', separator };
}

/**
 * Removes the first whole row from the open lines; undefined when it may go on in lines not yet seen.
 * @param known how many lines at the front are no whole row
 */
function takeRow(open: string[], separator: string, noMoreLines: boolean, known = 0): string | undefined {
  let text = open.slice(0, known).join('\n');
  for (let index = known; index < open.length; index += 1) {
    const line = open[index]!;
    text = index === 0 ? line : `${text}\n${line}`;
    if (isOpen(text, separator)) continue;
    // Two stray quotes in different rows also close each other; then the first line is a row of its own.
    const taken = index === 0 || split(text, separator) ? index + 1 : 1;
    return open.splice(0, taken).join('\n');
  }
  return noMoreLines ? open.shift() : undefined;
}

/** A cell begins with a quotation mark, and the marks do not pair up: the row is not at its end. */
function isOpen(text: string, separator: string): boolean {
  if (!text.includes('"')) return false;
  const marks = text.split('"').length - 1;
  return marks % 2 === 1 && text.split(separator).some((cell) => cell.trimStart().startsWith('"'));
}

/** The cells of one row; undefined when its quotation marks make no sense. */
function split(text: string, separator: string): string[] | undefined {
  if (!text.includes('"')) return text.split(separator);
  return splitQuoted(text, separator) ?? splitOddlyQuoted(text, separator);
}

const QUOTED_CELLS = new Map(
  [',', '\t', ';'].map((separator) => [
    separator,
    new RegExp(`(?:"((?:[^"]|"")*)"|([^"${separator}]*))(${separator}|$)`, 'y'),
  ]),
);

/** Rows quoted by the book, which is nearly all of them: setting up csv-parse for each costs 70 µs, this 2. */
function splitQuoted(text: string, separator: string): string[] | undefined {
  const cell = QUOTED_CELLS.get(separator);
  if (!cell) return undefined;
  const cells: string[] = [];
  cell.lastIndex = 0;
  for (let match = cell.exec(text); match; match = cell.exec(text)) {
    cells.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    if (match[3] === '') return cells;
  }
  return undefined;
}

/** Rows with spaces before a quote, or with quotes inside a bare cell. */
function splitOddlyQuoted(text: string, separator: string): string[] | undefined {
  try {
    const records: string[][] = parse(text, {
      delimiter: separator,
      relax_column_count: true,
      // Inches in a name (5" screen) are forgiven on one line; over several, a stray mark would swallow rows.
      relax_quotes: !text.includes('\n'),
      ltrim: true,
    });
    return records.length === 1 ? records[0] : undefined;
  } catch {
    return undefined;
  }
}

function separatorOf(text: string): string {
  const count = (separator: string) => text.split(separator).length;
  return [',', '\t', ';'].reduce((best, next) => (count(next) > count(best) ? next : best));
}

/** Without the tricks exports use to keep Excel from changing a number: ="123", a tab, a leading apostrophe. */
function cleanCell(cell: string): string {
  const text = cell.trim();
  return /^="(.*)"$/.exec(text)?.[1] ?? text.replace(/^'(?=\d+$)/, '');
}
