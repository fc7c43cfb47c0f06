import {
  checked,
  shippedStream,
  type Connector,
  type Cursor,
  type Page,
  type RawRecord,
  type Source,
} from '../spi/index.ts';
import { SampleApiClient, type ApiPerson } from './client.ts';
import { sampleApiConfig, type SampleApiConfig } from './config.ts';
import peopleMapping from './mappings/people.json' with { type: 'json' };
import { verifiedPush } from './webhook.ts';

/** The API tells instants in whole seconds and may commit late: what was read is read again from here back. */
const OVERLAP_SECONDS = 5;
const BEGINNING = '1970-01-01T00:00:00Z';

const PEOPLE = shippedStream('sample-api', 'people', peopleMapping);

/** A source to begin from: one stream, a cursor of (instant, id), pushes that are read back. */
export const sampleApiConnector: Connector = {
  spec: { id: 'sample-api', kind: 'CRM', title: 'Sample API', configSchema: sampleApiConfig.jsonSchema },
  open: (config) => source(sampleApiConfig.parse(config)),
};

function source(config: SampleApiConfig): Source {
  const client = new SampleApiClient(config);
  const { webhookSecret } = config;
  return {
    check: (signal) =>
      checked(() => client.people(toSeconds(new Date()), '', signal), 'The API answers.', signal),
    discover: async () => [PEOPLE],
    read: (_stream, cursor, signal) => read(client, config.pageSize, cursor, signal),
    cursorFrom: (_stream, since): Cursor => ({ since: toSeconds(since), id: '' }),
    ...(webhookSecret === undefined
      ? {}
      : {
          webhook: {
            receive: async (push) => ({ hints: [verifiedPush(push, webhookSecret, PEOPLE.name)] }),
            readBack: async (_stream, ids, signal) => (await client.peopleByIds(ids, signal)).map(rawPerson),
          },
        }),
  };
}

/** Where the next page begins: behind the person `id` of the second `since`. */
interface Position {
  since: string;
  id: string;
}

async function* read(
  client: SampleApiClient,
  pageSize: number,
  stored: Cursor | null,
  signal: AbortSignal,
): AsyncGenerator<Page> {
  let position = (stored as Position | null) ?? { since: BEGINNING, id: '' };
  for (;;) {
    signal.throwIfAborted();
    const people = await client.people(position.since, position.id, signal);
    const last = people.at(-1);
    if (last) position = { since: last.updated_at, id: last.id };
    const isEnd = people.length < pageSize;
    const cursor = isEnd ? withOverlap(position) : position;
    if (people.length > 0) yield { records: people.map(rawPerson), rejects: [], cursor: { ...cursor } };
    if (isEnd) return;
  }
}

function rawPerson(person: ApiPerson): RawRecord {
  return { id: person.id, origin: `people ${person.id}`, data: person };
}

/** The next read begins a little earlier; records are idempotent. */
function withOverlap({ since }: Position): Position {
  return { since: toSeconds(new Date(Date.parse(since) - OVERLAP_SECONDS * 1000)), id: '' };
}

function toSeconds(instant: Date): string {
  return `${instant.toISOString().slice(0, 19)}Z`;
}
