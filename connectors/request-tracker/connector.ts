import {
  shippedStream,
  type CheckResult,
  type Connector,
  type Cursor,
  type RawRecord,
  type Source,
} from '../spi/index.ts';
import { PAGE_SIZE, RequestTrackerClient } from './client.ts';
import { requestTrackerConfig, type RequestTrackerConfig } from './config.ts';
import ticketsMapping from './mappings/tickets.json' with { type: 'json' };
import { messageSink } from './messages.ts';
import { changesSince } from './position.ts';
import { rawTicket, readTickets } from './read-tickets.ts';
import { verifiedPush } from './webhook.ts';

const TICKETS = shippedStream('request-tracker', 'tickets', ticketsMapping);

/** Tickets of Request Tracker 5 by its REST 2 interface, pushes of a Scrip, and messages to customers. */
export const requestTrackerConnector: Connector = {
  spec: {
    id: 'request-tracker',
    kind: 'AFTER_SALES',
    title: 'Request Tracker 5',
    configSchema: requestTrackerConfig.jsonSchema,
  },
  open: (config) => source(requestTrackerConfig.parse(config)),
};

function source(config: RequestTrackerConfig): Source {
  const client = new RequestTrackerClient(config);
  const { messagesAs, webhookSecret } = config;
  return {
    check: (signal) => check(client, signal),
    discover: async () => [TICKETS],
    read: (_stream, cursor, signal) => readTickets(client, cursor, signal),
    cursorFrom: (_stream, since) => changesSince(since) as unknown as Cursor,
    messages: messageSink(client, messagesAs),
    ...(webhookSecret === undefined
      ? {}
      : {
          webhook: {
            receive: async (push) => ({ hints: [verifiedPush(push, webhookSecret, TICKETS.name)] }),
            readBack: (_stream, ids, signal) => readBack(client, ids, signal),
          },
        }),
  };
}

async function check(client: RequestTrackerClient, signal: AbortSignal): Promise<CheckResult> {
  try {
    const version = await client.version(signal);
    if (!version.startsWith('5.'))
      return { ok: false, message: `Request Tracker ${version} answers; the connector is for version 5.` };
    const newest = await client.newestTransaction(signal);
    const sees = newest === undefined ? 'the user of the token sees no ticket yet' : 'tickets can be read';
    return { ok: true, message: `Request Tracker ${version} answers; ${sees}.` };
  } catch (error) {
    signal.throwIfAborted();
    return { ok: false, message: (error as Error).message };
  }
}

async function readBack(
  client: RequestTrackerClient,
  recordIds: readonly string[],
  signal: AbortSignal,
): Promise<RawRecord[]> {
  const ids = recordIds.filter((id) => /^[0-9]+$/.test(id));
  const records: RawRecord[] = [];
  for (let from = 0; from < ids.length; from += PAGE_SIZE)
    records.push(...(await client.ticketsByIds(ids.slice(from, from + PAGE_SIZE), signal)).map(rawTicket));
  return records;
}
