import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import path from 'node:path';
import iconv from 'iconv-lite';
import type { BrokenRow } from './manifest.ts';
import { XlsxWriter } from './xlsx-writer.ts';

export type Cell = string | number | Date | null;

/** A file being written row by row; waits when the disk is slower than we are. */
export interface Sink {
  readonly file: string;
  write(cells: readonly Cell[]): Promise<void>;
  /** A row that must end in dead letters. Fewer cells than the header are written as they are: a short row. */
  writeBroken(cells: readonly Cell[], why: string): Promise<void>;
  close(): Promise<void>;
}

export type TextEncoding = 'utf8' | 'utf8-bom' | 'gb18030';

export function csvSink(
  folder: string,
  file: string,
  header: readonly string[],
  encoding: TextEncoding,
  broken: BrokenRow[],
): Sink {
  const text = textFile(path.join(folder, file), encoding === 'gb18030' ? 'gb18030' : 'utf8');
  const first = text.write((encoding === 'utf8-bom' ? '\uFEFF' : '') + csvLine(header));
  return counted(file, broken, {
    write: async (cells) => {
      await first;
      await text.write(csvLine(cells));
    },
    close: () => text.close(),
  });
}

/** Rows of one cell: the line itself. */
export function linesSink(folder: string, file: string, broken: BrokenRow[]): Sink {
  const text = textFile(path.join(folder, file), 'utf8');
  const write = (cells: readonly Cell[]) => text.write(`${String(cells[0])}\n`);
  return counted(file, broken, { write, close: () => text.close() }, 0);
}

export function xlsxSink(
  folder: string,
  file: string,
  header: readonly string[],
  anchor: Date,
  broken: BrokenRow[],
): Sink {
  const workbook = new XlsxWriter(path.join(folder, file), '订单', anchor);
  const first = workbook.addRow(header);
  const write = async (cells: readonly Cell[]) => {
    await first;
    await workbook.addRow(cells);
  };
  const close = () => workbook.close();
  return counted(file, broken, { write, close });
}

/** Counts rows as a person does in the opened file, and notes the broken ones. */
function counted(
  file: string,
  broken: BrokenRow[],
  sink: Pick<Sink, 'write' | 'close'>,
  headerRows = 1,
): Sink {
  let row = headerRows;
  const write = (cells: readonly Cell[]) => {
    row += 1;
    return sink.write(cells);
  };
  const writeBroken = (cells: readonly Cell[], why: string) => {
    broken.push({ file, row: row + 1, why });
    return write(cells);
  };
  return { file, write, writeBroken, close: () => sink.close() };
}

function textFile(file: string, encoding: string) {
  const stream = createWriteStream(file);
  return {
    async write(text: string) {
      if (!stream.write(iconv.encode(text, encoding))) await once(stream, 'drain');
    },
    async close() {
      stream.end();
      await once(stream, 'close');
    },
  };
}

/** \r\n as Excel writes it. */
function csvLine(cells: readonly Cell[]): string {
  return `${cells.map((cell) => csvCell(cell === null ? '' : String(cell))).join(',')}\r\n`;
}

function csvCell(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
