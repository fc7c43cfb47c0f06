import {
  checked,
  shippedStream,
  type Connector,
  type Cursor,
  type Page,
  type RawRecord,
  type Source,
} from '../spi/index.ts';
import { ZendeskClient, type ExportFrom, type Ticket } from './client.ts';
import { zendeskConfig, type ZendeskConfig } from './config.ts';
import tickets from './mappings/tickets.json' with { type: 'json' };
import { receivePush } from './webhook.ts';

const DAY_MS = 86_400_000;
/** An export may not begin within the last minute, which is left out of it. */
const FRESHEST_MS = 120_000;
/** As many tickets can be had by their ids at once; from memory, not verified. */
const IDS_AT_ONCE = 100;

const TICKETS = shippedStream('zendesk', 'tickets', tickets);

/** A help desk at Zendesk. Its export leaves out the last minute: pushes tell of that. */
export const zendeskConnector: Connector = {
  spec: { id: 'zendesk', kind: 'AFTER_SALES', title: 'Zendesk', configSchema: zendeskConfig.jsonSchema },
  open: (config) => source(zendeskConfig.parse(config)),
};

function source(config: ZendeskConfig): Source {
  const client = new ZendeskClient(config);
  const { webhookSecret } = config;
  const beginning = () => startAt(new Date(Date.now() - config.historyDays * DAY_MS));
  return {
    check: (signal) =>
      checked(() => client.exported(startAt(new Date()), signal), 'The account answers.', signal),
    discover: async () => [TICKETS],
    read: (_stream, cursor, signal) => read(client, (cursor as ExportFrom | null) ?? beginning(), signal),
    cursorFrom: (_stream, since): Cursor => ({ ...startAt(since) }),
    ...(webhookSecret === undefined
      ? {}
      : {
          webhook: {
            receive: async (push) => receivePush(push, webhookSecret, TICKETS.name),
            readBack: (_stream, ids, signal) => readBack(client, ids, signal),
          },
        }),
  };
}

function startAt(instant: Date): { start_time: number } {
  return { start_time: Math.floor(Math.min(instant.getTime(), Date.now() - FRESHEST_MS) / 1000) };
}

async function* read(client: ZendeskClient, from: ExportFrom, signal: AbortSignal): AsyncGenerator<Page> {
  for (let next = from; ;) {
    signal.throwIfAborted();
    const { tickets: found, after_cursor, end_of_stream } = await client.exported(next, signal);
    if (after_cursor !== null) {
      next = { cursor: after_cursor };
      yield { records: found.map(rawTicket), rejects: [], cursor: { ...next } };
    }
    if (end_of_stream || after_cursor === null) return;
  }
}

async function readBack(
  client: ZendeskClient,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<RawRecord[]> {
  const numbers = ids.filter((id) => /^\d+$/.test(id));
  const records: RawRecord[] = [];
  for (let from = 0; from < numbers.length; from += IDS_AT_ONCE) {
    const found = await client.ticketsByIds(numbers.slice(from, from + IDS_AT_ONCE), signal);
    records.push(...found.map(rawTicket));
  }
  return records;
}

function rawTicket(ticket: Ticket): RawRecord {
  return { id: String(ticket.id), origin: `ticket ${ticket.id}`, data: ticket };
}
