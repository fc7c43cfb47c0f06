import { buildHubSchema } from '../../../src/graph/execution/build-schema.ts';
import { startServer } from '../../../src/graph/http/server.ts';
import { AtpFeed, GroupCommit, StockEngine } from '../../../src/inventory/index.ts';
import { atpSubscription } from '../../../src/inventory/availability/api/atp-subscription.ts';
import { createResolvers } from '../../../src/inventory/inventory.resolvers.ts';
import type { Actor } from '../../../src/platform/api/actor.ts';
import { availabilitySource } from '../../../src/inventory/availability/live/availability-source.ts';
import { databaseModel, resolverClasses, subgraphs } from '../../../src/model.ts';
import type { ChangeBus } from '../../../src/platform/bus/change-bus.ts';
import { clientAddressBehind } from '../../../src/platform/process/client-address.ts';
import { loadConfig } from '../../../src/platform/process/config.ts';
import { connectOrm } from '../../../src/platform/database/database.ts';
import { createLogger } from '../../../src/platform/process/log.ts';
import { RequestContext } from '../../../src/platform/api/request-context.ts';
import type { TestDatabase } from '../database.ts';
import { admin } from './engine.ts';
import { adminKeyAccess } from '../../../src/access/admin-key.ts';

const ADMIN_KEY = 'test-admin-key-0123456789';
const NEVER_MS = 2_000_000_000;

export interface InventoryServer {
  url: string;
  adminKey: string;
  close: () => Promise<void>;
}

/**
 * The promise engine and its live feed behind the real server, in this process, with two differences to a hub: no
 * other process tells it anything, and it does not look at everything again every few seconds. What is pushed has
 * been pushed for its own reason.
 */
export async function startInventoryServer(database: TestDatabase): Promise<InventoryServer> {
  const log = createLogger('silent');
  const orm = await connectOrm(database.url, databaseModel);
  const feed = new AtpFeed(busOfOne(), availabilitySource(orm.em), log, NEVER_MS);
  const committer = new GroupCommit(database.url, log, ({ changed }) => feed.publish(changed));
  const engine = new StockEngine((submission) => committer.submit(submission));
  const orders = { shippedQuantities: async () => [], linesOfOrders: async () => [] };
  const resolvers = createResolvers(engine, orders as never, (places) => feed.publish(places));
  const contextOf = (actor: Actor, requestId?: string) =>
    new RequestContext(actor, () => orm.em.fork(), requestId);
  const atp = atpSubscription(feed, () => contextOf(admin));
  const server = await startServer(
    {
      schema: await buildHubSchema(resolverClasses, resolvers, { atp }),
      subgraphs: { model: subgraphs, mounted: [] },
      access: adminKeyAccess(ADMIN_KEY),
      contextOf,
      readiness: async () => ({ ready: true, parts: {} }),
      drainMs: 0,
      clientAddress: clientAddressBehind([]),
      connectionLimits: loadConfig({}).connections,
      socketLimits: loadConfig({}).sockets,
      costLimits: loadConfig({}).cost,
      log,
    },
    { host: '127.0.0.1', port: 0 },
  );
  return {
    url: server.url,
    adminKey: ADMIN_KEY,
    async close() {
      await server.drain();
      await committer.close();
      await feed.close();
      await orm.close();
    },
  };
}

function busOfOne(): ChangeBus {
  let told: (keys: readonly string[]) => void = () => undefined;
  return {
    publish: (_topic, keys) => told(keys),
    subscribe(_topic, onKeys) {
      told = onKeys;
      return () => undefined;
    },
    close: async () => undefined,
  };
}
