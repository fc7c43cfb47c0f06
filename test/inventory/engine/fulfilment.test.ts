import { describe, expect, test } from '@jest/globals';
import type { Outcome } from '../../../src/inventory/engine/command.ts';
import { countOf, reserveOf } from '../../support/inventory/engine.ts';
import { engineFixture, idOf } from '../../support/inventory/engine-fixture.ts';
import { auditOf, promiseOf } from '../../support/inventory/stock.ts';

const fixture = engineFixture();

const paid = async (quantity: number, sku = fixture.sku) => {
  const held = await fixture.engine.submit(reserveOf(sku, quantity));
  await fixture.engine.submit({ type: 'confirm', reservationId: idOf(held), orderExternalId: undefined });
  return idOf(held);
};
/** The only reservation of the answer, or the refusal. */
const first = async (answer: Promise<Outcome>) => {
  const outcome = await answer;
  return outcome.type === 'Fulfilment' ? outcome.reservations[0]! : outcome;
};
const allocate = (reservationId: string, ...assignments: [node: string, quantity: number][]) =>
  first(
    fixture.engine.submit({
      type: 'allocate',
      reservationIds: [reservationId],
      assignments: assignments.map(([node, quantity]) => ({ node, sku: fixture.sku, quantity })),
    }),
  );
const ship = (reservationId: string, node: string, quantity: number) =>
  first(
    fixture.engine.submit({
      type: 'ship',
      reservationIds: [reservationId],
      node,
      lines: [{ sku: fixture.sku, quantity }],
    }),
  );
const reject = (
  reservationId: string,
  node: string,
  quantity: number,
  effect: 'EMPTY' | 'LOWER' | 'DAMAGED' | 'NONE',
) =>
  first(
    fixture.engine.submit({
      type: 'reject',
      reservationIds: [reservationId],
      node,
      lines: [{ sku: fixture.sku, quantity }],
      effect,
      reason: 'not in stock',
    }),
  );
const cancel = (reservationId: string, quantity?: number) =>
  fixture.engine.submit({
    type: 'cancel',
    reservationId,
    lines: quantity === undefined ? undefined : [{ sku: fixture.sku, quantity }],
    reason: undefined,
  });
const terms = async () => (await promiseOf(fixture.orm, fixture.sku)).terms;
const sound = async () => expect(await auditOf(fixture.orm)).toEqual([]);

describe('paid units', () => {
  test('are given to nodes, shipped, and leave on hand', async () => {
    const { engine, sku } = fixture;
    await engine.submit(countOf(sku, 3, 'WH'));
    await engine.submit(countOf(sku, 4, 'STORE'));
    const id = await paid(6);
    expect(await allocate(id, ['WH', 2])).toMatchObject({ state: 'CONFIRMED' });
    expect(await allocate(id, ['STORE', 4])).toMatchObject({ state: 'ALLOCATED', lines: [{ allocated: 6 }] });
    expect(await terms()).toMatchObject({ ON_HAND: 7, ALLOCATED: -6, CONFIRMED: 0 });
    await ship(id, 'WH', 2);
    expect(await ship(id, 'STORE', 4)).toMatchObject({
      state: 'FULFILLED',
      lines: [{ allocated: 0, shipped: 6 }],
    });
    expect(await terms()).toMatchObject({ ON_HAND: 1, ALLOCATED: 0 });
    await sound();
  });

  test('go to no node when one of them has run out', async () => {
    const { engine, sku } = fixture;
    await engine.submit(countOf(sku, 3, 'WH'));
    await engine.submit(countOf(sku, 3, 'STORE'));
    const id = await paid(5);
    expect(await allocate(id, ['WH', 1], ['STORE', 4])).toEqual({
      type: 'NodesRanOut',
      shortages: [{ node: 'STORE', sku, requested: 4, available: 3 }],
    });
    expect(await terms()).toMatchObject({ ALLOCATED: 0, CONFIRMED: -5 });
    await expect(allocate(id, ['WH', 3], ['STORE', 3])).rejects.toMatchObject({
      code: 'QUANTITY_OUT_OF_RANGE',
    });
    await sound();
  });

  test('given back by a node are confirmed again, and its shelf is what it says', async () => {
    const { engine, sku } = fixture;
    await engine.submit(countOf(sku, 5, 'WH'));
    await engine.submit(countOf(sku, 5, 'STORE'));
    const id = await paid(4);
    await allocate(id, ['WH', 4]);
    expect(await reject(id, 'WH', 4, 'EMPTY')).toMatchObject({
      state: 'CONFIRMED',
      lines: [{ allocated: 0, unbacked: 0 }],
    });
    expect(await terms()).toMatchObject({ ON_HAND: 5, CONFIRMED: -4 });
    await allocate(id, ['STORE', 4]);
    await reject(id, 'STORE', 2, 'DAMAGED');
    expect(await terms()).toMatchObject({ ON_HAND: 3, CONFIRMED: -2, ALLOCATED: -2, SHORTFALL: 1 });
    await sound();
  });

  test('that a node ships although we believed it had none were found there', async () => {
    const { engine, sku } = fixture;
    await engine.submit(countOf(sku, 5, 'WH'));
    const id = await paid(3);
    await allocate(id, ['WH', 3]);
    await engine.submit(countOf(sku, 1, 'WH'));
    expect(await terms()).toMatchObject({ ON_HAND: 1, SHORTFALL: 2 });
    expect(await ship(id, 'WH', 3)).toMatchObject({ state: 'FULFILLED', lines: [{ unbacked: 0 }] });
    expect(await terms()).toMatchObject({ ON_HAND: 0, SHORTFALL: 0, ALLOCATED: 0 });
    await sound();
  });

  test('shipped although unbacked pass their lack on to other promises', async () => {
    const { engine, sku, database } = fixture;
    await engine.submit(countOf(sku, 10, 'WH'));
    const other = await paid(5);
    const id = await paid(5);
    await allocate(id, ['WH', 5]);
    await engine.submit(countOf(sku, 6, 'WH')); // the newer one lacks 4
    await ship(id, 'WH', 5);
    const [line] = await database.query('select unbacked from reservation_line where reservation_id = $1', [
      other,
    ]);
    expect(line).toEqual({ unbacked: 4 });
    expect(await promiseOf(fixture.orm, sku)).toMatchObject({
      quantity: 0,
      terms: { ON_HAND: 1, CONFIRMED: -5, SHORTFALL: 4 },
    });
    await sound();
  });
});

describe('a cancellation', () => {
  test('frees what has not left, what nodes have not been given yet first', async () => {
    const { engine, sku } = fixture;
    await engine.submit(countOf(sku, 10, 'WH'));
    const id = await paid(6);
    await allocate(id, ['WH', 4]);
    await ship(id, 'WH', 1);
    expect(await cancel(id, 3)).toMatchObject({
      state: 'ALLOCATED',
      lines: [{ released: 3, allocated: 2, shipped: 1 }],
    });
    await expect(cancel(id, 3)).rejects.toMatchObject({
      code: 'QUANTITY_OUT_OF_RANGE',
      extensions: { cancellable: 2 },
    });
    expect(await cancel(id)).toMatchObject({
      state: 'FULFILLED',
      lines: [{ released: 5, allocated: 0, shipped: 1 }],
    });
    expect(await cancel(id)).toMatchObject({ type: 'ReservationNotOpen', state: 'FULFILLED' });
    expect(await terms()).toMatchObject({ ON_HAND: 9, ALLOCATED: 0, CONFIRMED: 0 });
    await sound();
  });

  test('gives its goods to promises that lack them, before anything is free', async () => {
    const { engine, sku } = fixture;
    await engine.submit(countOf(sku, 10));
    const id = await paid(6);
    await paid(4);
    await engine.submit(countOf(sku, 7)); // the newer one lacks 3
    await cancel(id, 2);
    expect(await promiseOf(fixture.orm, sku)).toMatchObject({ quantity: 0, terms: { SHORTFALL: 1 } });
    await cancel(id);
    expect(await promiseOf(fixture.orm, sku)).toMatchObject({
      quantity: 3,
      terms: { SHORTFALL: 0, CONFIRMED: -4 },
    });
    await sound();
  });

  test('of a hold is too early: it is released instead', async () => {
    const { engine, sku } = fixture;
    await engine.submit(countOf(sku, 1));
    const held = await engine.submit(reserveOf(sku, 1));
    expect(await cancel(idOf(held))).toMatchObject({ type: 'ReservationNotOpen', state: 'HELD' });
  });
});
