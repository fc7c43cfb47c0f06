import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { later, NOON } from '../../support/inventory/engine-fixture.ts';
import { auditOf } from '../../support/inventory/stock.ts';
import { paidOrder, shopFixture } from '../../support/routing/shop.ts';

const shop = shopFixture();
let next = 0;
const orderOf = (...[lines, more]: [Parameters<typeof paidOrder>[1], Parameters<typeof paidOrder>[2]?]) =>
  shop.take(paidOrder(`O${next++}`, lines, more));
const levels = (sku: string) =>
  shop.database.query('select node, on_hand, allocated from stock_level where sku = $1 order by node', [sku]);

beforeEach(async () => {
  await shop.database.setClock(NOON);
  for (const sku of ['MUG', 'ICE', 'RING', 'LAMP'])
    for (const node of ['EAST', 'WEST', 'SHOP']) await shop.stock(sku, node, node === 'SHOP' ? 0 : 20);
});
afterEach(async () => {
  expect(await auditOf(shop.orm)).toEqual([]);
  // What one test leaves open must not wait for the next one's clock.
  await shop.database.query(`update review_task set status = 'RESOLVED' where status = 'OPEN'`);
  await shop.database.query(`update shipment set escalated_at = hub_now() where escalated_at is null`);
  await shop.database.query(
    `update sales_order set state = 'CLOSED' where state in ('PAID', 'HELD_FOR_REVIEW', 'UNROUTABLE', 'ROUTED')`,
  );
});

describe('a paid order', () => {
  test('is given to the cheapest node that has it, in stock as in the order', async () => {
    const id = await orderOf([['MUG', 2]]);
    const decision = await shop.route(id);
    expect(decision).toMatchObject({
      status: 'FINAL',
      cohort: 'ACTIVE',
      outcome: { outcome: 'PLANNED', shipments: [{ node: 'EAST', carrierService: 'VAN' }] },
    });
    expect(await shop.stateOf(id)).toBe('ROUTED');
    expect(await shop.shipments(id)).toMatchObject([
      { id: decision.shipmentIds[0], node: 'EAST', state: 'PLANNED', lines: [{ sku: 'MUG', quantity: 2 }] },
    ]);
    expect(await levels('MUG')).toMatchObject([{ node: 'EAST', allocated: 2 }, {}, {}]);
    expect(shop.news.at(-1)).toMatchObject({ decided: [{ decisionId: decision.id, nodes: ['EAST'] }] });
  });

  test('is routed once, however often and at once it is asked for', async () => {
    const id = await orderOf([['MUG', 3]]);
    const answers = await Promise.allSettled([
      shop.route(id, { key: 'a' }),
      shop.route(id, { key: 'b' }),
      shop.route(id, { key: 'c' }),
      shop.autoRouter.run(),
    ]);
    const [first] = await shop.database.query<{ id: string }>(
      'select id from routing_decision where order_id = $1',
      [id],
    );
    // Whoever comes while it is under way gets the same decision; whoever comes later is told that it is routed.
    for (const answer of answers.slice(0, 3))
      expect(answer.status === 'fulfilled' ? answer.value!.id : answer.reason.code).toMatch(
        new RegExp(`${first!.id}|ORDER_NOT_ROUTABLE`),
      );
    expect(await shop.shipments(id)).toHaveLength(1);
    await expect(shop.route(id)).rejects.toMatchObject({ code: 'ORDER_NOT_ROUTABLE' });
  });

  test('is answered by the same decision when the same call comes again', async () => {
    const id = await orderOf([['MUG', 1]]);
    const decision = await shop.route(id, { key: 'once' });
    expect((await shop.route(id, { key: 'once' })).id).toBe(decision.id);
    await expect(shop.route(id, { key: 'once', dryRun: true })).rejects.toMatchObject({
      code: 'IDEMPOTENCY_CONFLICT',
    });
  });

  test('is split where no node has it all', async () => {
    await shop.stock('RING', 'EAST', 2);
    await shop.stock('RING', 'WEST', 1);
    const id = await orderOf([['RING', 3]]);
    await shop.route(id);
    expect(await shop.shipments(id)).toMatchObject([
      { node: 'EAST', lines: [{ quantity: 2 }] },
      { node: 'WEST', lines: [{ quantity: 1 }] },
    ]);
  });

  test('is only looked at in a dry run', async () => {
    const id = await orderOf([['MUG', 1]]);
    expect(await shop.route(id, { dryRun: true })).toMatchObject({ cohort: 'DRY_RUN', status: 'FINAL' });
    expect(await shop.stateOf(id)).toBe('PAID');
    expect(await shop.shipments(id)).toEqual([]);
  });

  test('is planned anew when a node has run out between plan and allocation', async () => {
    const id = await orderOf([['LAMP', 5]]);
    await interruptedAt(id, 'decided');
    await shop.stock('LAMP', 'EAST', 1);
    await shop.database.setClock(later(60));
    await shop.autoRouter.run();
    expect(await shop.stateOf(id)).toBe('ROUTED');
    expect(await shop.shipments(id)).toMatchObject([{ node: 'WEST' }]);
    expect(
      await shop.database.query(
        'select status, superseded_by is not null as replaced from routing_decision where order_id = $1 order by id',
        [id],
      ),
    ).toEqual([
      { status: 'SUPERSEDED', replaced: true },
      { status: 'FINAL', replaced: false },
    ]);
  });

  test('is carried on after a crash between allocation and record, and given to nodes once', async () => {
    const id = await orderOf([['LAMP', 2]]);
    await interruptedAt(id, 'allocated');
    expect(await shop.stateOf(id)).toBe('PAID');
    await shop.database.setClock(later(60));
    await shop.autoRouter.run();
    expect(await shop.stateOf(id)).toBe('ROUTED');
    expect(await shop.shipments(id)).toHaveLength(1);
    expect(await levels('LAMP')).toMatchObject([{ allocated: expect.any(Number) }, {}, {}]);
  });
});

describe('an order of high value', () => {
  test('waits for a person, with an alert at each deadline, and goes on once approved', async () => {
    const id = await orderOf([['RING', 1]], { totalMinor: 2_000_000 });
    await shop.autoRouter.run();
    expect(await shop.stateOf(id)).toBe('HELD_FOR_REVIEW');
    const task = (await shop.openTask('ROUTING_REVIEW'))!;
    expect(task.summary).toMatch(/10,000/);
    await shop.database.setClock(later(4 * 3600 + 1));
    await shop.review.runDue();
    expect(shop.alerts).toContain(task.id);
    expect(await shop.openTask('ROUTING_REVIEW')).toMatchObject({ id: task.id });
    await shop.review.resolve(task.id, 'APPROVE', null, 'ops');
    await shop.autoRouter.run();
    expect(await shop.stateOf(id)).toBe('ROUTED');
  });

  test('is cancelled with its stock when the person says so', async () => {
    const id = await orderOf([['RING', 1]], { totalMinor: 2_000_000 });
    await shop.autoRouter.run();
    await shop.review.resolve((await shop.openTask('ROUTING_REVIEW'))!.id, 'CANCEL', null, 'ops');
    expect(await shop.stateOf(id)).toBe('CANCELLED');
    expect(
      await shop.database.query(`select state from reservation where channel = 'shop' and reference = $1`, [
        `O${next - 1}`,
      ]),
    ).toEqual([{ state: 'CANCELLED' }]);
  });
});

describe('an order that no node can ship', () => {
  test('says why, and at the deadline goes to a fallback node that rules had excluded', async () => {
    // Both warehouses are full today.
    await shop.database.query(`update node set daily_capacity = 0 where code in ('EAST', 'WEST')`);
    try {
      const id = await orderOf([['MUG', 1]]);
      await shop.autoRouter.run();
      expect(await shop.stateOf(id)).toBe('UNROUTABLE');
      expect((await shop.openTask('ORDER_UNROUTABLE'))!.summary).toMatch(/EAST: CAPACITY; .*SHOP: NO_STOCK/);
      await shop.database.setClock(later(2 * 3600 + 1));
      await shop.review.runDue();
      await shop.autoRouter.run();
      expect(await shop.stateOf(id)).toBe('ROUTED');
      expect(await shop.shipments(id)).toMatchObject([{ node: 'EAST' }]);
    } finally {
      await shop.database.query('update node set daily_capacity = null');
    }
  });
});

describe('a node', () => {
  test('acknowledges and ships, and the order follows', async () => {
    const id = await orderOf([['MUG', 2]]);
    await shop.route(id);
    const [shipment] = await shop.shipments(id);
    await shop.answer(shipment!.id, 'ACKNOWLEDGED');
    expect(await shop.stateOf(id)).toBe('ACKNOWLEDGED');
    expect(await shop.answer(shipment!.id, 'SHIPPED', { key: 's1' })).toEqual({
      shipmentId: shipment!.id,
      notOpen: null,
    });
    expect(await shop.answer(shipment!.id, 'SHIPPED', { key: 's1' })).toEqual({
      shipmentId: shipment!.id,
      notOpen: null,
    });
    expect(await shop.stateOf(id)).toBe('SHIPPED');
    expect(await shop.answer(shipment!.id, 'SHIPPED')).toMatchObject({ notOpen: 'The shipment is SHIPPED.' });
    expect(await levels('MUG')).toMatchObject([{ on_hand: 18 }, {}, {}]);
  });

  test('rejects, its shelf is what it says, and another node gets the order', async () => {
    const id = await orderOf([['MUG', 2]]);
    await shop.route(id);
    const [shipment] = await shop.shipments(id);
    await expect(shop.answer(shipment!.id, 'REJECTED', { reason: 'BAD_WEATHER' })).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
    });
    await shop.answer(shipment!.id, 'REJECTED', { reason: 'NOT_IN_STOCK' });
    expect(await shop.stateOf(id)).toBe('PAID');
    expect(await levels('MUG')).toMatchObject([{ node: 'EAST', on_hand: 0 }, {}, {}]);
    await shop.autoRouter.run();
    expect(await shop.shipments(id)).toMatchObject([
      { node: 'EAST', state: 'REJECTED' },
      { node: 'WEST', state: 'PLANNED' },
    ]);
  });

  test('that rejects without a word on its shelf does not get the same order again', async () => {
    const id = await orderOf([['MUG', 2]]);
    await shop.route(id);
    await shop.answer((await shop.shipments(id))[0]!.id, 'REJECTED', { reason: 'NO_CAPACITY' });
    await shop.autoRouter.run();
    const [decision] = await shop.database.query<{ why: string }>(
      `select jsonb_path_query_first(outcome, '$.candidates[*] ? (@.node == "EAST").excludedBy') #>> '{}' as why
       from routing_decision where order_id = $1 order by id desc limit 1`,
      [id],
    );
    expect(decision!.why).toBe('REJECTED_THIS_ORDER');
    expect((await shop.shipments(id)).map(({ node }) => node)).toEqual(['EAST', 'WEST']);
  });

  test('that sends fewer than planned leaves the rest to others', async () => {
    const id = await orderOf([['MUG', 3]]);
    await shop.route(id);
    const [shipment] = await shop.shipments(id);
    await shop.answer(shipment!.id, 'SHIPPED', { lines: [{ sku: 'MUG', quantity: 1 }] });
    expect(await shop.stateOf(id)).toBe('PAID');
    await shop.autoRouter.run();
    const after = await shop.shipments(id);
    expect(after).toMatchObject([
      { node: 'EAST', state: 'SHIPPED', lines: [{ quantity: 1 }] },
      { state: 'PLANNED', lines: [{ quantity: 2 }] },
    ]);
    await shop.answer(after[1]!.id, 'SHIPPED');
    expect(await shop.stateOf(id)).toBe('SHIPPED');
  });

  test('that has not answered cold goods within 4 hours loses them to its fallback', async () => {
    const id = await orderOf([['ICE', 1]]);
    await shop.route(id);
    expect(await shop.shipments(id)).toMatchObject([{ node: 'EAST', state: 'PLANNED' }]);
    await shop.database.setClock(later(4 * 3600 - 1));
    await shop.autoRouter.run();
    expect(await shop.shipments(id)).toHaveLength(1);
    await shop.database.setClock(later(4 * 3600));
    await shop.autoRouter.run();
    expect(await shop.shipments(id)).toMatchObject([
      { node: 'EAST', state: 'UNANSWERED' },
      { node: 'WEST', state: 'PLANNED' },
    ]);
    expect(await shop.stateOf(id)).toBe('ROUTED');
  });

  test('whose units were called off has nothing to send', async () => {
    const id = await orderOf([['MUG', 1]]);
    await shop.route(id);
    const [shipment] = await shop.shipments(id);
    await shop.take(
      paidOrder(`O${next - 1}`, [['MUG', 1]], { state: 'CANCELLED', updatedAt: '2026-11-22T05:00:00Z' }),
    );
    expect(await shop.answer(shipment!.id, 'SHIPPED')).toMatchObject({
      notOpen: expect.stringMatching(/called off/),
    });
    await shop.autoRouter.run();
    expect(await shop.shipments(id)).toMatchObject([{ state: 'CANCELLED' }]);
  });
});

/** Ends a routing as a crash would: after the decision, or after the engine has allocated. */
async function interruptedAt(orderId: string, point: 'decided' | 'allocated'): Promise<void> {
  const { OrderRouter } = await import('../../../src/routing/index.ts');
  const crash = () => Promise.reject(new Error('crash'));
  const engine = {
    fulfil: async (call: never) => {
      if (point === 'allocated') await shop.engine.fulfil(call);
      return crash();
    },
  };
  const router = new OrderRouter(shop.orm.em, engine as never, shop.deciders, () => undefined);
  await expect(router.route({ orderId, dryRun: false, call: undefined })).rejects.toThrow('crash');
}
