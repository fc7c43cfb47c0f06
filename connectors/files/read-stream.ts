import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { RetriableError, FatalError } from '../spi/errors.ts';
import type { Cursor, Page } from '../spi/stream.ts';
import { beginningOf, type FilesCursor, type FileState, furtherOn, openCursor, pruned } from './cursor.ts';
import { isReadName } from './file-format.ts';
import { matchesGlob } from './glob.ts';
import { inspectFile, isSame, isStill, sizeAndTime } from './inspect-file.ts';
import { FileUnreachable, type FileReader, ReaderEnded } from './reader/file-reader.ts';
import type { FileReaders } from './reader/file-readers.ts';
import type { FilesStream } from './streams.ts';

/** How often reading a file is tried when the reader process ends while it does. */
const READER_ATTEMPTS = 2;
/** How many processes of the hub may end at one page of a file before the file is set aside. */
const HUB_ENDS = 3;
/** Identifies this process of the hub among those before and beside it. */
const HUB_PROCESS = randomUUID();

/**
 * Reads what is new in the files of a stream. A file counts as read with the empty page after its last row; until then
 * the cursor says only that it is begun, so that after a crash it is read whole again. A file that ends its reader, or
 * the hub, each time is set aside: it counts as read, with a reject that says so.
 * @throws RetriableError when the folder cannot be reached; FatalError when the mapping file cannot be used.
 */
export async function* readStream(
  stream: FilesStream,
  stored: Cursor | null,
  signal: AbortSignal,
  readers: FileReaders,
): AsyncGenerator<Page> {
  if (stream.unusable !== undefined) throw new FatalError(stream.unusable);
  const names = await listFiles(stream);
  const opened = openCursor(stored, stream);
  let cursor = pruned(opened, names);
  let written = stored === null ? '' : JSON.stringify(stored);
  for (const name of names) {
    signal.throwIfAborted();
    for await (const page of readFile(stream, name, cursor, signal, readers)) {
      cursor = page.cursor;
      written = JSON.stringify(cursor);
      yield page;
    }
  }
  if (JSON.stringify(cursor) !== written) yield { records: [], rejects: [], cursor };
}

interface FilesPage extends Page {
  cursor: FilesCursor;
}

/** Nothing for a file that has not changed, or is still being written. */
async function* readFile(
  stream: FilesStream,
  name: string,
  cursor: FilesCursor,
  signal: AbortSignal,
  readers: FileReaders,
): AsyncGenerator<FilesPage> {
  const file = path.join(stream.config.folder, name);
  const before = await sizeAndTime(file).catch((error: unknown) => {
    throw unreachable(name, error);
  });
  if (!before || isSame(before, cursor.files[name])) return;
  for (let attempt = 1; ; attempt += 1) {
    const reader = readers.acquire();
    try {
      yield* readOnce(stream, name, cursor, signal, reader);
      return;
    } catch (error) {
      signal.throwIfAborted();
      if (isSystemError(error) || error instanceof FileUnreachable) throw unreachable(name, error);
      if (!(error instanceof ReaderEnded)) throw error;
      if (attempt < READER_ATTEMPTS) continue;
      const reason = `The process that reads files ended ${attempt} times while reading this file (${error.message}); the file was set aside. Save it anew, or split it.`;
      yield setAside(cursor, name, { ...before, digest: '' }, reason);
      return;
    } finally {
      readers.release(reader);
    }
  }
}

async function* readOnce(
  stream: FilesStream,
  name: string,
  cursor: FilesCursor,
  signal: AbortSignal,
  reader: FileReader,
): AsyncGenerator<FilesPage> {
  const file = path.join(stream.config.folder, name);
  const inspection = await inspectFile(file, cursor.files[name], stream.config.settleMs, signal, (scanned) =>
    reader.scan(scanned, signal),
  );
  if (inspection.kind === 'unchanged' || inspection.kind === 'moving') return;
  const { state, encoding } = inspection;
  if (inspection.kind === 'changed') {
    let begun = beginningOf(cursor.begun, { name, digest: state.digest }, HUB_PROCESS);
    if (begun.ends >= HUB_ENDS) {
      const reason = `The hub ended ${begun.ends} times while taking in the same part of this file; the file was set aside. Save it anew, or split it.`;
      yield setAside(cursor, name, state, reason);
      return;
    }
    yield { records: [], rejects: [], cursor: { ...cursor, begun } };
    // The time belongs to it: a sheet that says 10, then 8, then 10 again is three counts, not two.
    const version = `${state.digest}@${state.mtimeMs}`;
    let pages = 0;
    for await (const page of reader.read(
      { file, name, encoding, version, mapping: groupingOf(stream) },
      signal,
    )) {
      pages += 1;
      begun = furtherOn(begun, pages);
      yield { ...page, cursor: { ...cursor, begun } };
    }
    if (!(await isStill(file, state))) return;
  }
  yield { records: [], rejects: [], cursor: withFile(cursor, name, state) };
}

function setAside(cursor: FilesCursor, name: string, state: FileState, reason: string): FilesPage {
  return {
    records: [],
    rejects: [{ origin: name, reason, raw: '' }],
    cursor: withFile(cursor, name, state),
  };
}

const groupingOf = ({ mapping }: FilesStream) => ({
  ...(mapping.id === undefined ? {} : { id: mapping.id }),
  ...(mapping.groupRows === undefined ? {} : { groupRows: mapping.groupRows }),
});

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
      .filter(isReadName)
      .sort();
  } catch (error) {
    throw new RetriableError(`the folder ${folder} cannot be read: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** Locked by another program, or a drive that went away: nothing is lost by coming back later. */
function unreachable(name: string, cause: unknown): RetriableError {
  return new RetriableError(`${name} cannot be read: ${(cause as Error).message}`, { cause });
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).errno === 'number';
}

function withFile({ mapping, files }: FilesCursor, name: string, state: FileState): FilesCursor {
  return { mapping, files: { ...files, [name]: state } };
}
