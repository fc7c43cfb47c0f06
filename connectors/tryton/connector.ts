import {
  checked,
  shippedStream,
  type CheckResult,
  type Connector,
  type Source,
  type SourceStream,
} from '../spi/index.ts';
import { TrytonClient } from './client.ts';
import { trytonConfig, type TrytonConfig } from './config.ts';
import complaintsMapping from './mappings/complaints.json' with { type: 'json' };
import partiesMapping from './mappings/parties.json' with { type: 'json' };
import { COMPLAINTS, PARTIES, type Feed } from './models.ts';
import { changesSince, readFeed } from './read-feed.ts';

interface TrytonStream extends SourceStream {
  readonly feed: Feed;
}

const CUSTOMERS: TrytonStream = { ...shippedStream('tryton', PARTIES.name, partiesMapping), feed: PARTIES };
const TICKETS: TrytonStream = {
  ...shippedStream('tryton', COMPLAINTS.name, complaintsMapping),
  feed: COMPLAINTS,
};

/** Parties and complaints of Tryton 6.0 by JSON-RPC. It pushes nothing: it is polled. */
export const trytonConnector: Connector<TrytonStream> = {
  spec: { id: 'tryton', kind: 'CRM', title: 'Tryton 6.0', configSchema: trytonConfig.jsonSchema },
  open: (config) => source(trytonConfig.parse(config)),
};

function source(config: TrytonConfig): Source<TrytonStream> {
  const client = new TrytonClient(config);
  const streams = config.complaints ? [CUSTOMERS, TICKETS] : [CUSTOMERS];
  return {
    check: (signal) => check(client, streams, signal),
    discover: async () => streams,
    read: ({ feed }, cursor, signal) => readFeed(client, feed, cursor, signal),
    cursorFrom: (_stream, since) => changesSince(since),
  };
}

function check(
  client: TrytonClient,
  streams: readonly TrytonStream[],
  signal: AbortSignal,
): Promise<CheckResult> {
  const good = `Tryton answers; ${streams.map(({ name }) => name).join(' and ')} can be read.`;
  // Each model by itself: a right may be missing for one of them, or its module.
  const probe = async () => {
    for (const { model } of streams.flatMap(({ feed }) => feed.models))
      await client.searchRead(
        model,
        { domain: [], limit: 1, order: [['id', 'ASC']], fields: ['id'] },
        signal,
      );
  };
  return checked(probe, good, signal);
}
