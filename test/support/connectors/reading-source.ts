import type { Connector, Cursor, Page, RawRecord, Source } from '../../../connectors/spi/index.ts';
import { compileMapping, mapRecord } from '../../../src/sync/mapping/index.ts';

export const never = new AbortController().signal;

/** Pages of a source's stream from a cursor on, which is kept as the hub keeps it. */
export async function pagesOf(source: Source, name: string, cursor: Cursor | null): Promise<Page[]> {
  const kept = JSON.parse(JSON.stringify(cursor)) as Cursor | null;
  return Array.fromAsync(source.read(await streamOf(source, name), kept, never));
}

/** Where a stream stands when all was read. */
export async function endOf(source: Source, name: string): Promise<Cursor> {
  return (await pagesOf(source, name, null)).at(-1)!.cursor;
}

/** Records by id, the newest of each. */
export function latest(pages: readonly Page[]): Map<string, RawRecord> {
  return new Map(pages.flatMap(({ records }) => records).map((record) => [record.id, record]));
}

/** As the hub takes it. @throws Error where it would be a dead letter */
export async function canonical(source: Source, name: string, record: RawRecord): Promise<unknown> {
  const { mapping, mappingOrigin } = await streamOf(source, name);
  const result = await mapRecord(compileMapping(mapping, mappingOrigin), record);
  if (!result.ok) throw new Error(result.reason);
  return result.record;
}

/** What a hub reads that is killed behind the first page and begins again with another process. */
export async function readWithKill(
  { open }: Connector,
  config: unknown,
  name: string,
  meanwhile: () => Promise<unknown>,
): Promise<Page[]> {
  const first: Page[] = [];
  const source = open(config);
  for await (const page of source.read(await streamOf(source, name), null, never)) {
    first.push(page);
    break;
  }
  await meanwhile();
  return [...first, ...(await pagesOf(open(config), name, first[0]!.cursor))];
}

export async function streamOf(source: Source, name: string) {
  const found = (await source.discover(never)).find((stream) => stream.name === name);
  if (!found) throw new Error(`There is no stream ${name}.`);
  return found;
}
