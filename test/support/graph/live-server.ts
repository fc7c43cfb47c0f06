import { buildSchema } from 'graphql';
import { startServer } from '../../../src/graph/http/server.ts';
import { SubscriberGroups } from '../../../src/inventory/availability/live/subscriber-groups.ts';
import { AtpFeed } from '../../../src/inventory/availability/live/atp-feed.ts';
import { AtpWatch } from '../../../src/inventory/availability/live/atp-watch.ts';
import type { LiveUpdate } from '../../../src/inventory/availability/live/latest-value-queue.ts';
import { type Access } from '../../../src/platform/api/actor.ts';
import { loadConfig } from '../../../src/platform/process/config.ts';
import { clientAddressBehind } from '../../../src/platform/process/client-address.ts';
import { createLogger } from '../../../src/platform/process/log.ts';
import { RequestContext } from '../../../src/platform/api/request-context.ts';
import type { SocketLimits } from '../../../src/platform/process/socket-limits.ts';
import { readingOf } from '../inventory/live-reading.ts';
import { adminKeyAccess } from '../../../src/access/admin-key.ts';
import { balanceKeyString } from '../../../src/inventory/model/balance-key.ts';

const schema = buildSchema(`
  type Query { text(characters: Int!): String }
  type Subscription { atp(skus: [ID!]!, resume: [Seen!], channel: ID): Update }
  input Seen { sku: ID! version: String! }
  type Update {
    kind: String
    sku: ID
    onHand: Int
    version: String
    previousVersion: String
    coalesced: Int
    channel: ID
    partner: String
    filler(characters: Int!): String
    failure: String
  }
`);

export interface LiveServer {
  url: string;
  adminKey: string;
  /** Changes the number of a SKU, and has the feed look. */
  change: (sku: string) => void;
  /** How often `atp` was resolved: one execution each. */
  executions: () => number;
  /** How many SKUs were read, as from the database. */
  reads: () => number;
  audiences: SubscriberGroups;
  stop: () => Promise<void>;
}

/** The hub's own server, sockets and live feed over a schema of its own and numbers of its own: no database. */
export async function startLiveServer(
  socketLimits: Partial<SocketLimits> = {},
  ownAccess?: Access,
): Promise<LiveServer> {
  const counted = { executions: 0, reads: 0 };
  const versions = new Map<string, number>();
  const log = createLogger('silent');
  const bus = { publish: () => undefined, subscribe: () => () => undefined, close: async () => undefined };
  const read = async (places: readonly { sku: string }[]) => {
    counted.reads += places.length;
    return places.map(({ sku }) => readingOf(sku, versions.get(sku) ?? 0));
  };
  const feed = new AtpFeed(bus, { read, moved: async () => [] }, log);
  const audiences = new SubscriberGroups(feed);
  resolveWith(feed, audiences, () => (counted.executions += 1));
  const adminKey = 'live-server-admin-key';
  const server = await startServer(
    {
      schema,
      access: ownAccess ?? adminKeyAccess(adminKey),
      contextOf: (actor, requestId) => new RequestContext(actor, () => Promise.reject() as never, requestId),
      readiness: async () => ({ ready: true, parts: {} }),
      drainMs: 0,
      subgraphs: { model: {}, mounted: [] },
      costLimits: loadConfig({}).cost,
      clientAddress: clientAddressBehind([]),
      connectionLimits: loadConfig({}).connections,
      socketLimits: { ...loadConfig({}).sockets, ...socketLimits },
      log,
    },
    { host: '127.0.0.1', port: 0 },
  );
  return {
    url: server.url,
    adminKey,
    change: (sku) => {
      versions.set(sku, (versions.get(sku) ?? 0) + 1);
      feed.look({ sku, pool: 'MAIN' });
    },
    executions: () => counted.executions,
    reads: () => counted.reads,
    audiences,
    async stop() {
      await server.drain();
      await feed.close();
    },
  };
}

interface Args {
  skus: string[];
  resume?: { sku: string; version: string }[];
  channel?: string;
}

function resolveWith(feed: AtpFeed, audiences: SubscriberGroups, executed: () => void): void {
  const atp = schema.getSubscriptionType()!.getFields().atp!;
  atp.subscribe = (_source, { skus, resume }: Args) =>
    new AtpWatch(
      feed,
      audiences,
      skus.map((sku) => ({ sku, pool: 'MAIN' })),
      new Map(resume?.map(({ sku, version }) => [balanceKeyString(sku, 'MAIN'), version])),
    );
  atp.resolve = (update: LiveUpdate, { channel }: Args, { actor }: RequestContext) => {
    executed();
    const { reading, ...rest } = update;
    const { sku, version, figures } = reading;
    const { partner } = actor;
    return {
      ...rest,
      sku,
      version,
      onHand: figures.onHand,
      channel,
      partner,
      filler: ({ characters }: { characters: number }) => 'x'.repeat(characters),
      failure: () => {
        throw new Error('a secret of the hub');
      },
    };
  };
  schema.getQueryType()!.getFields().text!.resolve = (_source, { characters }: { characters: number }) =>
    'x'.repeat(characters);
}
