import type { Cursor, Page, RawRecord, Source, SourceStream } from '../../../connectors/spi/index.ts';

/** A source of SKUs that does what a test tells it to. */
export class TestSource {
  streams: SourceStream[] = [streamNamed('skus')];
  /** By stream: what a read gives, or throws. */
  readonly reads = new Map<string, (cursor: Cursor | null) => AsyncIterable<Page>>();
  /** What the source says when it has something new. */
  hint: () => void = () => undefined;
  failure: Error | undefined;
  readonly source: { -readonly [Part in keyof Source]: Source[Part] } = {
    check: async () => ({ ok: true, message: 'sound' }),
    discover: async () => {
      if (this.failure) throw this.failure;
      return this.streams;
    },
    read: (stream, cursor) => this.reads.get(stream.name)?.(cursor) ?? nothing(),
    watch: async (onChange) => {
      this.hint = () => onChange('a file');
    },
  };
}

export function streamNamed(
  name: string,
  fields: Record<string, string> = { code: 'code', title: 'title' },
): SourceStream {
  return { name, entity: 'sku', mapping: { entity: 'sku', fields }, mappingOrigin: `${name}.json` };
}

export function skuRecord(code: string, title = code): RawRecord {
  return { id: code, origin: `row ${code}`, data: { code, title } };
}

export function pageOf(records: RawRecord[], cursor: Cursor = 'end'): Page {
  return { records, rejects: [], cursor };
}

async function* nothing(): AsyncGenerator<Page> {
  // A source without anything new.
}
