import type { Encoding } from './encoding.ts';
import { MAX_ROW_CHARS, type Table, type TableRow } from './table.ts';
import { hasUndecodableBytes, textLines } from './text-lines.ts';

/** Objects and lists inside each other, at most: what is deeper cannot be written down again by all who handle it. */
const MAX_DEPTH = 100;

/** A file with one JSON object a line. */
export function jsonLinesTable(file: string, encoding: Encoding): Table {
  return { rowWord: 'line', rows: (progress) => jsonRows(textLines(file, encoding, progress)) };
}

async function* jsonRows(lines: AsyncIterable<string>): AsyncGenerator<TableRow> {
  let row = 0;
  for await (const line of lines) {
    row += 1;
    if (line.trim() !== '') yield readLine(line, row);
  }
}

function readLine(line: string, row: number): TableRow {
  const broken = (reason: string): TableRow => ({ row, data: {}, broken: { reason, raw: line } });
  if (line.length > MAX_ROW_CHARS) return broken(`is longer than ${MAX_ROW_CHARS} characters`);
  if (hasUndecodableBytes(line)) return broken('has bytes that are not text in the encoding of the file');
  if (isTooDeep(line)) return broken(`is nested deeper than ${MAX_DEPTH} levels`);
  try {
    const data: unknown = JSON.parse(line, keepLongIntegers);
    const isObject = typeof data === 'object' && data !== null && !Array.isArray(data);
    return isObject ? { row, data: data as Record<string, unknown> } : broken('is not a JSON object');
  } catch (error) {
    return broken(`is not JSON: ${(error as Error).message}`);
  }
}

function isTooDeep(text: string): boolean {
  let depth = 0;
  let inText = false;
  for (let index = 0; index < text.length; index += 1) {
    const char = text[index];
    if (inText && char === '\\') index += 1;
    else if (char === '"') inText = !inText;
    else if (inText) continue;
    else if (char === '{' || char === '[') depth += 1;
    else if (char === '}' || char === ']') depth -= 1;
    if (depth > MAX_DEPTH) return true;
  }
  return false;
}

/** Order numbers of 19 digits do not fit a JavaScript number: they are kept as the text they were written as. */
function keepLongIntegers(_key: string, value: unknown, context?: { source?: string }): unknown {
  const tooLong = typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value);
  return tooLong && /^-?\d+$/.test(context?.source ?? '') ? context?.source : value;
}
