import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createLogger } from '../../../src/platform/process/log.ts';
import { DecisionPool, OrderRouter, RoutingJob, type Decider } from '../../../src/routing/index.ts';
import { HubError } from '../../../src/platform/errors.ts';
import { later, NOON } from '../../support/inventory/engine-fixture.ts';
import { auditOf } from '../../support/inventory/stock.ts';
import { paidOrder, shopFixture } from '../../support/routing/shop.ts';

const shop = shopFixture();
const log = createLogger('silent');
const pools: DecisionPool[] = [];

/** One more hub process, as far as routing goes. */
function anotherJob(decider?: Decider): RoutingJob {
  const pool = new DecisionPool({ workers: 1, log });
  pools.push(pool);
  const tell = () => undefined;
  return new RoutingJob(
    shop.orm.em,
    shop.engine,
    new OrderRouter(shop.orm.em, shop.engine, decider ?? pool, tell),
    tell,
    log,
  );
}
/** Decides as the shop does, except for orders that are to go wrong. */
const failingFor = (ids: ReadonlySet<string>, error: () => Error): Decider => ({
  decide: (job) => (ids.has(job.input.order.id) ? Promise.reject(error()) : shop.deciders.decide(job)),
  unconstrainedCost: (job) => shop.deciders.unconstrainedCost(job),
});
async function take(names: string[], more = {}): Promise<string[]> {
  const ids = [];
  for (const name of names) ids.push(await shop.take(paidOrder(name, [['MUG', 1]], more)));
  return ids;
}
const statesOf = async (ids: string[]) => Promise.all(ids.map((id) => shop.stateOf(id)));
const names = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`);

beforeEach(async () => {
  await shop.database.setClock(NOON);
  for (const node of ['EAST', 'WEST']) await shop.stock('MUG', node, 200);
});
afterEach(async () => {
  for (const pool of pools.splice(0)) await pool.close();
  expect(await auditOf(shop.orm)).toEqual([]);
  await shop.database.query(`update node set daily_capacity = null`);
  await shop.database.query(`update review_task set status = 'RESOLVED' where status = 'OPEN'`);
  await shop.database.query(`update sales_order set state = 'CLOSED' where state = 'PAID'`);
  await shop.database.query(`update shipment set state = 'CANCELLED' where state = 'PLANNED'`);
});

describe('several processes at once', () => {
  test('route each order once, and none is decided twice', async () => {
    const ids = await take(names('M', 40));
    await Promise.all([shop.autoRouter, anotherJob(), anotherJob()].map((job) => job.run()));
    await shop.autoRouter.run(); // what was locked in the instant another one looked
    expect(new Set(await statesOf(ids))).toEqual(new Set(['ROUTED']));
    const [row] = await shop.database.query(
      `select count(*)::int as decisions, count(distinct order_id)::int as orders,
         (select count(*)::int from shipment where order_id = any ($1)) as shipments,
         (select count(*)::int from routing_claim) as claims
       from routing_decision where order_id = any ($1)`,
      [ids],
    );
    expect(row).toEqual({ decisions: 40, orders: 40, shipments: 40, claims: 0 });
  });

  test('give a node no more than its capacity', async () => {
    await shop.database.query(`update node set daily_capacity = 7 where code = 'EAST'`);
    const ids = await take(names('C', 24));
    await Promise.all([shop.autoRouter, anotherJob(), anotherJob()].map((job) => job.run()));
    await shop.autoRouter.run();
    expect(new Set(await statesOf(ids))).toEqual(new Set(['ROUTED']));
    const open = await shop.database.query(
      `select node, count(*)::int as orders from shipment where order_id = any ($1) group by node order by node`,
      [ids],
    );
    expect(open).toEqual([
      { node: 'EAST', orders: 7 },
      { node: 'WEST', orders: 17 },
    ]);
  });

  test('take over what a process that has died was working on', async () => {
    const [id] = await take(['D0']);
    await shop.database.query(
      `insert into routing_claim (order_id, until) values ($1, hub_now() + interval '30 s')`,
      [id],
    );
    await shop.autoRouter.run();
    expect(await shop.stateOf(id!)).toBe('PAID');
    await shop.database.setClock(later(30));
    await shop.autoRouter.run();
    expect(await shop.stateOf(id!)).toBe('ROUTED');
  });
});

describe('orders that fail', () => {
  test('for a while do not hold those behind them, and are tried again after longer and longer', async () => {
    const first = await take(names('F', 25), { priority: 9 });
    const behind = await take(names('G', 5));
    const overloaded = () => new HubError('OVERLOADED', 'busy', { retryAfterSeconds: 1 });
    await anotherJob(failingFor(new Set(first), overloaded)).run();
    expect(new Set(await statesOf(behind))).toEqual(new Set(['ROUTED']));
    expect(new Set(await statesOf(first))).toEqual(new Set(['PAID']));
    await shop.autoRouter.run();
    expect(new Set(await statesOf(first))).toEqual(new Set(['PAID'])); // not yet
    await shop.database.setClock(later(2));
    await shop.autoRouter.run();
    expect(new Set(await statesOf(first))).toEqual(new Set(['ROUTED']));
  });

  test('because their decision hangs become a task, and those behind them go on', async () => {
    const [hanging] = await take(['H0'], { priority: 9 });
    const behind = await take(names('I', 3));
    const unruly = new DecisionPool({
      workers: 1,
      log,
      fuseMs: 1_500,
      entry: new URL('../../support/routing/unruly-worker.mjs', import.meta.url),
    });
    pools.push(unruly);
    const decider: Decider = {
      decide: (job) =>
        job.input.order.id === hanging
          ? unruly.decide({ ...job, input: { ...job.input, order: { ...job.input.order, id: 'hang' } } })
          : shop.deciders.decide(job),
      unconstrainedCost: (job) => shop.deciders.unconstrainedCost(job),
    };
    await anotherJob(decider).run();
    expect(new Set(await statesOf(behind))).toEqual(new Set(['ROUTED']));
    expect(await shop.openTask('ROUTING_FAILED')).toMatchObject({
      subject: hanging,
      summary: expect.stringMatching(/did not end, twice/),
    });
    await shop.review.resolve((await shop.openTask('ROUTING_FAILED'))!.id, 'ROUTE_AGAIN', null, 'ops');
    await shop.autoRouter.run();
    expect(await shop.stateOf(hanging!)).toBe('ROUTED');
  });
});

test('an order that changes while it is decided is decided as it is then', async () => {
  const [id] = await take(['J0']);
  let changed = false;
  const decider: Decider = {
    decide: async (job) => {
      const decided = await shop.deciders.decide(job);
      if (!changed)
        await shop.database.query(
          `update sales_order set ship_to = '{"province": "Sichuan", "city": "Chengdu"}' where id = $1`,
          [id],
        );
      changed = true;
      return decided;
    },
    unconstrainedCost: (job) => shop.deciders.unconstrainedCost(job),
  };
  // Nothing is locked meanwhile, or the change would wait for the decision for ever.
  await anotherJob(decider).run();
  expect(await shop.shipments(id!)).toMatchObject([{ node: 'WEST' }]);
  expect(
    await shop.database.query('select count(*)::int as decisions from routing_decision where order_id = $1', [
      id,
    ]),
  ).toEqual([{ decisions: 1 }]);
});
