import { expect, test } from '@jest/globals';
import { addDays } from '../../../src/inventory/model/day.ts';
import type { ConfigurePresale, ReservationOutcome } from '../../../src/inventory/engine/command.ts';
import { readAtp } from '../../../src/inventory/availability/read-availability.ts';
import { readCampaigns } from '../../../src/inventory/supply/read-supply.ts';
import { countOf, reserveOf } from '../../support/inventory/engine.ts';
import { engineFixture, idOf, later, NOON } from '../../support/inventory/engine-fixture.ts';
import { auditOf, promiseOf } from '../../support/inventory/stock.ts';

const fixture = engineFixture();
const on = (day: number) => addDays('2026-11-22', day);
const HOUR = 3600;

/** A presale of the test's SKU: 10 units on day 5, from noon for a day. */
const configure = (more: Partial<ConfigurePresale> = {}) =>
  fixture.engine.submit({
    type: 'configurePresale',
    code: `C-${fixture.sku}`,
    pool: 'MAIN',
    startsAt: NOON.toISOString(),
    endsAt: later(24 * HOUR).toISOString(),
    cap: null,
    channelCaps: [],
    lines: [{ sku: fixture.sku, quantity: 10, availableOn: on(5) }],
    ...more,
  });
const buy = (quantity: number, more: Parameters<typeof reserveOf>[2] = {}) =>
  fixture.engine.submit(reserveOf(fixture.sku, quantity, { campaign: `C-${fixture.sku}`, ...more }));
const sound = async () => expect(await auditOf(fixture.orm)).toEqual([]);

test('a presale promises its own supply for its day, and leaves the shelf alone', async () => {
  await fixture.engine.submit(countOf(fixture.sku, 3));
  await configure();
  const outcome = (await buy(4)) as ReservationOutcome;
  expect(outcome).toMatchObject({
    campaign: `C-${fixture.sku}`,
    lines: [{ quantity: 4, promisedOn: on(5) }],
  });
  expect((await promiseOf(fixture.orm, fixture.sku)).quantity).toBe(3);
  // The shelf has three more for that day, but they are not the campaign's.
  expect(await buy(7)).toMatchObject({ shortages: [{ requested: 7, available: 6, availableOn: null }] });
  expect(await buy(6, { acceptUntil: on(4) })).toMatchObject({ type: 'InsufficientStock' });
  expect(await buy(7, { partial: true })).toMatchObject({ lines: [{ quantity: 6, promisedOn: on(5) }] });
  await sound();
});

test('the cap of the campaign and the cap of a channel bound what is sold; what is given back can be sold again', async () => {
  await configure({ cap: 7, channelCaps: [{ channel: 'douyin', units: 5 }] });
  const first = await buy(4);
  expect(await buy(2)).toMatchObject({ shortages: [{ available: 1, availableOn: null }] });
  expect(await buy(4, { channel: 'jd' })).toMatchObject({ shortages: [{ available: 3 }] });
  expect(await buy(3, { channel: 'jd' })).toMatchObject({ type: 'Reservation' });
  await fixture.engine.submit({ type: 'release', reservationId: idOf(first), reason: undefined });
  expect(await buy(5)).toMatchObject({ shortages: [{ available: 4 }] });
  expect(await buy(4, { ttlSeconds: 60 })).toMatchObject({ type: 'Reservation' });
  await fixture.database.setClock(later(60)); // the hold has ended: its units are the campaign's again
  const paid = await buy(4);
  await fixture.engine.submit({ type: 'confirm', reservationId: idOf(paid), orderExternalId: idOf(paid) });
  const [campaign] = await readCampaigns(fixture.orm.em.fork(), `C-${fixture.sku}`);
  expect(campaign).toMatchObject({
    cap: 7,
    sold: 7,
    channels: [
      { channel: 'douyin', cap: 5, sold: 4 },
      { channel: 'jd', cap: null, sold: 3 },
    ],
    lines: [{ planned: 10, sold: 7 }],
  });
  await sound();
});

test('common caps are counted over the SKUs of a basket', async () => {
  const other = 'S59';
  await configure({
    cap: 5,
    lines: [fixture.sku, other].map((sku) => ({ sku, quantity: 10, availableOn: on(5) })),
  });
  const lines = [fixture.sku, other].map((sku) => ({ sku, quantity: 3 }));
  expect(await buy(1, { lines })).toMatchObject({ shortages: [{ sku: other, requested: 3, available: 2 }] });
  expect(await buy(1, { lines, partial: true })).toMatchObject({ lines: [{ quantity: 3 }, { quantity: 2 }] });
  await sound();
});

test('before its start and from its end on it sells nothing; the same key may be used once it has begun', async () => {
  await configure({ startsAt: later(HOUR).toISOString(), endsAt: later(2 * HOUR).toISOString() });
  const command = reserveOf(fixture.sku, 1, { campaign: `C-${fixture.sku}` });
  const key = `early ${fixture.sku}`;
  await expect(fixture.engine.submit(command, key)).rejects.toMatchObject({
    code: 'CAMPAIGN_NOT_OPEN',
    extensions: { startsAt: later(HOUR).toISOString() },
  });
  // Nobody knows of its supply before.
  expect(await fixture.engine.submit(reserveOf(fixture.sku, 1, { acceptUntil: on(20) }))).toMatchObject({
    shortages: [{ availableOn: null }],
  });
  await fixture.database.setClock(later(HOUR));
  expect(await fixture.engine.submit(command, key)).toMatchObject({ type: 'Reservation' });
  await fixture.database.setClock(later(2 * HOUR));
  await expect(buy(1)).rejects.toMatchObject({ code: 'CAMPAIGN_NOT_OPEN' });
  // It comes all the same: whoever accepts its day may have what is left.
  expect(await fixture.engine.submit(reserveOf(fixture.sku, 9, { acceptUntil: on(20) }))).toMatchObject({
    lines: [{ promisedOn: on(5) }],
  });
  await sound();
});

test('its start moves today’s number at its instant, though nobody writes', async () => {
  await fixture.engine.submit(countOf(fixture.sku, 5));
  await configure({ startsAt: later(HOUR).toISOString() });
  await fixture.engine.submit(reserveOf(fixture.sku, 5, { neededOn: on(8) })); // needs the shelf, as far as is known
  const read = async () => (await readAtp(fixture.orm.em.fork(), [{ sku: fixture.sku, pool: 'MAIN' }]))[0]!;
  const early = await read();
  expect(early.nextChangeAt).toEqual(later(900)); // the hold ends before
  expect((await promiseOf(fixture.orm, fixture.sku)).quantity).toBe(0);
  const [{ id }] = (await fixture.database.query<{ id: string }>(
    'select reservation_id as id from reservation_line where sku = $1',
    [fixture.sku],
  )) as [{ id: string }];
  await fixture.engine.submit({ type: 'confirm', reservationId: id, orderExternalId: id });
  expect((await read()).nextChangeAt).toEqual(later(HOUR));
  const last = await read();
  await fixture.database.setClock(later(HOUR));
  const begun = await read();
  expect((await promiseOf(fixture.orm, fixture.sku)).quantity).toBe(5);
  expect(begun.version > last.version).toBe(true);
  await sound();
});

test('less is produced than was sold: the last buyers get another day, or are told that there is none', async () => {
  await configure();
  await buy(6);
  const second = await buy(4);
  const outcome = await configure({ lines: [{ sku: fixture.sku, quantity: 7, availableOn: on(6) }] });
  expect(outcome).toMatchObject({
    repromised: [
      { units: 6, promisedBefore: on(5), promisedOn: on(6) },
      { reservationId: idOf(second), units: 4, promisedBefore: on(5), promisedOn: null },
    ],
  });
  await sound();
});

test.each([
  ['an unknown campaign', 'UNKNOWN_CAMPAIGN', { campaign: 'NONE' }],
  ['a SKU that it does not sell', 'SKU_NOT_IN_CAMPAIGN', { lines: [{ sku: 'S58', quantity: 1 }] }],
])('%s is refused', async (_, code, more) => {
  await configure();
  await expect(buy(1, more)).rejects.toMatchObject({ code });
});

test('the audit finds a tampered count of what is sold, and a tampered draw', async () => {
  await fixture.engine.submit(countOf(fixture.sku, 5));
  await configure();
  await buy(3);
  const tampered = async (statement: string) => {
    await fixture.database.query(statement, [fixture.sku]);
    return (await auditOf(fixture.orm)).map(({ place, counter, stored, folded }) => [
      place,
      counter,
      stored,
      folded,
    ]);
  };
  const code = `C-${fixture.sku}`;
  const used = (kind: string, delta: number) =>
    `update presale_limit set used = used + ${delta} where campaign = 'C-' || $1 and kind = '${kind}'`;
  expect(await tampered(used('SKU', 1))).toEqual([[`campaign ${code}`, 'SOLD', 4, 3]]);
  await tampered(used('SKU', -1));
  expect(await tampered(used('TOTAL', -1))).toEqual([[`campaign ${code} `, 'SOLD', 2, 3]]);
  await tampered(used('TOTAL', 1));
  expect(await tampered(used('CHANNEL', 1))).toEqual([[`campaign ${code} douyin`, 'SOLD', 4, 3]]);
  await tampered(used('CHANNEL', -1));
  expect(await tampered(`update stock_balance set future_draw = -1 where sku = $1`)).toEqual([
    ['balance of MAIN', 'FUTURE_DRAW', -1, 0],
  ]);
  expect(await tampered(`update stock_balance set future_draw = 0 where sku = $1`)).toEqual([]);
  expect(await tampered(`update stock_supply set available_on = '2027-01-01' where sku = $1`)).toEqual([
    ['balance of MAIN', 'FUTURE_DRAW', 0, -3],
  ]);
});
