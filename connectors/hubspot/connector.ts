import {
  behindPage,
  checked,
  listFrom,
  shippedStream,
  type Connector,
  type Cursor,
  type ListPosition,
  type Page,
  type RawRecord,
  type Source,
} from '../spi/index.ts';
import { HubspotClient, type Contact } from './client.ts';
import { hubspotConfig, type HubspotConfig } from './config.ts';
import contacts from './mappings/contacts.json' with { type: 'json' };

/** A search gives 10,000 results at most (source-systems.md §4). How far its index is behind is not documented. */
const RULES = { most: 10_000, overlapMs: 120_000, stepMs: 1 };

const CONTACTS = shippedStream('hubspot', 'contacts', contacts);

/** Contacts of a CRM at HubSpot. It pushes too, but how that is signed is not verified: it is polled. */
export const hubspotConnector: Connector = {
  spec: { id: 'hubspot', kind: 'CRM', title: 'HubSpot', configSchema: hubspotConfig.jsonSchema },
  open: (config) => source(hubspotConfig.parse(config)),
};

function source(config: HubspotConfig): Source {
  const client = new HubspotClient(config);
  return {
    check: (signal) => checked(() => client.contacts(new Date(), null, signal), 'The CRM answers.', signal),
    discover: async () => [CONTACTS],
    read: (_stream, cursor, signal) => read(client, config.pageSize, cursor, signal),
    cursorFrom: (_stream, since) => listFrom(since),
  };
}

async function* read(
  client: HubspotClient,
  pageSize: number,
  stored: Cursor | null,
  signal: AbortSignal,
): AsyncGenerator<Page> {
  let position = (stored ?? listFrom(new Date(0))) as unknown as ListPosition;
  for (;;) {
    signal.throwIfAborted();
    const { results, paging } = await client.contacts(new Date(position.since), position.after, signal);
    const last = results.at(-1);
    if (!last) return;
    const after = paging?.next?.after ?? null;
    const page = { lastChange: new Date(last.properties.lastmodifieddate), count: results.length, after };
    position = behindPage(position, page, { ...RULES, pageSize });
    yield { records: results.map(rawContact), rejects: [], cursor: { ...position } };
    if (after === null) return;
  }
}

function rawContact(contact: Contact): RawRecord {
  return { id: String(contact.id), origin: `contact ${contact.id}`, data: contact };
}
