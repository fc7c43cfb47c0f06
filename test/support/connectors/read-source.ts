import type { Cursor, RawRecord, Source, SourceStream } from '../../../connectors/spi/index.ts';
import { compileMapping, mapRecord } from '../../../src/sync/mapping/index.ts';
import { never } from './read-all.ts';

export async function sourceStream(source: Source, name: string): Promise<SourceStream> {
  const stream = (await source.discover(never)).find((one) => one.name === name);
  if (!stream) throw new Error(`no stream ${name}`);
  return stream;
}

/** What a stream has since a cursor; of at most so many pages. */
export async function readOn(
  source: Source,
  name: string,
  cursor: Cursor | null,
  pages = Number.POSITIVE_INFINITY,
): Promise<{ records: RawRecord[]; cursor: Cursor }> {
  const records: RawRecord[] = [];
  let [last, read] = [cursor, 0];
  for await (const page of source.read(await sourceStream(source, name), cursor, never)) {
    records.push(...page.records);
    // As it is stored.
    last = JSON.parse(JSON.stringify(page.cursor)) as Cursor;
    if (++read === pages) break;
  }
  return { records, cursor: last };
}

/** Records as the hub takes them. */
export async function mapped(
  source: Source,
  name: string,
  records: readonly RawRecord[],
): Promise<unknown[]> {
  const { mapping, mappingOrigin } = await sourceStream(source, name);
  const compiled = compileMapping(mapping, mappingOrigin);
  const results = await Promise.all(records.map((record) => mapRecord(compiled, record)));
  return results.map((result) => (result.ok ? result.record : `${result.origin}: ${result.reason}`));
}
