import { filesConnector, type FilesStream } from '../../../connectors/files/index.ts';
import type { Cursor, RawRecord, Reject } from '../../../connectors/spi/index.ts';

export const never = new AbortController().signal;

export interface ReadResult {
  records: RawRecord[];
  rejects: Reject[];
  cursor: Cursor | null;
}

/** The stream of a folder by name. Files are taken as settled, unless a test is about that. */
export async function streamOf(folder: string, name: string, settleMs = 0): Promise<FilesStream> {
  const streams = await filesConnector.open({ folder, settleMs }).discover(never);
  const stream = streams.find((one) => one.name === name);
  if (!stream) throw new Error(`no stream ${name} among ${streams.map((one) => one.name).join(', ')}`);
  return stream;
}

/** Everything a stream has since the cursor. */
export async function readAll(stream: FilesStream, cursor: Cursor | null = null): Promise<ReadResult> {
  const result: ReadResult = { records: [], rejects: [], cursor };
  for await (const page of filesConnector
    .open({ folder: stream.config.folder })
    .read(stream, cursor, never)) {
    result.records.push(...page.records);
    result.rejects.push(...page.rejects);
    result.cursor = page.cursor;
  }
  return result;
}
