import { describe, expect, test } from '@jest/globals';
import { reservationById } from '../../../src/inventory/reservations/read-reservation.ts';
import { RequestContext } from '../../../src/platform/api/request-context.ts';
import { admin, engineOf, countOf, reserveOf } from '../../support/inventory/engine.ts';
import { engineFixture, idOf, later } from '../../support/inventory/engine-fixture.ts';
import { auditOf, promiseOf } from '../../support/inventory/stock.ts';
import { importInbound } from '../../../src/inventory/supply/import-inbound.ts';

const fixture = engineFixture();
const quantity = async () => (await promiseOf(fixture.orm, fixture.sku)).quantity;

describe('a reservation', () => {
  test('holds, is confirmed, and changes what is available but never what is on hand', async () => {
    const { engine, orm, sku } = fixture;
    await engine.submit(countOf(sku, 10));
    const held = await engine.submit(reserveOf(sku, 4, { ttlSeconds: 60 }));
    expect(held).toMatchObject({ type: 'Reservation', state: 'HELD', expiresAt: later(60).toISOString() });
    expect((await promiseOf(orm, sku)).terms).toMatchObject({ ON_HAND: 10, HELD: -4, CONFIRMED: 0 });
    const confirmed = await engine.submit({
      type: 'confirm',
      reservationId: idOf(held),
      orderExternalId: 'O-1',
    });
    expect(confirmed).toMatchObject({ state: 'CONFIRMED', orderExternalId: 'O-1', expiresAt: null });
    expect((await promiseOf(orm, sku)).terms).toMatchObject({ ON_HAND: 10, HELD: 0, CONFIRMED: -4 });
    expect(await quantity()).toBe(6);
    expect(await auditOf(orm)).toEqual([]);
  });

  test('released is free again, and too late for anything else', async () => {
    const { engine, sku } = fixture;
    await engine.submit(countOf(sku, 3));
    const held = await engine.submit(reserveOf(sku, 3));
    expect(await quantity()).toBe(0);
    expect(
      await engine.submit({ type: 'release', reservationId: idOf(held), reason: 'not paid' }),
    ).toMatchObject({
      state: 'RELEASED',
      lines: [{ quantity: 3, released: 3 }],
    });
    expect(await quantity()).toBe(3);
    for (const command of lateCommands(idOf(held)))
      expect(await engine.submit(command)).toEqual({
        type: 'ReservationNotOpen',
        reservationId: idOf(held),
        state: 'RELEASED',
      });
  });

  test('two lines of one SKU share its stock', async () => {
    const { engine, sku } = fixture;
    await engine.submit(countOf(sku, 5));
    const lines = [
      { sku, quantity: 3 },
      { sku, quantity: 3 },
    ];
    expect(await engine.submit(reserveOf(sku, 1, { lines }))).toEqual({
      type: 'InsufficientStock',
      shortages: [{ sku, requested: 6, available: 5, availableOn: null }],
    });
    expect(await engine.submit(reserveOf(sku, 1, { lines, partial: true }))).toMatchObject({
      type: 'Reservation',
      lines: [{ quantity: 3 }, { quantity: 2 }],
      shortages: [{ sku, requested: 6, available: 5 }],
    });
    expect(await quantity()).toBe(0);
  });

  test('PARTIAL of nothing is insufficient stock, not an empty reservation', async () => {
    const { engine, sku } = fixture;
    expect(await engine.submit(reserveOf(sku, 1, { partial: true }))).toMatchObject({
      type: 'InsufficientStock',
    });
  });

  test('refused, it tells the first day on which there would be enough', async () => {
    const { engine, orm, sku } = fixture;
    await engine.submit(countOf(sku, 1));
    const inbound = { externalId: `PO-${sku}`, sku, node: 'WH', quantity: 5, expectedOn: '2026-11-25' };
    await importInbound(orm.em.fork(), engineOf(engine), admin, [inbound]);
    expect(await engine.submit(reserveOf(sku, 6))).toMatchObject({
      shortages: [{ available: 1, availableOn: '2026-11-25' }],
    });
    expect(await engine.submit(reserveOf(sku, 7))).toMatchObject({ shortages: [{ availableOn: null }] });
  });

  test('a large one refused does not block a small one behind it in the same batch', async () => {
    const { engine, sku } = fixture;
    await engine.submit(countOf(sku, 2));
    const [large, small] = await Promise.all([
      engine.submit(reserveOf(sku, 3)),
      engine.submit(reserveOf(sku, 2)),
    ]);
    expect([large!.type, small!.type]).toEqual(['InsufficientStock', 'Reservation']);
  });

  test("another partner's is not found", async () => {
    const { engine, sku } = fixture;
    await engine.submit(countOf(sku, 2));
    const held = await engine.submit(reserveOf(sku, 1));
    const stranger = { partner: 'stranger', name: 'stranger', admin: false };
    await expect(
      engine.submit({ type: 'release', reservationId: idOf(held), reason: undefined }, undefined, stranger),
    ).rejects.toMatchObject({ code: 'RESERVATION_NOT_FOUND' });
    expect(await quantity()).toBe(1);
  });
});

describe('the clock', () => {
  test('frees a hold at its instant in reads and in reserves, with no job running', async () => {
    const { engine, orm, sku, database } = fixture;
    await engine.submit(countOf(sku, 2));
    const held = await engine.submit(reserveOf(sku, 2, { ttlSeconds: 60 }));
    await database.setClock(later(59.999));
    expect(await quantity()).toBe(0);
    await database.setClock(later(60));
    expect(await quantity()).toBe(2);
    for (const command of lateCommands(idOf(held)))
      expect(await engine.submit(command)).toEqual({
        type: 'ReservationNotOpen',
        reservationId: idOf(held),
        state: 'EXPIRED',
      });
    expect(await engine.submit(reserveOf(sku, 2))).toMatchObject({ type: 'Reservation' });
    expect(await auditOf(orm)).toEqual([]);
  });

  test('moves the version without any write, and a write moves it further', async () => {
    const { engine, orm, sku, database } = fixture;
    await engine.submit(countOf(sku, 2));
    await engine.submit(reserveOf(sku, 1, { ttlSeconds: 60 }));
    const before = await promiseOf(orm, sku);
    await database.setClock(later(60));
    const expired = await promiseOf(orm, sku);
    expect(expired.version > before.version).toBe(true);
    await engine.submit(reserveOf(sku, 1));
    expect((await promiseOf(orm, sku)).version > expired.version).toBe(true);
  });

  test('an extension reaches at most four hours from the creation', async () => {
    const { engine, sku, database } = fixture;
    await engine.submit(countOf(sku, 1));
    const held = await engine.submit(reserveOf(sku, 1, { ttlSeconds: 3600 }));
    await database.setClock(later(3000));
    const extend = (ttlSeconds: number) =>
      engine.submit({ type: 'extend', reservationId: idOf(held), ttlSeconds });
    await expect(extend(11_401)).rejects.toMatchObject({
      code: 'TTL_OUT_OF_RANGE',
      extensions: { maxTtlSeconds: 11_400 },
    });
    expect(await extend(11_400)).toMatchObject({ state: 'HELD', expiresAt: later(14_400).toISOString() });
    expect(await extend(1)).toMatchObject({ expiresAt: later(14_400).toISOString() });
    await database.setClock(later(14_399));
    expect(await quantity()).toBe(0);
    await database.setClock(later(14_400));
    expect(await quantity()).toBe(1);
  });
});

describe('an idempotency key', () => {
  test('gives the first reply again, refusals too, and conflicts with another body', async () => {
    const { engine, sku } = fixture;
    await engine.submit(countOf(sku, 1));
    const command = reserveOf(sku, 1);
    const first = await engine.submit(command, `key-${sku}`);
    expect(await engine.submit(command, `key-${sku}`)).toEqual(first);
    const refused = await engine.submit(reserveOf(sku, 9, { reference: 'r' }), `refused-${sku}`);
    await engine.submit(countOf(sku, 100));
    expect(await engine.submit(reserveOf(sku, 9, { reference: 'r' }), `refused-${sku}`)).toEqual(refused);
    await expect(engine.submit(reserveOf(sku, 2), `key-${sku}`)).rejects.toMatchObject({
      code: 'IDEMPOTENCY_CONFLICT',
    });
    expect(await quantity()).toBe(99);
  });

  test('standing twice in one batch is carried out once', async () => {
    const { engine, sku } = fixture;
    await engine.submit(countOf(sku, 5));
    const command = reserveOf(sku, 1);
    const replies = await Promise.all([1, 2, 3].map(() => engine.submit(command, `twice-${sku}`)));
    expect(new Set(replies.map(idOf)).size).toBe(1);
    expect(await quantity()).toBe(4);
  });

  test('of a bad request is free for the mended one', async () => {
    const { engine, sku } = fixture;
    await engine.submit(countOf(sku, 5));
    await expect(engine.submit(reserveOf('NONE', 1), `mend-${sku}`)).rejects.toMatchObject({
      code: 'UNKNOWN_SKU',
      extensions: { skus: ['NONE'] },
    });
    expect(await engine.submit(reserveOf(sku, 1), `mend-${sku}`)).toMatchObject({ type: 'Reservation' });
  });

  test('belongs to its partner', async () => {
    const { engine, sku } = fixture;
    await engine.submit(countOf(sku, 5));
    const command = reserveOf(sku, 1);
    const other = { ...admin, partner: 'other' };
    const replies = await Promise.all([
      engine.submit(command, `shared-${sku}`),
      engine.submit(command, `shared-${sku}`, other),
    ]);
    expect(new Set(replies.map(idOf)).size).toBe(2);
  });
});

function lateCommands(reservationId: string) {
  return [
    { type: 'confirm' as const, reservationId, orderExternalId: undefined },
    { type: 'extend' as const, reservationId, ttlSeconds: 60 },
    { type: 'release' as const, reservationId, reason: undefined },
  ];
}

test('an extension is a version of its own: readers may have seen the old instant pass', async () => {
  const { engine, orm, sku, database } = fixture;
  await engine.submit(countOf(sku, 10));
  const held = await engine.submit(reserveOf(sku, 4, { ttlSeconds: 60 }));
  await database.setClock(later(59));
  const before = await promiseOf(orm, sku);
  await engine.submit({ type: 'extend', reservationId: idOf(held), ttlSeconds: 600 });
  await database.setClock(later(61));
  const after = await promiseOf(orm, sku);
  expect(after.quantity).toBe(before.quantity);
  expect(after.version > before.version).toBe(true);
});

test('a bad request and its mended twin under one key in one batch: the reply belongs to the twin', async () => {
  const { engine, sku } = fixture;
  await engine.submit(countOf(sku, 10));
  const key = `twin-${sku}`;
  const bad = reserveOf('NONE', 1);
  const good = reserveOf(sku, 1);
  const [refused, taken] = await Promise.allSettled([engine.submit(bad, key), engine.submit(good, key)]);
  expect(refused).toMatchObject({ status: 'rejected', reason: { code: 'UNKNOWN_SKU' } });
  expect(await engine.submit(good, key)).toEqual((taken as PromiseFulfilledResult<object>).value);
  await expect(engine.submit(bad, key)).rejects.toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' });
});

test('a basket that has ended is told the same whoever brings which half of it home', async () => {
  const { engine, orm, sku, database } = fixture;
  await engine.submit(countOf(sku, 5));
  await engine.submit(countOf('S50', 5));
  const lines = [sku, 'S50'].map((each) => ({ sku: each, quantity: 1 }));
  const basket = await engine.submit(reserveOf(sku, 1, { lines, ttlSeconds: 60 }));
  const told = async () => {
    const reservation = await new RequestContext(admin, orm.em.fork()).load(reservationById, idOf(basket));
    return {
      released: reservation!.lines.map(({ released }) => released),
      ended: reservation!.events.at(-1),
    };
  };
  await database.setClock(later(61));
  const before = await told();
  expect(before).toMatchObject({ released: [1, 1], ended: { state: 'EXPIRED', at: later(60) } });
  await database.setClock(later(600));
  await engine.submit(reserveOf(sku, 1));
  expect(await told()).toEqual(before);
});
