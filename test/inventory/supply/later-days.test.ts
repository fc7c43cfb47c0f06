import { describe, expect, test } from '@jest/globals';
import { projection } from '../../../src/inventory/model/available-to-promise.ts';
import { addDays, dayIn } from '../../../src/inventory/model/day.ts';
import type { Outcome, PlannedOutcome, ReservationOutcome } from '../../../src/inventory/engine/command.ts';
import { datedPromiseJob } from '../../../src/inventory/supply/dated-promise.job.ts';
import { readAtp } from '../../../src/inventory/availability/read-availability.ts';
import { reservationById } from '../../../src/inventory/reservations/read-reservation.ts';
import { RestockReason, StockCondition } from '../../../src/inventory/model/stock.enums.ts';
import { RequestContext } from '../../../src/platform/api/request-context.ts';
import { admin, countOf, engineOf, reserveOf } from '../../support/inventory/engine.ts';
import { engineFixture, idOf, NOON } from '../../support/inventory/engine-fixture.ts';
import { auditOf, promiseOf } from '../../support/inventory/stock.ts';

const fixture = engineFixture();
const TODAY = dayIn('Asia/Shanghai', NOON);
const on = (day: number) => addDays(TODAY, day);
/** Midnight in Shanghai, so many nights from now. */
const midnight = (nights: number) => new Date(Date.parse(`${on(nights)}T00:00:00+08:00`));
const before = (instant: Date) => new Date(instant.getTime() - 1);

const submit = (command: Parameters<typeof fixture.engine.submit>[0]) => fixture.engine.submit(command);
const count = (units: number) => submit(countOf(fixture.sku, units));
const reserve = (quantity: number, more: Parameters<typeof reserveOf>[2] = {}) =>
  submit(reserveOf(fixture.sku, quantity, more));
async function paid(quantity: number, more: Parameters<typeof reserveOf>[2] = {}): Promise<string> {
  const outcome = await reserve(quantity, more);
  expect(outcome).toMatchObject({ type: 'Reservation' });
  const reservationId = idOf(outcome);
  await submit({ type: 'confirm', reservationId, orderExternalId: reservationId });
  return reservationId;
}
const inbound = async (quantity: number, day: number, externalId = `PO-${fixture.sku}`) =>
  (await submit({
    type: 'recordInbound',
    kind: 'PURCHASE_ORDER',
    externalId,
    node: 'WH',
    lines: [{ sku: fixture.sku, quantity, availableOn: on(day) }],
  })) as PlannedOutcome;
const receive = (quantity: number, inboundId = `PO-${fixture.sku}`) =>
  submit({
    type: 'restock',
    node: 'WH',
    reason: RestockReason.RECEIPT,
    externalEventId: undefined,
    lines: [
      {
        sku: fixture.sku,
        quantity,
        condition: StockCondition.SELLABLE,
        returnOf: undefined,
        inbound: inboundId,
      },
    ],
  });
/** Rules are of the pool: the promises of other tests, whose clocks stood elsewhere, are none of this one's. */
const aloneInThePool = () =>
  fixture.database.query(`update stock_balance set committed_at = '-infinity' where sku <> $1`, [
    fixture.sku,
  ]);
const settle = () => submit({ type: 'settle', pool: 'MAIN', lines: [{ sku: fixture.sku }] });
const quantity = async () => (await promiseOf(fixture.orm, fixture.sku)).quantity;
const reading = async () => (await readAtp(fixture.orm.em.fork(), [{ sku: fixture.sku, pool: 'MAIN' }]))[0]!;
const reservationOf = (id: string) =>
  new RequestContext(admin, fixture.orm.em.fork()).load(reservationById, id);
const row = async () =>
  (
    await fixture.database.query<Record<string, number>>(
      `select confirmed, held, dated_confirmed as "datedConfirmed", dated_held as "datedHeld", future_draw as "futureDraw",
         commit_counter::int as "commitCounter" from stock_balance where sku = $1`,
      [fixture.sku],
    )
  )[0]!;
const tasks = () =>
  fixture.database.query<{ kind: string; details: { promises?: object[] } }>(
    `select kind, details from review_task where details->>'sku' = $1`,
    [fixture.sku],
  );
const promisedOn = (outcome: Outcome) => (outcome as ReservationOutcome).lines.map((line) => line.promisedOn);
const sound = async () =>
  expect((await auditOf(fixture.orm)).filter(({ sku }) => sku === fixture.sku)).toEqual([]);

describe('reserving for a later day', () => {
  test('what is on its way can be promised for the days from its arrival on, and today keeps its units', async () => {
    await count(3);
    await inbound(5, 4);
    expect(await reserve(5, { neededOn: on(4) })).toMatchObject({
      lines: [{ quantity: 5, promisedOn: on(4) }],
    });
    expect(await quantity()).toBe(3);
    expect(await row()).toMatchObject({ held: 0, datedHeld: 5, futureDraw: 0 });
    // One more for that day is taken from the shelf: nobody else may have that unit.
    await reserve(1, { neededOn: on(4) });
    expect(await quantity()).toBe(2);
    expect((await promiseOf(fixture.orm, fixture.sku)).terms).toMatchObject({ ON_HAND: 3, FUTURE_DRAW: -1 });
    await sound();
  });

  test('the earliest day that is acceptable; a refusal names the first day with enough', async () => {
    await count(1);
    await inbound(2, 3);
    await inbound(4, 6, `PO2-${fixture.sku}`);
    expect(promisedOn(await reserve(3, { acceptUntil: on(5) }))).toEqual([on(3)]);
    expect(await reserve(4, { neededOn: on(1), acceptUntil: on(5) })).toEqual({
      type: 'InsufficientStock',
      shortages: [{ sku: fixture.sku, requested: 4, available: 0, availableOn: on(6) }],
    });
    expect(await reserve(1)).toMatchObject({ shortages: [{ available: 0, availableOn: on(6) }] });
    expect(promisedOn(await reserve(4, { acceptUntil: on(6) }))).toEqual([on(6)]);
    expect(await reserve(1, { acceptUntil: on(300) })).toMatchObject({ shortages: [{ availableOn: null }] });
  });

  test('PARTIAL takes the most that there is on an acceptable day', async () => {
    await inbound(2, 3);
    const outcome = await reserve(5, { acceptUntil: on(9), partial: true });
    expect(outcome).toMatchObject({
      lines: [{ quantity: 2, promisedOn: on(3) }],
      shortages: [{ requested: 5, available: 2, availableOn: null }],
    });
  });

  test.each([
    ['in the past', { neededOn: on(-1) }],
    ['more than 366 days ahead', { acceptUntil: on(367) }],
    ['acceptable only before it is needed', { neededOn: on(3), acceptUntil: on(2) }],
  ])('a day %s is refused', async (_, more) => {
    await count(9);
    await expect(reserve(1, more)).rejects.toMatchObject({ code: 'DAY_OUT_OF_RANGE' });
  });

  test('a hold for a later day ends by the clock like others; released and cancelled units are free again', async () => {
    await count(4);
    await reserve(1, { neededOn: on(2), ttlSeconds: 60 });
    const released = await reserve(1, { neededOn: on(2) });
    const cancelled = await paid(1, { neededOn: on(2) });
    expect(await quantity()).toBe(1);
    await submit({ type: 'release', reservationId: idOf(released), reason: undefined });
    await submit({ type: 'cancel', reservationId: cancelled, lines: undefined, reason: undefined });
    expect(await quantity()).toBe(3);
    await fixture.database.setClock(new Date(NOON.getTime() + 60_000));
    expect(await quantity()).toBe(4);
    expect(await reserve(4)).toMatchObject({ type: 'Reservation' });
    await sound();
  });

  test('its units are no node’s before its day, unless they go out', async () => {
    await count(2);
    const id = await paid(2, { neededOn: on(1) });
    const allocate = () =>
      submit({
        type: 'allocate',
        reservationIds: [id],
        assignments: [{ node: 'WH', sku: fixture.sku, quantity: 2 }],
      });
    await expect(allocate()).rejects.toMatchObject({ code: 'QUANTITY_OUT_OF_RANGE' });
    await fixture.database.setClock(midnight(1));
    expect(await allocate()).toMatchObject({ type: 'Fulfilment' });
    await sound();
  });
});

describe('when its day comes', () => {
  test('the number is exact at midnight though nobody has written; the first lock writes the same down', async () => {
    await count(5);
    await inbound(5, 1);
    await paid(5, { neededOn: on(1) });
    const stored = await row();
    await fixture.database.setClock(before(midnight(1)));
    const lastMoment = await reading();
    expect(await quantity()).toBe(5);
    expect(lastMoment.nextChangeAt).toEqual(midnight(1));
    await fixture.database.setClock(midnight(1));
    const first = await reading();
    expect(await quantity()).toBe(0); // promised for today, and the delivery of today is not here yet
    expect(first.version > lastMoment.version).toBe(true);
    expect(await row()).toEqual(stored);
    await settle();
    expect(await row()).toMatchObject({ confirmed: 5, datedConfirmed: 0, futureDraw: 0 });
    expect(await quantity()).toBe(0);
    expect((await reading()).version > first.version).toBe(true);
    await receive(5);
    expect(await quantity()).toBe(5);
    await sound();
  });

  test('what waits for the delivery of its day gets it as it comes in, before anyone else', async () => {
    await inbound(5, 1);
    await paid(4, { neededOn: on(1) });
    await fixture.database.setClock(midnight(1));
    expect(await quantity()).toBe(0);
    await receive(5);
    expect(await row()).toMatchObject({ confirmed: 4, datedConfirmed: 0 });
    expect(await quantity()).toBe(1);
    expect(await tasks()).toEqual([]);
    await sound();
  });

  test('an overdue delivery counts tomorrow, and its promises with it, until the fence; then nothing is planned', async () => {
    await inbound(5, 1);
    const id = await paid(4, { neededOn: on(1) });
    await fixture.database.setClock(midnight(2));
    const { figures, timeline } = await reading();
    expect(projection(figures, timeline!, 3).map((day) => day.quantity)).toEqual([0, 1, 1]);
    await settle();
    expect(await reservationOf(id)).toMatchObject({ lines: [{ promisedOn: on(3) }] });
    await fixture.database.setClock(midnight(9)); // seven days and one after its day
    await settle();
    expect((await reservationOf(id))!.events.at(-1)!.reason).toBe(`no day can be promised: ${fixture.sku}`);
    expect(await reserve(1, { acceptUntil: on(20) })).toMatchObject({ type: 'InsufficientStock' });
    await inbound(6, 12);
    expect(await reservationOf(id)).toMatchObject({ lines: [{ promisedOn: on(12) }] });
    expect(promisedOn(await reserve(2, { acceptUntil: on(20) }))).toEqual([on(12)]);
    await sound();
  });

  const rules = (overdueOffsetDays: number, overdueFenceDays: number) =>
    submit({
      type: 'configurePool',
      pool: 'MAIN',
      overdueOffsetDays,
      overdueFenceDays,
      resaleRate: undefined,
    });

  test('another rule is another version of what has supply to come, though nothing is promised of it', async () => {
    await inbound(5, 0);
    const { version } = await reading();
    try {
      await rules(3, 7);
      expect((await reading()).version > version).toBe(true);
    } finally {
      await rules(1, 7);
    }
  });

  test('a pool may fence sooner and count later', async () => {
    await aloneInThePool();
    await inbound(5, 0);
    try {
      await rules(3, 1);
      await fixture.database.setClock(midnight(1));
      expect(promisedOn(await reserve(1, { acceptUntil: on(9) }))).toEqual([on(4)]);
      const id = await paid(1, { acceptUntil: on(9) });
      // The rule moves a promise at once, not at the next midnight.
      expect(await rules(5, 1)).toMatchObject({
        repromised: expect.arrayContaining([
          expect.objectContaining({ reservationId: id, promisedOn: on(6) }),
        ]),
      });
      await fixture.database.setClock(midnight(2));
      expect(await reserve(1, { acceptUntil: on(30) })).toMatchObject({ type: 'InsufficientStock' });
    } finally {
      await rules(1, 7);
    }
  });
});

describe('a delivery that is late, short or lost', () => {
  test('gives its promises the earliest day there is, oldest first, with an event and a task', async () => {
    await inbound(5, 2);
    const older = await paid(3, { neededOn: on(2) });
    const newer = await paid(2, { neededOn: on(2) });
    await inbound(9, 8, `PO2-${fixture.sku}`);
    const { repromised } = await inbound(4, 2);
    expect(repromised).toEqual([
      { reservationId: newer, sku: fixture.sku, units: 2, promisedBefore: on(2), promisedOn: on(8) },
    ]);
    expect(await reservationOf(older)).toMatchObject({ lines: [{ promisedOn: on(2) }] });
    const told = await reservationOf(newer);
    expect(told).toMatchObject({ state: 'CONFIRMED', lines: [{ promisedOn: on(8) }] });
    expect(told!.events.at(-1)!.reason).toBe(`promised for ${on(8)} instead of ${on(2)}: ${fixture.sku}`);
    expect(await tasks()).toEqual([
      { kind: 'PROMISE_BREACH', details: expect.objectContaining({ units: 2, promises: repromised }) },
    ]);
    expect((await inbound(4, 5)).repromised).toMatchObject([{ reservationId: older, promisedOn: on(5) }]);
    await sound();
  });

  test('a count that finds less breaks promises for later days too', async () => {
    await count(5);
    const id = await paid(4, { neededOn: on(3) });
    await inbound(4, 6);
    await count(3);
    expect(await reservationOf(id)).toMatchObject({ lines: [{ promisedOn: on(6) }] });
    expect(await quantity()).toBe(3);
    expect(await tasks()).toMatchObject([{ kind: 'PROMISE_BREACH' }]);
    await sound();
  });

  test('is told though nobody asks for the SKU: the hub looks after midnight', async () => {
    await inbound(5, 1);
    const id = await paid(5, { neededOn: on(1) });
    const job = datedPromiseJob(fixture.orm.em, engineOf(fixture.engine));
    const run = () => job.run(new AbortController().signal);
    await fixture.database.setClock(midnight(2));
    await run();
    expect(await reservationOf(id)).toMatchObject({ lines: [{ promisedOn: on(3) }] });
    expect(await tasks()).toMatchObject([{ kind: 'PROMISE_BREACH' }]);
    const { commitCounter } = await row();
    await run();
    expect((await row()).commitCounter).toBe(commitCounter); // once a day
  });
});

describe('expected returns', () => {
  test('count at the resale rate of the pool, from the day on which they are thought to be back', async () => {
    const rate = (resaleRate: number) =>
      submit({
        type: 'configurePool',
        pool: 'MAIN',
        overdueOffsetDays: undefined,
        overdueFenceDays: undefined,
        resaleRate,
      });
    await aloneInThePool();
    await count(10);
    const order = await paid(10);
    await submit({
      type: 'takeOrder',
      channel: 'douyin',
      orderExternalId: order,
      event: 'SHIP',
      lines: [{ sku: fixture.sku, quantity: 10 }],
      shipFrom: [{ node: 'WH', sku: fixture.sku, quantity: 10 }],
    });
    await submit({
      type: 'refund',
      channel: 'douyin',
      orderExternalId: order,
      externalEventId: `R-${order}`,
      settledAt: NOON.toISOString(),
      policy: 'EXPECTED_RETURN',
      lines: [{ orderLineId: `L-${order}`, sku: fixture.sku, quantity: 10, ordered: 10 }],
    });
    try {
      await rate(0.75);
      expect(await reserve(8, { acceptUntil: on(30) })).toMatchObject({ shortages: [{ available: 7 }] });
      expect(promisedOn(await reserve(7, { acceptUntil: on(30) }))).toEqual([on(14)]);
      await sound();
      const { repromised } = (await rate(0.5)) as PlannedOutcome;
      expect(repromised).toMatchObject([{ sku: fixture.sku, units: 7, promisedOn: null }]);
      await sound();
    } finally {
      await rate(1);
    }
  });
});
