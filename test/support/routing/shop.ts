import { afterAll, beforeAll } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { GroupCommit, StockEngine } from '../../../src/inventory/index.ts';
import { recordImporters } from '../sync/record-importers.ts';
import { databaseModel } from '../../../src/model.ts';
import type { OrderInput } from '../../../src/order/index.ts';
import { connectOrm, type Orm } from '../../../src/platform/database/database.ts';
import { idempotencyOf } from '../../../src/platform/api/idempotency.ts';
import { createLogger } from '../../../src/platform/process/log.ts';
import { ReviewService } from '../../../src/review/index.ts';
import {
  DecisionPool,
  RoutingJob,
  FulfilmentService,
  importTracking,
  OrderRouter,
  routingActions,
  type RoutingNews,
  type TrackingInput,
} from '../../../src/routing/index.ts';
import { queueFulfilment } from '../../../src/routing/shipments/queue-fulfilment.ts';
import { ensureStarterRules } from '../../../src/routing/store/rule-set-store.ts';
import { createTestDatabase, type TestDatabase } from '../database.ts';
import { admin, countOf, submission } from '../inventory/engine.ts';
import { NOON } from '../inventory/engine-fixture.ts';
import { service, zone } from './fixtures.ts';

/** A small shop: warehouses EAST and WEST, a store, one carrier; orders come in as from a channel's export. */
export interface Shop {
  database: TestDatabase;
  orm: Orm;
  engine: StockEngine;
  router: OrderRouter;
  deciders: DecisionPool;
  autoRouter: RoutingJob;
  fulfilment: FulfilmentService;
  review: ReviewService;
  news: RoutingNews[];
  alerts: string[];
  stock: (sku: string, node: string, units: number) => Promise<unknown>;
  /** Sources that are told what has left. */
  takesFulfilments: Set<string>;
  /** Takes an order in, from the import folder unless a source is named. @returns its id */
  take: (order: OrderInput, connector?: string) => Promise<string>;
  route: (orderId: string, more?: { dryRun?: boolean; key?: string }) => ReturnType<OrderRouter['route']>;
  answer: (
    shipmentId: string,
    answer: 'ACKNOWLEDGED' | 'REJECTED' | 'SHIPPED',
    more?: {
      reason?: string;
      lines?: { sku: string; quantity: number }[];
      key?: string;
      trackingNumber?: string;
    },
  ) => ReturnType<FulfilmentService['record']>;
  /** Takes in what a carrier says. @returns the reasons of what was refused */
  tracked: (events: readonly TrackingInput[]) => Promise<string[]>;
  stateOf: (orderId: string) => Promise<string>;
  shipments: (
    orderId: string,
  ) => Promise<{ id: string; node: string; state: string; lines: { sku: string; quantity: number }[] }[]>;
  openTask: (kind: string) => Promise<{ id: string; subject: string; summary: string } | undefined>;
}

const SKUS = ['MUG', 'ICE', 'RING', 'LAMP'];

export function shopFixture(): Shop {
  const shop = { news: [], alerts: [], takesFulfilments: new Set() } as unknown as Shop;
  let close: () => Promise<void>;
  beforeAll(async () => {
    close = await open(shop);
  });
  afterAll(() => close?.());
  return shop;
}

async function open(shop: Shop): Promise<() => Promise<void>> {
  const database = await createTestDatabase();
  await seed(database);
  await database.setClock(NOON);
  const orm = await connectOrm(database.url, databaseModel);
  await ensureStarterRules(orm.em.fork());
  const log = createLogger('silent');
  const committer = new GroupCommit(database.url, log, () => undefined);
  const engine = new StockEngine((command) => committer.submit(command));
  const tell = (told: RoutingNews) => void shop.news.push(told);
  const deciders = new DecisionPool({ workers: 1, log });
  const router = new OrderRouter(orm.em, engine, deciders, tell);
  const importers = recordImporters(engine);
  const autoRouter = new RoutingJob(orm.em, engine, router, tell, log);
  const fulfilment = new FulfilmentService(
    orm.em,
    engine,
    () => undefined,
    (em, { id, orderId }) =>
      queueFulfilment(em, (source) => shop.takesFulfilments.has(source), { shipmentId: id, orderId }),
  );
  const review = new ReviewService(
    orm.em,
    routingActions(engine),
    log,
    (ids) => void shop.alerts.push(...ids),
  );
  Object.assign(shop, { database, orm, engine, router, autoRouter, fulfilment, review, deciders });
  shop.stock = (sku, node, units) => committer.submit(submission(countOf(sku, units, node)));
  shop.take = async (order, connector = 'files') => {
    const { rejected } = await orm.em
      .fork()
      .transactional((em) => importers.order(em, [order], { connector, stream: 'orders' }));
    if (rejected.length > 0) throw new Error(rejected[0]!.reason);
    const [row] = await database.query<{ id: string }>(
      'select id from sales_order where channel = $1 and external_id = $2',
      [order.channel, order.externalId],
    );
    return row!.id;
  };
  shop.route = (orderId, { dryRun = false, key = randomUUID() } = {}) =>
    router.route({
      orderId,
      dryRun,
      call: {
        actor: admin,
        idempotency: idempotencyOf('routeOrder', { idempotencyKey: key, orderId, dryRun }),
      },
    });
  shop.answer = (shipmentId, answer, { key = randomUUID(), reason, lines, trackingNumber } = {}) => {
    const report = { shipmentId, answer, reason, lines, trackingNumber };
    const idempotency = idempotencyOf('recordFulfilment', { idempotencyKey: key, ...report });
    return fulfilment.record(report, { actor: admin, idempotency });
  };
  shop.tracked = async (events) => {
    const { rejected } = await orm.em.fork().transactional((em) => importTracking(em, events));
    return rejected.map(({ reason }) => reason);
  };
  shop.stateOf = async (orderId) =>
    (await database.query<{ state: string }>('select state from sales_order where id = $1', [orderId]))[0]!
      .state;
  shop.shipments = (orderId) =>
    database.query('select id, node, state, lines from shipment where order_id = $1 order by id', [orderId]);
  shop.openTask = async (kind) =>
    (
      await database.query<{ id: string; subject: string; summary: string }>(
        `select id, subject, summary from review_task where kind = $1 and status = 'OPEN'`,
        [kind],
      )
    )[0];
  return async () => {
    await deciders.close();
    await committer.close();
    await orm.close();
    await database.drop();
  };
}

export async function seed(database: TestDatabase): Promise<void> {
  await database.query(
    `insert into node (code, name, kind, city, province, latitude, longitude, pool, temperature_classes, fallback_node,
       handling_cost_minor) values
     ('EAST', 'East', 'WAREHOUSE', 'Hangzhou', 'Zhejiang', 30.4, 120.3, 'MAIN', '{AMBIENT,CHILLED,FROZEN}', 'WEST', 100),
     ('WEST', 'West', 'WAREHOUSE', 'Chengdu', 'Sichuan', 30.9, 104.3, 'MAIN', '{AMBIENT,CHILLED,FROZEN}', 'EAST', 200),
     ('SHOP', 'Shop', 'STORE', 'Wuhan', 'Hubei', 30.6, 114.1, 'MAIN', '{AMBIENT}', null, 300)`,
  );
  await database.query(
    `insert into sku (code, title, weight_grams, length_mm, width_mm, height_mm, temperature_class)
     select code, code, 400, 100, 100, 100, case code when 'ICE' then 'FROZEN' else 'AMBIENT' end
     from unnest($1::text[]) as code`,
    [SKUS],
  );
  const facts = service('VAN', {
    zones: [zone({ match: 'SAME_PROVINCE', baseMinor: 500 }), zone()],
    temperatureClasses: ['AMBIENT', 'CHILLED', 'FROZEN'],
  });
  await database.query('insert into carrier_service (code, facts) values ($1, $2)', [
    facts.code,
    JSON.stringify(facts),
  ]);
}

/** A paid order to Hangzhou. */
export function paidOrder(
  externalId: string,
  lines: [sku: string, quantity: number][],
  more: Partial<OrderInput> = {},
) {
  return {
    channel: 'shop',
    externalId,
    state: 'PAID' as const,
    placedAt: '2026-11-22T03:00:00Z',
    buyer: {},
    currency: 'CNY',
    totalMinor: 9_900,
    deliveryMethod: 'DELIVERY' as const,
    shipTo: { province: 'Zhejiang', city: 'Hangzhou' },
    lines: lines.map(([sku, quantity], index) => ({
      externalId: `${index + 1}`,
      sku,
      quantity,
      unitPriceMinor: 100,
    })),
    ...more,
  };
}
