import type { Source } from '../connector.ts';
import type { Cursor, Page, RawRecord, SourceStream } from '../stream.ts';
import { must } from './expect.ts';
import type { ConformanceKit, SourceBed } from './kit.ts';

/** A read that gives more pages than this does not end. */
const MAX_PAGES = 10_000;
export const never = new AbortController().signal;

export const opened = ({ connector }: ConformanceKit, { config }: SourceBed) => connector.open(config);

export async function streamNamed(source: Source, name: string): Promise<SourceStream> {
  const stream = (await source.discover(never)).find((one) => one.name === name);
  must(stream !== undefined, `discover gives no stream ${name}.`);
  return stream;
}

/** All pages from a cursor on. */
export async function pagesFrom(
  source: Source,
  stream: SourceStream,
  cursor: Cursor | null,
): Promise<Page[]> {
  const pages: Page[] = [];
  for await (const page of source.read(stream, cursor, never)) {
    pages.push(page);
    must(pages.length <= MAX_PAGES, 'The read does not end.');
  }
  return pages;
}

export const recordsOf = (pages: readonly Page[]): RawRecord[] => pages.flatMap(({ records }) => records);

/** @throws Error naming those that are missing */
export function mustHave(records: readonly RawRecord[], ids: readonly string[], when: string): void {
  const read = new Set(records.map(({ id }) => id));
  const missing = ids.filter((id) => !read.has(id));
  must(
    missing.length === 0,
    `${when}, ${missing.length} of ${ids.length} records are missing: ${missing[0]}.`,
  );
}
