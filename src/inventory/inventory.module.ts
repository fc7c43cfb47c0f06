import { systemActors } from '../platform/api/system-actors.ts';
import type { HubModule } from '../platform/module.ts';
import { tasksOpened, type ReviewServices } from '../review/index.ts';
import type { SyncServices } from '../sync/index.ts';
import { atpSubscription } from './availability/api/atp-subscription.ts';
import { AtpFeed } from './availability/live/atp-feed.ts';
import { availabilitySource } from './availability/live/availability-source.ts';
import { Channel, FulfilmentNode, Pool, Sku } from './catalogue/catalogue.entities.ts';
import { nodeByCode } from './catalogue/catalogue.loaders.ts';
import { StockLevelRow } from './catalogue/stock-level.entity.ts';
import { quotaRebalancingJob } from './channels/quota-rebalancing.job.ts';
import { StockPublisher } from './channels/stock-publisher.ts';
import { GroupCommit } from './engine/commit/group-commit.ts';
import { CHANNEL_OVERSOLD, channelOversoldActions } from './engine/review-tasks/channel-oversold.ts';
import { PROMISE_BREACH, promiseBreachActions } from './engine/review-tasks/promise-breach.ts';
import { StockEngine } from './engine/stock-engine.ts';
import { inventoryAccess } from './inventory.access.ts';
import {
  createResolvers,
  operationsResolvers,
  ownResolvers,
  type OrderReaders,
} from './inventory.resolvers.ts';
import { stockChanged } from './inventory.signals.ts';
import { inventoryMigrations } from './migrations/inventory.migrations.ts';
import type { BalanceKey } from './model/balance-key.ts';
import { stockImporters } from './stock-importers.ts';
import { datedPromiseJob } from './supply/dated-promise.job.ts';

export interface InventoryNeeds {
  review: ReviewServices;
  sync: SyncServices;
  /** Order stands above inventory; these readers of it need nothing that is built. */
  orders: OrderReaders;
}

/** The promise engine, and its live feed. */
export interface InventoryServices {
  readonly engine: StockEngine;
  readonly feed: AtpFeed;
  /** Whether the engine can commit. @throws what keeps it from that */
  readonly checkEngine: () => Promise<void>;
}

export const inventoryModule = {
  name: 'inventory',
  entities: [Channel, FulfilmentNode, Pool, Sku, StockLevelRow],
  migrations: inventoryMigrations,
  resolvers: [...ownResolvers, ...operationsResolvers],
  subgraphs: {
    inventory: {
      resolvers: ownResolvers,
      entities: {
        Sku: { key: 'code', lookUp: { query: 'sku' } },
        FulfilmentNode: { key: 'code', lookUp: { load: nodeByCode } },
        Reservation: { key: 'id', lookUp: { query: 'reservation' } },
      },
    },
    operations: { resolvers: operationsResolvers },
  },
  access: inventoryAccess,
  build({ databaseUrl, orm, bus, signals, contextOf, log }, { review, sync, orders }) {
    const commit = new GroupCommit(databaseUrl, log, ({ changed, openedTasks }) => {
      signals.publish(stockChanged, changed);
      signals.publish(tasksOpened, openedTasks);
    });
    const engine = new StockEngine((submission) => commit.submit(submission));
    const feed = new AtpFeed(bus, availabilitySource(orm.em), log);
    signals.on(stockChanged, (places) => feed.publish(places));
    const publish = (places: readonly BalanceKey[]) => signals.publish(stockChanged, places);
    review.kinds.register(
      new Map([
        [PROMISE_BREACH, promiseBreachActions],
        [CHANNEL_OVERSOLD, channelOversoldActions],
      ]),
    );
    sync.importers.register(stockImporters(engine, orders.linesOfOrders));
    sync.tasks.register(({ source, ...parts }) =>
      source.stock && parts.bus
        ? new StockPublisher({ ...parts, bus: parts.bus, sink: source.stock })
        : undefined,
    );
    return {
      provides: { engine, feed, checkEngine: () => commit.check() },
      resolvers: createResolvers(engine, orders, publish),
      subscriptions: { atp: atpSubscription(feed, () => contextOf(systemActors.hub)) },
      jobs: [datedPromiseJob(orm.em, engine), quotaRebalancingJob(orm.em, publish)],
      async start() {
        // So that the first command finds a connection, also when others have used up the server's by then.
        await commit
          .check()
          .catch((error: unknown) => log.warn({ err: error }, 'the promise engine is not ready'));
      },
      async stop() {
        await commit.close();
        await feed.close();
      },
    };
  },
} satisfies HubModule<InventoryNeeds, InventoryServices>;
