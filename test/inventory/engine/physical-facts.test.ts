import { describe, expect, test } from '@jest/globals';
import type { RestockLine } from '../../../src/inventory/engine/command.ts';
import { StockEngine } from '../../../src/inventory/engine/stock-engine.ts';
import { RestockReason, StockCondition } from '../../../src/inventory/model/stock.enums.ts';
import { admin, engineOf, countOf, reserveOf } from '../../support/inventory/engine.ts';
import { engineFixture, idOf } from '../../support/inventory/engine-fixture.ts';
import { auditOf, promiseOf } from '../../support/inventory/stock.ts';
import { importStockCounts } from '../../../src/inventory/movements/import-stock-counts.ts';
import { importInbound } from '../../../src/inventory/supply/import-inbound.ts';

const fixture = engineFixture();

const restockOf = (quantity: number, more: Partial<RestockLine> = {}, externalEventId?: string) => ({
  type: 'restock' as const,
  node: 'WH',
  reason: more.returnOf ? RestockReason.CUSTOMER_RETURN : RestockReason.RECEIPT,
  externalEventId,
  lines: [
    {
      sku: fixture.sku,
      quantity,
      condition: StockCondition.SELLABLE,
      returnOf: undefined,
      inbound: undefined,
      ...more,
    },
  ],
});
const confirmed = async (quantity: number) => {
  const held = await fixture.engine.submit(reserveOf(fixture.sku, quantity));
  await fixture.engine.submit({ type: 'confirm', reservationId: idOf(held), orderExternalId: undefined });
  return idOf(held);
};
const level = async () => {
  const [row] = await fixture.database.query<{ on_hand: number; damaged: number; quarantined: number }>(
    `select on_hand, damaged, quarantined from stock_level where sku = $1 and node = 'WH'`,
    [fixture.sku],
  );
  return row;
};
const line = async (reservationId: string) => {
  const [row] = await fixture.database.query<{ released: number; unbacked: number }>(
    'select released, unbacked from reservation_line where reservation_id = $1',
    [reservationId],
  );
  return row;
};

describe('a count below what is promised', () => {
  test('is no error: it releases holds, newest first, and tells their owners', async () => {
    const { engine, orm, sku } = fixture;
    await engine.submit(countOf(sku, 10));
    const older = await engine.submit(reserveOf(sku, 4));
    const newer = await engine.submit(reserveOf(sku, 4));
    expect(await engine.submit(countOf(sku, 5))).toMatchObject({ type: 'Restock' });
    expect(await line(idOf(newer))).toEqual({ released: 4, unbacked: 0 });
    expect(await line(idOf(older))).toEqual({ released: 0, unbacked: 0 });
    expect(
      await engine.submit({ type: 'confirm', reservationId: idOf(newer), orderExternalId: undefined }),
    ).toMatchObject({
      type: 'ReservationNotOpen',
      state: 'RELEASED',
    });
    expect((await promiseOf(orm, sku)).quantity).toBe(1);
    expect(await auditOf(orm)).toEqual([]);
  });

  test('counts what is still missing as a shortfall of the newest promises, which new units back first', async () => {
    const { engine, orm, sku } = fixture;
    await engine.submit(countOf(sku, 10));
    const older = await confirmed(6);
    const newer = await confirmed(4);
    await engine.submit(countOf(sku, 3));
    expect([await line(newer), await line(older)]).toEqual([
      { released: 0, unbacked: 4 },
      { released: 0, unbacked: 3 },
    ]);
    expect(await promiseOf(orm, sku)).toMatchObject({
      quantity: 0,
      terms: { ON_HAND: 3, CONFIRMED: -10, SHORTFALL: 7 },
    });
    expect(await auditOf(orm)).toEqual([]);

    await engine.submit(restockOf(4));
    expect([await line(newer), await line(older)]).toEqual([
      { released: 0, unbacked: 3 },
      { released: 0, unbacked: 0 },
    ]);
    expect((await promiseOf(orm, sku)).quantity).toBe(0);
    await engine.submit(restockOf(5));
    expect(await promiseOf(orm, sku)).toMatchObject({ quantity: 2, terms: { ON_HAND: 12, SHORTFALL: 0 } });
    expect(await auditOf(orm)).toEqual([]);
  });

  test('and a later count that finds them again', async () => {
    const { engine, orm, sku } = fixture;
    await engine.submit(countOf(sku, 5));
    await confirmed(5);
    await engine.submit(countOf(sku, 0));
    await engine.submit(countOf(sku, 5));
    expect(await promiseOf(orm, sku)).toMatchObject({ quantity: 0, terms: { SHORTFALL: 0, ON_HAND: 5 } });
    expect(await auditOf(orm)).toEqual([]);
  });
});

test('a correction below zero cannot be a fact', async () => {
  const { engine, sku } = fixture;
  await engine.submit(countOf(sku, 3));
  const lines = [{ sku, delta: -4 }];
  expect(await engine.submit({ ...countOf(sku, 0), lines })).toMatchObject({ type: 'RestockRefused', sku });
  expect(await level()).toMatchObject({ on_hand: 3 });
});

describe('a restock', () => {
  test('takes units in by their condition', async () => {
    const { engine, orm, sku } = fixture;
    await engine.submit(restockOf(5));
    await engine.submit(restockOf(2, { condition: StockCondition.DAMAGED }));
    await engine.submit(restockOf(1, { condition: StockCondition.QUARANTINE }));
    expect(await level()).toEqual({ on_hand: 5, damaged: 2, quarantined: 1 });
    expect((await promiseOf(orm, sku)).quantity).toBe(5);
    expect(await auditOf(orm)).toEqual([]);
  });

  test('draws its purchase order down, never below nothing', async () => {
    const { engine, orm, sku, database } = fixture;
    const order = { externalId: `PO-${sku}`, sku, node: 'WH', quantity: 5, expectedOn: '2026-11-25' };
    await importInbound(orm.em.fork(), engineOf(engine), admin, [order]);
    const outstanding = async () => {
      const [row] = await database.query<{ quantity: number }>(
        'select quantity from stock_supply where sku = $1',
        [sku],
      );
      return row!.quantity;
    };
    await engine.submit(restockOf(3, { inbound: `PO-${sku}` }));
    expect(await outstanding()).toBe(2);
    await importInbound(orm.em.fork(), engineOf(engine), admin, [{ ...order, quantity: 6 }]); // the supplier adds one; 3 are here already
    expect(await outstanding()).toBe(3);
    await engine.submit(restockOf(9, { inbound: `PO-${sku}` }));
    expect(await outstanding()).toBe(0);
    expect((await promiseOf(orm, sku)).quantity).toBe(12);
    await expect(engine.submit(restockOf(1, { inbound: 'PO-none' }))).rejects.toMatchObject({
      code: 'UNKNOWN_INBOUND',
    });
    expect(await auditOf(orm)).toEqual([]);
  });

  test('of one event, told twice under other keys, happens once', async () => {
    const { engine, orm, sku } = fixture;
    const first = await engine.submit(restockOf(5, {}, 'ASN-1'));
    expect(await engine.submit(restockOf(5, {}, 'ASN-1'))).toEqual(first);
    const [third, fourth] = await Promise.all([
      engine.submit(restockOf(2, {}, 'ASN-2')),
      engine.submit(restockOf(2, {}, 'ASN-2')),
    ]);
    expect(fourth).toEqual(third);
    expect((await promiseOf(orm, sku)).quantity).toBe(7);
  });

  test('of returns never exceeds what was shipped, in whatever portions it comes', async () => {
    const { engine, orm, sku } = fixture;
    const returnOf = {
      orderLineId: `line-${sku}`,
      channel: 'jd',
      orderExternalId: `before ${sku}`,
      ordered: 4,
      shipped: 3,
    };
    expect(await engine.submit(restockOf(4, { returnOf }))).toMatchObject({
      type: 'RestockRefused',
      restockable: 3,
    });
    await engine.submit(restockOf(2, { returnOf }, 'R-1'));
    await engine.submit(restockOf(2, { returnOf }, 'R-1'));
    expect(await engine.submit(restockOf(2, { returnOf }, 'R-2'))).toMatchObject({
      type: 'RestockRefused',
      restockable: 1,
    });
    const last = await Promise.all([
      engine.submit(restockOf(1, { returnOf }, 'R-3')),
      engine.submit(restockOf(1, { returnOf }, 'R-4')),
    ]);
    expect(last.map(({ type }) => type)).toEqual(['Restock', 'RestockRefused']);
    expect((await promiseOf(orm, sku)).quantity).toBe(3);
    expect(await auditOf(orm)).toEqual([]);
  });
});

test("a source's count that is read again does not undo what has happened since", async () => {
  const { engine, orm, sku } = fixture;
  const intake = (onHand: number, countId: string) =>
    importStockCounts(
      orm.em.fork(),
      new StockEngine(({ command, idempotency }) => engine.submit(command, idempotency.key)),
      admin,
      [
        { sku, node: 'WH', onHand, countId },
        { sku: 'NONE', node: 'WH', onHand, countId },
      ],
    );
  expect(await intake(10, 'monday')).toEqual({
    accepted: 1,
    rejected: [{ index: 1, reason: 'sku: there is no SKU NONE' }],
  });
  await engine.submit(restockOf(5));
  await fixture.database.query('delete from idempotency_key'); // as after some days
  await intake(10, 'monday');
  expect((await promiseOf(orm, sku)).quantity).toBe(15);
  await intake(12, 'tuesday');
  expect((await promiseOf(orm, sku)).quantity).toBe(12);
});

test('a late sheet with an older count does not undo a newer one', async () => {
  const { engine, orm, sku } = fixture;
  const promise = new StockEngine(({ command, idempotency }) => engine.submit(command, idempotency.key));
  const count = (onHand: number, countId: string) =>
    importStockCounts(orm.em.fork(), promise, admin, [{ sku, node: 'WH', onHand, countId }]);
  await count(3, '2026-11-22T12:00:00+08:00');
  await count(50, '2026-11-20T12:00:00+08:00');
  expect((await promiseOf(orm, sku)).quantity).toBe(3);
  await count(7, '2026-11-22T13:00:00+08:00');
  expect((await promiseOf(orm, sku)).quantity).toBe(7);
});

test('a delivery told in several calls under one event id is taken whole, and no part of it twice', async () => {
  const { engine, orm, sku } = fixture;
  await engine.submit(restockOf(5, {}, 'ASN-9'));
  await engine.submit(restockOf(3, { sku: 'S55' }, 'ASN-9'));
  await engine.submit(restockOf(3, { sku: 'S55' }, 'ASN-9'));
  expect((await promiseOf(orm, sku)).quantity).toBe(5);
  expect((await promiseOf(orm, 'S55')).quantity).toBe(3);
});

test('what was received of a purchase order stays received, however its report wavers', async () => {
  const { engine, orm, sku, database } = fixture;
  const report = (quantity: number) =>
    importInbound(orm.em.fork(), engineOf(engine), admin, [
      { externalId: `W-${sku}`, sku, node: 'WH', quantity, expectedOn: '2026-11-25' },
    ]);
  await report(5);
  await engine.submit(restockOf(5, { inbound: `W-${sku}` }));
  await report(2);
  await report(5);
  expect(await database.query('select quantity from stock_supply where sku = $1', [sku])).toEqual([
    { quantity: 0 },
  ]);
  expect(await auditOf(orm)).toEqual([]);
});

test('a damaged delivery promises no more now, but less to come: that is a version', async () => {
  const { engine, orm, sku } = fixture;
  await importInbound(orm.em.fork(), engineOf(engine), admin, [
    { externalId: `D-${sku}`, sku, node: 'WH', quantity: 5, expectedOn: '2026-11-25' },
  ]);
  const before = await promiseOf(orm, sku);
  await engine.submit(restockOf(5, { inbound: `D-${sku}`, condition: StockCondition.DAMAGED }));
  expect((await promiseOf(orm, sku)).version > before.version).toBe(true);
});
