import { csvTable } from '../csv.ts';
import { fileFormat, type FileFormat } from '../file-format.ts';
import { jsonLinesTable } from '../json-lines.ts';
import { type Found, rawRecords } from '../raw-records.ts';
import { rowChars, type Table, UnreadableFile } from '../table.ts';
import type { Encoding } from '../encoding.ts';
import { xlsxTable } from '../xlsx/xlsx-table.ts';
import type { FilePage, ReadRequest } from './protocol.ts';

/** Records and rejects of one page. Each page is one transaction of the runtime. */
const PAGE_SIZE = 500;
/** Where a page ends before it has that many: the hub unpacks each page in one piece. */
const PAGE_CHARS = 1_000_000;

/** Rejects of one file that are kept; of the others only the number is. */
const MAX_REJECTS = 5_000;

const TABLES: Readonly<Record<FileFormat, (file: string, encoding: Encoding) => Table>> = {
  csv: csvTable,
  'json-lines': jsonLinesTable,
  xlsx: xlsxTable,
};

/**
 * The content of a file, page by page. A file that cannot be read gives one reject that says why.
 * @param progress called whenever a piece has been read
 */
export async function* filePages(request: ReadRequest, progress: () => void): AsyncGenerator<FilePage> {
  let page: FilePage = { records: [], rejects: [] };
  let chars = 0;
  let rejects = 0;
  for await (const found of orReject(request, progress)) {
    if ('record' in found) page.records.push(found.record);
    else rejects += 1;
    if ('reject' in found && rejects > MAX_REJECTS) continue;
    if ('reject' in found) page.rejects.push(found.reject);
    chars += charsOf(found);
    if (page.records.length + page.rejects.length < PAGE_SIZE && chars < PAGE_CHARS) continue;
    yield page;
    page = { records: [], rejects: [] };
    chars = 0;
  }
  if (rejects > MAX_REJECTS) {
    const reason = `has ${rejects - MAX_REJECTS} more rows that cannot be read, beside the ${MAX_REJECTS} that are kept`;
    page.rejects.push({ origin: request.name, reason, raw: '' });
  }
  if (page.records.length + page.rejects.length > 0) yield page;
}

async function* orReject(request: ReadRequest, progress: () => void): AsyncGenerator<Found> {
  let table: Table | undefined;
  try {
    const format = await fileFormat(request.file, request.encoding);
    table = TABLES[format](request.file, request.encoding);
    yield* rawRecords({ ...request, table }, progress);
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error;
    yield { reject: { origin: request.name, reason: error.message, raw: '' } };
  } finally {
    table?.close?.();
  }
}

function charsOf(found: Found): number {
  if ('reject' in found) return found.reject.reason.length + found.reject.raw.length;
  const { data, rows = [] } = found.record;
  return rows.reduce((sum, row) => sum + rowChars(row.data), rowChars(data));
}
