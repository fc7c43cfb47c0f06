import { describe, expect, test } from '@jest/globals';
import type { Outcome, Refund, RecordChannelOrder } from '../../../src/inventory/engine/command.ts';
import { RestockReason, StockCondition } from '../../../src/inventory/model/stock.enums.ts';
import { countOf, reserveOf } from '../../support/inventory/engine.ts';
import { engineFixture, idOf, later } from '../../support/inventory/engine-fixture.ts';
import { auditOf, promiseOf } from '../../support/inventory/stock.ts';

const fixture = engineFixture();

/** What the channel says of order O1 of the test's SKU. */
const taken = async (
  event: RecordChannelOrder['event'],
  quantity: number,
  more: Partial<RecordChannelOrder> = {},
) => {
  const outcome = await fixture.engine.submit({
    type: 'takeOrder',
    channel: 'douyin',
    orderExternalId: `O1 of ${fixture.sku}`,
    event,
    lines: [{ sku: fixture.sku, quantity }],
    shipFrom: [],
    ...more,
  });
  return (outcome as Extract<Outcome, { type: 'Fulfilment' }>).reservations;
};
const refund = (quantity: number, refundId: string, more: Partial<Refund> = {}) =>
  fixture.engine.submit({
    type: 'refund',
    channel: 'douyin',
    orderExternalId: `O1 of ${fixture.sku}`,
    externalEventId: refundId,
    settledAt: '2026-11-22T04:00:00Z',
    policy: 'NONE',
    lines: [{ orderLineId: `line of ${fixture.sku}`, sku: fixture.sku, quantity, ordered: 3 }],
    ...more,
  });
const terms = async () => (await promiseOf(fixture.orm, fixture.sku)).terms;
const quantity = async () => (await promiseOf(fixture.orm, fixture.sku)).quantity;
const sound = async () => expect(await auditOf(fixture.orm)).toEqual([]);
const quota = (channel: string, exclusive: number) =>
  fixture.database.query(
    `with row as (insert into channel_quota (sku, pool, channel, exclusive) values ($1, 'MAIN', $2, $3))
     update stock_balance set has_quotas = true where sku = $1`,
    [fixture.sku, channel, exclusive],
  );

describe('an order taken in', () => {
  test('holds while unpaid, is promised when paid, and the same news again changes nothing', async () => {
    await fixture.engine.submit(countOf(fixture.sku, 5));
    expect(await taken('HOLD', 2)).toMatchObject([{ state: 'HELD', lines: [{ quantity: 2 }] }]);
    await taken('HOLD', 2);
    expect(await terms()).toMatchObject({ ON_HAND: 5, HELD: -2 });
    expect(await taken('CONFIRM', 2)).toMatchObject([{ state: 'CONFIRMED' }]);
    await taken('CONFIRM', 2);
    await taken('HOLD', 2);
    expect(await terms()).toMatchObject({ HELD: 0, CONFIRMED: -2 });
    await sound();
  });

  test('is promised when paid although its hold has ended, or none was told', async () => {
    await fixture.engine.submit(countOf(fixture.sku, 5));
    await taken('HOLD', 2);
    await fixture.database.setClock(later(901));
    expect(await taken('CONFIRM', 3)).toMatchObject([
      { state: 'EXPIRED' },
      { state: 'CONFIRMED', lines: [{ quantity: 3 }] },
    ]);
    expect(await terms()).toMatchObject({ HELD: 0, CONFIRMED: -3 });
    await sound();
  });

  test('does not double what its channel has reserved and confirmed itself', async () => {
    const { engine, sku } = fixture;
    await engine.submit(countOf(sku, 5));
    const held = await engine.submit(reserveOf(sku, 2));
    await engine.submit({ type: 'confirm', reservationId: idOf(held), orderExternalId: `O1 of ${sku}` });
    expect(await taken('CONFIRM', 2)).toMatchObject([{ id: idOf(held) }]);
    expect(await terms()).toMatchObject({ CONFIRMED: -2 });
    await sound();
  });

  test('frees what it no longer names, and all when cancelled', async () => {
    await fixture.engine.submit(countOf(fixture.sku, 5));
    await taken('CONFIRM', 4);
    expect(await taken('CONFIRM', 1)).toMatchObject([{ state: 'CONFIRMED', lines: [{ released: 3 }] }]);
    expect(await quantity()).toBe(4);
    expect(await taken('CONFIRM', 2)).toHaveLength(2);
    expect(await quantity()).toBe(3);
    await taken('CANCEL', 2);
    expect(await taken('CANCEL', 2)).toMatchObject([{ state: 'CANCELLED' }, { state: 'CANCELLED' }]);
    expect(await quantity()).toBe(5);
    await sound();
  });

  test('unpaid and called off, frees its hold', async () => {
    await fixture.engine.submit(countOf(fixture.sku, 5));
    await taken('HOLD', 2);
    expect(await taken('CANCEL', 2)).toMatchObject([{ state: 'RELEASED' }]);
    expect(await quantity()).toBe(5);
    await sound();
  });

  test('has left the nodes it was given to, and those that are named for the rest', async () => {
    const { engine, sku } = fixture;
    await engine.submit(countOf(sku, 3, 'WH'));
    await engine.submit(countOf(sku, 3, 'STORE'));
    const [reservation] = await taken('CONFIRM', 4);
    await engine.submit({
      type: 'allocate',
      reservationIds: [reservation!.id],
      assignments: [{ node: 'WH', sku, quantity: 1 }],
    });
    const shipFrom = [{ node: 'STORE', sku, quantity: 3 }];
    expect(await taken('SHIP', 4, { shipFrom })).toMatchObject([
      { state: 'FULFILLED', lines: [{ shipped: 4, allocated: 0 }] },
    ]);
    expect(await terms()).toMatchObject({ ON_HAND: 2, CONFIRMED: 0, ALLOCATED: 0 });
    await taken('SHIP', 4, { shipFrom });
    expect(await quantity()).toBe(2);
    await sound();
  });

  test('that went out before the hub knew of it moves nothing: counts tell of it', async () => {
    await fixture.engine.submit(countOf(fixture.sku, 3));
    expect(await taken('SHIP', 2, { shipFrom: [{ node: 'WH', sku: fixture.sku, quantity: 3 }] })).toEqual([]);
    expect(await quantity()).toBe(3);
  });

  test('beyond what there is, is recorded without goods, counted as oversold, and told to a person', async () => {
    await fixture.engine.submit(countOf(fixture.sku, 1));
    expect(await taken('CONFIRM', 3)).toMatchObject([{ lines: [{ quantity: 3, unbacked: 2 }] }]);
    const [row] = await fixture.database.query<{ oversold: number; channel: string }>(
      'select oversold, channel from reservation_line where sku = $1',
      [fixture.sku],
    );
    expect(row).toEqual({ oversold: 2, channel: 'douyin' });
    expect(
      await fixture.database.query(
        `select status from review_task where kind = 'CHANNEL_OVERSOLD' and details->>'orderExternalId' = $1`,
        [`O1 of ${fixture.sku}`],
      ),
    ).toEqual([{ status: 'OPEN' }]);
    await sound();
    await fixture.engine.submit(countOf(fixture.sku, 4));
    expect(await terms()).toMatchObject({ ON_HAND: 4, CONFIRMED: -3, SHORTFALL: 0 });
    await sound();
  });

  test.each(['held', 'confirmed'] as const)(
    'and sent without goods of its own, takes those of a promise that is %s',
    async (state) => {
      const { engine, sku } = fixture;
      await engine.submit(countOf(sku, 4));
      await taken('CONFIRM', 1);
      const other = await engine.submit(reserveOf(sku, 3));
      if (state === 'confirmed')
        await engine.submit({ type: 'confirm', reservationId: idOf(other), orderExternalId: undefined });
      expect(await taken('SHIP', 3, { shipFrom: [{ node: 'WH', sku, quantity: 4 }] })).toMatchObject([
        { state: 'FULFILLED' },
        { state: 'FULFILLED', lines: [{ shipped: 2 }] },
      ]);
      const left = state === 'held' ? { HELD: 0, SHORTFALL: 0 } : { CONFIRMED: -3, SHORTFALL: 2 };
      expect(await terms()).toMatchObject({ ON_HAND: 1, ...left });
      await sound();
    },
  );

  test('promised for a later day and sent before it, takes the goods of an older promise', async () => {
    const { engine, sku } = fixture;
    await engine.submit(countOf(sku, 4));
    const other = await engine.submit(reserveOf(sku, 4));
    await engine.submit({ type: 'confirm', reservationId: idOf(other), orderExternalId: undefined });
    await engine.submit({
      type: 'recordInbound',
      kind: 'PURCHASE_ORDER',
      externalId: `PO ${sku}`,
      node: 'WH',
      lines: [{ sku, quantity: 1, availableOn: '2026-11-24' }],
    });
    const dated = await engine.submit(reserveOf(sku, 1, { neededOn: '2026-11-24' }));
    const orderExternalId = `O1 of ${sku}`;
    await engine.submit({ type: 'confirm', reservationId: idOf(dated), orderExternalId });
    expect(await taken('SHIP', 1, { shipFrom: [{ node: 'WH', sku, quantity: 4 }] })).toMatchObject([
      { state: 'FULFILLED' },
    ]);
    expect(await terms()).toMatchObject({ ON_HAND: 3, CONFIRMED: -4, SHORTFALL: 1 });
    await sound();
  });

  test('without stock anywhere is recorded all the same', async () => {
    expect(await taken('CONFIRM', 1)).toMatchObject([{ lines: [{ unbacked: 1 }] }]);
    await sound();
  });
});

describe('channel quotas', () => {
  test('keep the exclusive part of a channel from the others', async () => {
    const { engine, sku } = fixture;
    await engine.submit(countOf(sku, 10));
    await quota('jd', 4);
    expect(await engine.submit(reserveOf(sku, 7))).toMatchObject({
      type: 'InsufficientStock',
      shortages: [{ available: 6 }],
    });
    expect(await engine.submit(reserveOf(sku, 6))).toMatchObject({ type: 'Reservation' });
    expect(await engine.submit(reserveOf(sku, 5, { channel: 'jd' }))).toMatchObject({
      type: 'InsufficientStock',
      shortages: [{ available: 4 }],
    });
    const held = await engine.submit(reserveOf(sku, 4, { channel: 'jd', ttlSeconds: 60 }));
    expect(await used()).toEqual([4]);
    await engine.submit({ type: 'confirm', reservationId: idOf(held), orderExternalId: undefined });
    expect(await used()).toEqual([4]);
    await engine.submit({
      type: 'cancel',
      reservationId: idOf(held),
      lines: [{ sku, quantity: 3 }],
      reason: undefined,
    });
    expect(await used()).toEqual([1]);
    await sound();
  });

  test('an ended hold no longer uses the quota', async () => {
    const { engine, sku } = fixture;
    await engine.submit(countOf(sku, 4));
    await quota('jd', 4);
    await engine.submit(reserveOf(sku, 4, { channel: 'jd', ttlSeconds: 60 }));
    await fixture.database.setClock(later(61));
    expect(await engine.submit(reserveOf(sku, 4, { channel: 'jd' }))).toMatchObject({ type: 'Reservation' });
    expect(await used()).toEqual([4]);
  });

  test('a channel that keeps its own counter has its escrow and nothing else; beyond it, it has oversold', async () => {
    const { engine, sku } = fixture;
    await engine.submit(countOf(sku, 10));
    await quota('douyin', 2);
    await fixture.database.query(`update channel set sells_from = 'ESCROW' where code = 'douyin'`);
    try {
      expect(await taken('CONFIRM', 3)).toMatchObject([{ lines: [{ quantity: 3, unbacked: 1 }] }]);
      expect(await terms()).toMatchObject({ ON_HAND: 10, CONFIRMED: -3, SHORTFALL: 1 });
    } finally {
      await fixture.database.query(`update channel set sells_from = 'POOL' where code = 'douyin'`);
    }
  });

  const used = async () =>
    (
      await fixture.database.query<{ used: number }>('select used from channel_quota where sku = $1', [
        fixture.sku,
      ])
    ).map((row) => row.used);
});

describe('a settled refund', () => {
  test('frees units that have not left, once, however often it is told', async () => {
    await fixture.engine.submit(countOf(fixture.sku, 5));
    await taken('CONFIRM', 3);
    expect(await refund(1, 'R1')).toMatchObject({
      type: 'Restock',
      movements: [{ counter: 'CONFIRMED', delta: -1 }],
    });
    expect(await refund(1, 'R1')).toMatchObject({
      type: 'Restock',
      movements: [{ counter: 'CONFIRMED', delta: -1 }],
    });
    expect(await quantity()).toBe(3);
    await refund(1, 'R2');
    expect(await quantity()).toBe(4);
    await sound();
  });

  test('is charged once, also when another reservation of the order is paid after it', async () => {
    const { engine, sku } = fixture;
    const orderExternalId = `O1 of ${sku}`;
    const paid = async () => {
      const held = await engine.submit(reserveOf(sku, 2));
      await engine.submit({ type: 'confirm', reservationId: idOf(held), orderExternalId });
    };
    await engine.submit(countOf(sku, 10));
    await paid();
    await refund(1, 'R1');
    expect(await quantity()).toBe(9);
    await paid();
    expect(await quantity()).toBe(7);
    await sound();
  });

  test('of units that were called off before frees nothing twice', async () => {
    await fixture.engine.submit(countOf(fixture.sku, 5));
    const [reservation] = await taken('CONFIRM', 3);
    await fixture.engine.submit({
      type: 'cancel',
      reservationId: reservation!.id,
      lines: [{ sku: fixture.sku, quantity: 2 }],
      reason: undefined,
    });
    expect(await quantity()).toBe(4);
    expect(await refund(2, 'R1')).toMatchObject({ movements: [] });
    expect(await quantity()).toBe(4);
    expect(await refund(1, 'R2')).toMatchObject({ movements: [{ delta: -1 }] });
    expect(await quantity()).toBe(5);
    await sound();
  });

  test('of more units than were ordered is refused, and says what can be', async () => {
    await fixture.engine.submit(countOf(fixture.sku, 5));
    await taken('CONFIRM', 3);
    await refund(2, 'R1');
    expect(await refund(2, 'R2')).toMatchObject({ type: 'RestockRefused', restockable: 1 });
    expect(await quantity()).toBe(4);
  });

  test('of shipped units brings nothing back by itself; expected returns count on their day, until they come', async () => {
    const { engine, sku } = fixture;
    await engine.submit(countOf(sku, 5));
    await taken('CONFIRM', 3);
    await taken('SHIP', 3, { shipFrom: [{ node: 'WH', sku, quantity: 5 }] });
    expect(await quantity()).toBe(2);
    await refund(1, 'R1');
    expect(await quantity()).toBe(2);
    await refund(2, 'R2', { policy: 'EXPECTED_RETURN' });
    const supply = () =>
      fixture.database.query('select kind, quantity, available_on::text from stock_supply where sku = $1', [
        sku,
      ]);
    expect(await supply()).toEqual([{ kind: 'EXPECTED_RETURN', quantity: 2, available_on: '2026-12-06' }]);
    await engine.submit({
      type: 'restock',
      node: 'WH',
      reason: RestockReason.CUSTOMER_RETURN,
      externalEventId: undefined,
      lines: [
        {
          sku,
          quantity: 2,
          condition: StockCondition.SELLABLE,
          returnOf: {
            orderLineId: `line of ${sku}`,
            channel: 'douyin',
            orderExternalId: `O1 of ${sku}`,
            ordered: 3,
            shipped: 0,
          },
          inbound: undefined,
        },
      ],
    });
    expect(await quantity()).toBe(4);
    expect(await supply()).toMatchObject([{ quantity: 0 }]);
    await sound();
  });
});
