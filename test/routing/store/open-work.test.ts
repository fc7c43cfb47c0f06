import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { newId } from '../../../src/platform/database/ids.ts';
import { readOpenWork } from '../../../src/routing/store/open-work-store.ts';
import { connect } from '../../support/inventory/engine.ts';
import { paidOrder, shopFixture } from '../../support/routing/shop.ts';
import { until } from '../../support/until.ts';

const shop = shopFixture();

/** Counted from the shipments themselves. */
const counted = () =>
  shop.database.query<{ node: string; rule: string; orders: number }>(
    `select node, rule, count(distinct order_id)::int as orders
     from shipment cross join lateral (select '' as rule union select unnest(counts_towards)) r
     where state in ('PLANNED', 'ACKNOWLEDGED') group by node, rule order by node, rule`,
  );
const kept = () =>
  shop.database.query<{ node: string; rule: string; orders: number }>(
    `select node, rule, sum(orders)::int as orders from node_open_work
     group by node, rule having sum(orders) <> 0 order by node, rule`,
  );

async function decisionOf(externalId: string): Promise<{ orderId: string; decisionId: string }> {
  const orderId = await shop.take(paidOrder(externalId, [['MUG', 1]]));
  const decisionId = newId();
  await shop.database.query(
    `insert into routing_decision (id, order_id, rule_set_id, cohort, mode, engine_version, input, outcome, reservation_ids,
       shipment_ids, status, decided_at, duration_ms)
     select $1, $2, id, 'ACTIVE', 'NORMAL', '2', '{}', '{}', '{}', '{}', 'FINAL', hub_now(), 0 from rule_set limit 1`,
    [decisionId, orderId],
  );
  return { orderId, decisionId };
}

const INSERT = `insert into shipment (id, decision_id, order_id, node, state, lines, estimated_arrival, counts_towards, created_at)
  values ($1, $2, $3, $4, $5, '[]', hub_now(), $6, hub_now())`;
const states = ['PLANNED', 'ACKNOWLEDGED', 'REJECTED', 'SHIPPED', 'CANCELLED', 'UNANSWERED'];

test('the counters of open work are what a count of the shipments gives, whatever happens to them', async () => {
  await shop.stock('MUG', 'EAST', 100);
  const orders = await Promise.all(['A', 'B', 'C', 'D'].map(decisionOf));
  const ids: string[] = [];
  const some = fc.record({
    what: fc.constantFrom('insert', 'insert', 'state', 'state', 'node', 'all', 'delete'),
    order: fc.nat({ max: 3 }),
    node: fc.constantFrom('EAST', 'WEST'),
    state: fc.constantFrom(...states),
    rules: fc.subarray(['one', 'two']),
    pick: fc.nat(),
  });
  for (const { what, order, node, state, rules, pick } of fc.sample(some, { numRuns: 250, seed: 3 })) {
    const id = ids[pick % Math.max(1, ids.length)];
    const { orderId, decisionId } = orders[order]!;
    if (what === 'insert') {
      ids.push(newId());
      await shop.database.query(INSERT, [ids.at(-1), decisionId, orderId, node, state, rules]);
    } else if (what === 'all')
      await shop.database.query('update shipment set state = $1 where order_id = $2', [state, orderId]);
    else if (what === 'state')
      await shop.database.query('update shipment set state = $1 where id = $2', [state, id]);
    else if (what === 'node')
      await shop.database.query('update shipment set node = $1, counts_towards = $2 where id = $3', [
        node,
        rules,
        id,
      ]);
    else await shop.database.query('delete from shipment where id = $1', [id]);
    expect(await kept()).toEqual(await counted());
  }
  const work = await readOpenWork(shop.orm.em.fork(), newId(), ['one']);
  for (const { node, rule, orders: count } of await counted()) {
    if (rule === '') expect(work.openOrders.get(node)).toBe(count);
    if (rule === 'one') expect(work.openOrdersOf(rule, node)).toBe(count);
  }
  expect(work.limitUse.every(({ rule }) => rule === 'one')).toBe(true);
});

test('two transactions that close the last two shipments of an order at a node both count', async () => {
  const { orderId, decisionId } = await decisionOf('E');
  const both = [newId(), newId()];
  for (const id of both) await shop.database.query(INSERT, [id, decisionId, orderId, 'SHOP', 'PLANNED', []]);
  const [one, two] = [await connect(shop.database.url), await connect(shop.database.url)];
  try {
    const close = `update shipment set state = 'SHIPPED' where id = $1`;
    await one.query('begin');
    await one.query(close, [both[0]]);
    const other = two.query(close, [both[1]]);
    await until(async () => {
      const [row] = await shop.database.query<{ waits: boolean }>(
        `select exists (select 1 from pg_stat_activity where wait_event_type = 'Lock' and query = $1) as waits`,
        [close],
      );
      return row!.waits;
    });
    await one.query('commit');
    await other;
  } finally {
    await one.end();
    await two.end();
  }
  expect((await kept()).filter(({ node }) => node === 'SHOP')).toEqual([]);
});

test('what a decision gives a node counts before it is carried out, and for its own order does not', async () => {
  const { orderId, decisionId } = await decisionOf('F');
  await shop.database.query(
    `update routing_decision set status = 'PENDING', planned_work = '[{"node": "SHOP", "rules": ["one"]}]' where id = $1`,
    [decisionId],
  );
  const of = async (id: string) => readOpenWork(shop.orm.em.fork(), id, ['one']);
  expect((await of(newId())).openOrders.get('SHOP')).toBe(1);
  expect((await of(newId())).openOrdersOf('one', 'SHOP')).toBe(1);
  expect((await of(orderId)).openOrders.get('SHOP')).toBeUndefined();
});
