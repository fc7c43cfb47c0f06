import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Cursor, Page, RawRecord, Reject } from '../spi/stream.ts';
import { FatalError, RetriableError } from '../spi/errors.ts';
import { csvTable } from './csv.ts';
import { type FilesCursor, openCursor, pruned } from './cursor.ts';
import type { Encoding } from './encoding.ts';
import { matchesGlob } from './glob.ts';
import { inspectFile, type Inspection, isStill } from './inspect-file.ts';
import { jsonLinesTable } from './json-lines.ts';
import { type Found, rawRecords } from './raw-records.ts';
import type { FilesStream } from './streams.ts';
import { type Table, UnreadableFile } from './table.ts';
import { xlsxTable } from './xlsx.ts';

/** Records and rejects of one page. Each page is one transaction of the runtime. */
const PAGE_SIZE = 500;

/**
 * Reads what is new in the files of a stream. A file counts as read with the empty page after its last row;
 * until then the cursor says nothing of it, so that after a crash it is read whole again.
 * @throws RetriableError when the folder cannot be reached; FatalError when the mapping file cannot be used.
 */
export async function* readStream(
  stream: FilesStream,
  stored: Cursor | null,
  signal: AbortSignal,
): AsyncGenerator<Page> {
  if (stream.unusable !== undefined) throw new FatalError(stream.unusable);
  const names = await listFiles(stream);
  const opened = openCursor(stored, stream);
  let cursor = pruned(opened, names);
  let told = stored === null ? '' : JSON.stringify(stored);
  for (const name of names) {
    signal.throwIfAborted();
    const file = path.join(stream.config.folder, name);
    const inspection = await inspect(file, cursor.files[name], stream, signal);
    if (inspection.kind === 'changed') {
      for await (const page of pagesOf(stream, name, file, inspection, signal)) yield { ...page, cursor };
    }
    if (
      inspection.kind === 'touched' ||
      (inspection.kind === 'changed' && (await isStill(file, inspection.state)))
    ) {
      cursor = withFile(cursor, name, inspection);
      yield { records: [], rejects: [], cursor };
      told = JSON.stringify(cursor);
    }
  }
  if (JSON.stringify(cursor) !== told) yield { records: [], rejects: [], cursor };
}

/** The files that feed a stream, by name, so that a later export overrules an earlier one. */
async function listFiles(stream: FilesStream): Promise<string[]> {
  const names = await fileNames(stream.config.folder);
  return names.filter((name) => stream.files.some((pattern) => matchesGlob(name, pattern)));
}

/** The names of the readable files of a folder, sorted. @throws RetriableError when it cannot be reached. */
export async function fileNames(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    // "~$orders.xlsx" is the lock file Excel leaves beside an opened workbook.
    const files = entries.filter((entry) => !entry.isDirectory() && !/^(\.|~\$)/.test(entry.name));
    return files
      .map((entry) => entry.name)
      .filter((name) => path.extname(name).toLowerCase() in TABLES)
      .sort();
  } catch (error) {
    throw new RetriableError(`the folder ${folder} cannot be read: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

async function inspect(
  file: string,
  known: FilesCursor['files'][string] | undefined,
  stream: FilesStream,
  signal: AbortSignal,
): Promise<Inspection> {
  try {
    return await inspectFile(file, known, stream.config.settleMs, signal);
  } catch (error) {
    signal.throwIfAborted();
    throw unreachable(path.basename(file), error);
  }
}

/** Locked by another program, or a drive that went away: nothing is lost by coming back later. */
function unreachable(name: string, cause: unknown): RetriableError {
  return new RetriableError(`${name} cannot be read: ${(cause as Error).message}`, { cause });
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).errno === 'number';
}

type Changed = Extract<Inspection, { state: unknown }>;
type Content = Pick<Page, 'records' | 'rejects'>;

async function* pagesOf(
  stream: FilesStream,
  name: string,
  file: string,
  { state, encoding }: Changed,
  signal: AbortSignal,
): AsyncGenerator<Content> {
  const table = openTable(file, encoding);
  // The time belongs to it: a sheet that says 10, then 8, then 10 again is three counts, not two.
  const version = `${state.digest}@${state.mtimeMs}`;
  const source = { name, table, version, mapping: stream.mapping };
  yield* inPages(orFileReject(name, rawRecords(source, signal)), signal);
}

const TABLES: Record<string, (file: string, encoding: Encoding) => Table> = {
  '.csv': csvTable,
  '.tsv': csvTable,
  '.xlsx': xlsxTable,
  '.jsonl': jsonLinesTable,
  '.ndjson': jsonLinesTable,
};

function openTable(file: string, encoding: Encoding): Table {
  const open = TABLES[path.extname(file).toLowerCase()] ?? csvTable;
  return open(file, encoding);
}

async function* orFileReject(name: string, found: AsyncIterable<Found>): AsyncGenerator<Found> {
  try {
    yield* found;
  } catch (error) {
    if (error instanceof UnreadableFile) yield { reject: { origin: name, reason: error.message, raw: '' } };
    else throw isSystemError(error) ? unreachable(name, error) : error;
  }
}

async function* inPages(found: AsyncIterable<Found>, signal: AbortSignal): AsyncGenerator<Content> {
  let records: RawRecord[] = [];
  let rejects: Reject[] = [];
  for await (const item of found) {
    if ('record' in item) records.push(item.record);
    else rejects.push(item.reject);
    if (records.length + rejects.length < PAGE_SIZE) continue;
    signal.throwIfAborted();
    yield { records, rejects };
    records = [];
    rejects = [];
  }
  if (records.length + rejects.length > 0) yield { records, rejects };
}

function withFile(cursor: FilesCursor, name: string, { state }: Changed): FilesCursor {
  return { ...cursor, files: { ...cursor.files, [name]: state } };
}
