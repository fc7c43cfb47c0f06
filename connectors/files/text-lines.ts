import { createReadStream } from 'node:fs';
import iconv from 'iconv-lite';
import type { Encoding } from './encoding.ts';
import { MAX_ROW_CHARS } from './table.ts';

/**
 * The lines of a text file, decoded, without their line ends (\n, \r\n). A byte order mark is dropped. Bytes that
 * do not belong to the encoding become U+FFFD. A line over `MAX_ROW_CHARS` is cut there.
 * @param progress called whenever a piece of the file has been read
 */
export async function* textLines(
  file: string,
  encoding: Encoding,
  progress: () => void,
): AsyncGenerator<string> {
  const decoder = iconv.getDecoder(encoding);
  let pending = '';
  for await (const chunk of createReadStream(file)) {
    progress();
    const text = decoder.write(chunk as Buffer);
    if (pending.length > MAX_ROW_CHARS && !text.includes('\n')) continue;
    const lines = (pending + text).split('\n');
    // An over-long line keeps only its beginning while its end is still to come.
    pending = (lines.pop() ?? '').slice(0, MAX_ROW_CHARS + 1);
    for (const line of lines) yield withoutReturn(line);
  }
  pending += decoder.end() ?? '';
  if (pending !== '') yield withoutReturn(pending);
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}

/** The character that a decoder puts in the place of bytes that mean nothing. */
export function hasUndecodableBytes(text: string): boolean {
  return text.includes('\uFFFD');
}
