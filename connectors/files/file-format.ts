import { open } from 'node:fs/promises';
import path from 'node:path';
import iconv from 'iconv-lite';
import type { Encoding } from './encoding.ts';
import { UnreadableFile } from './table.ts';

/** How the rows of a file are read. */
export type FileFormat = 'csv' | 'json-lines' | 'xlsx';

/** The formats that the endings of file names promise. Files with another ending are not read. */
const FORMAT_BY_EXTENSION: Readonly<Record<string, FileFormat>> = {
  '.csv': 'csv',
  '.tsv': 'csv',
  '.xlsx': 'xlsx',
  '.jsonl': 'json-lines',
  '.ndjson': 'json-lines',
};

/** Beginnings that decide what a file is, in hexadecimal, and what to say of those that are not read. */
const SIGNATURES: readonly (readonly [beginning: string, reason: string])[] = [
  [
    'd0cf11e0a1b11ae1',
    'is an old .xls workbook or is protected by a password; save it as .xlsx without a password',
  ],
  ['25504446', 'is a PDF document, not a table; export it as CSV or .xlsx'],
  ['1f8b', 'is compressed (gzip); unpack it first'],
  ['526172211a07', 'is a RAR archive; unpack it first'],
  ['377abcaf271c', 'is a 7z archive; unpack it first'],
  ['89504e47', 'is a picture, not a table'],
  ['ffd8ff', 'is a picture, not a table'],
];
/** Of a local file, and of the end of an empty archive. */
const ZIP = ['504b0304', '504b0506'];

const HTML =
  /^<(!doctype\s+html|html|head|body|meta|title|style|script|table|div|!--\[if|\?xml[^>]*\?>\s*<(!doctype\s+)?html)[\s>]/i;
const XML_SPREADSHEET = /urn:schemas-microsoft-com:office:spreadsheet/i;
const HEAD_BYTES = 4096;

/** Whether files of this name are read. */
export function isReadName(name: string): boolean {
  return path.extname(name).toLowerCase() in FORMAT_BY_EXTENSION;
}

/**
 * Detects the format of a file, by its content first: a workbook may be named .csv, and CSV text .xlsx.
 * @throws UnreadableFile that says what the file is, when it is nothing that is read
 */
export async function fileFormat(file: string, encoding: Encoding): Promise<FileFormat> {
  const promised = FORMAT_BY_EXTENSION[path.extname(file).toLowerCase()] ?? 'csv';
  const head = await readHead(file);
  const hex = head.subarray(0, 8).toString('hex');
  if (ZIP.some((beginning) => hex.startsWith(beginning))) return 'xlsx';
  const known = SIGNATURES.find(([beginning]) => hex.startsWith(beginning));
  if (known) throw new UnreadableFile(known[1]);
  const text = iconv.decode(head, encoding).trimStart();
  if (HTML.test(text)) {
    throw new UnreadableFile(
      'is a web page (HTML), not a table; open it in a spreadsheet program and save it as .xlsx or CSV',
    );
  }
  if (XML_SPREADSHEET.test(text)) {
    throw new UnreadableFile('is an XML spreadsheet of Excel 2003; open it in Excel and save it as .xlsx');
  }
  return promised === 'xlsx' ? textNamedWorkbook(text) : promised;
}

/** Shops export text under the name of a workbook. It needs columns, or it is taken for a workbook that was spoilt. */
function textNamedWorkbook(text: string): FileFormat {
  const [line = ''] = text.split(/[\r\n]/, 1);
  if (text.startsWith('{')) return 'json-lines';
  // eslint-disable-next-line no-control-regex -- bytes that no text has are what tells
  if (/[,;\t]/.test(line) && !/[\0-\x08\x0e-\x1f]/.test(text)) return 'csv';
  throw new UnreadableFile(
    `cannot be opened as an Excel workbook: it is ${text === '' ? 'empty' : 'neither a zip archive nor text in columns'}; save it again`,
  );
}

async function readHead(file: string): Promise<Buffer> {
  const handle = await open(file);
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
