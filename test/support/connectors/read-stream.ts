import { pagesFrom, recordsOf, streamNamed } from '../../../connectors/spi/conformance/reading.ts';
import type { Cursor, RawRecord, Source } from '../../../connectors/spi/index.ts';
import { compileMapping, mapRecord } from '../../../src/sync/mapping/index.ts';

export { never, streamNamed } from '../../../connectors/spi/conformance/reading.ts';

/** What a stream gives from a cursor on, and what comes of it by the mapping that is shipped. */
export async function readStream(source: Source, name: string, cursor: Cursor | null = null) {
  const stream = await streamNamed(source, name);
  const pages = await pagesFrom(source, stream, cursor);
  const raw = recordsOf(pages);
  return {
    ids: raw.map(({ id }) => id),
    cursor: pages.at(-1)?.cursor ?? cursor,
    ...(await mapped(source, name, raw)),
  };
}

/** The records, and why some cannot be mapped. */
export async function mapped(source: Source, name: string, raw: readonly RawRecord[]) {
  const { mapping, mappingOrigin } = await streamNamed(source, name);
  const compiled = compileMapping(mapping, mappingOrigin);
  const results = await Promise.all(raw.map((record) => mapRecord(compiled, record)));
  return {
    records: results.flatMap((result) => (result.ok ? [result.record] : [])),
    problems: results.flatMap((result) => (result.ok ? [] : [result.reason])),
  };
}
