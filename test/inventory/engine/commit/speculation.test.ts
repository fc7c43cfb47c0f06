import { afterEach, beforeEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { randomUUID } from 'node:crypto';
import type { StockCommand } from '../../../../src/inventory/engine/command.ts';
import {
  connect,
  countOf,
  reserveOf,
  startEngine,
  type TestEngine,
} from '../../../support/inventory/engine.ts';
import { engineFixture, idOf } from '../../../support/inventory/engine-fixture.ts';
import { auditOf, promiseOf } from '../../../support/inventory/stock.ts';
import { until } from '../../../support/until.ts';

/**
 * Batches that are decided ahead of their locks: what nobody has touched is so decided, and whatever somebody has
 * touched in between is decided under the locks, as if there were no foresight. The clock runs here.
 */
const fixture = engineFixture();
const others: TestEngine[] = [];
beforeEach(() => fixture.database.setClock(undefined));
afterEach(() => Promise.all(others.splice(0).map((engine) => engine.close())));

/** Reserves one unit after the other until the engine decides ahead. */
async function warm(sku: string): Promise<void> {
  const { engine } = fixture;
  engine.decided.length = 0;
  await until(async () => {
    await engine.submit(reserveOf(sku, 1));
    return engine.decided.at(-1) === 'SPECULATIVE';
  });
}

const count = (type: string, outcomes: readonly { type: string }[]) =>
  outcomes.filter((outcome) => outcome.type === type).length;

test('what nobody else touches is decided ahead, with all that a reservation keeps', async () => {
  const { engine, orm, sku } = fixture;
  await engine.submit(countOf(sku, 1_000));
  await warm(sku);
  const key = randomUUID();
  const basket = reserveOf(sku, 3);
  const [first, ...more] = await Promise.all([
    engine.submit(basket, key),
    ...Array.from({ length: 99 }, () => engine.submit(reserveOf(sku, 3))),
  ]);
  expect(engine.decided.filter((how) => how === 'SPECULATIVE').length).toBeGreaterThanOrEqual(2);
  expect(new Set([first, ...more].map(idOf)).size).toBe(100);
  expect(await engine.submit(basket, key)).toEqual(first);
  await expect(engine.submit(reserveOf(sku, 4), key)).rejects.toMatchObject({
    extensions: { code: 'IDEMPOTENCY_CONFLICT' },
  });
  expect(await auditOf(orm)).toEqual([]);
});

test('a repetition is answered as the first call was, whatever has become of the reservation since', async () => {
  const { engine, orm, sku, database } = fixture;
  await engine.submit(countOf(sku, 1_000));
  await warm(sku);
  const fates: ((reservationId: string) => StockCommand[])[] = [
    () => [],
    (reservationId) => [
      { type: 'extend', reservationId, ttlSeconds: 3_000 },
      { type: 'release', reservationId, reason: 'changed their mind' },
    ],
    (reservationId) => [
      { type: 'confirm', reservationId, orderExternalId: `O-${reservationId}` },
      { type: 'allocate', reservationIds: [reservationId], assignments: [{ node: 'WH', sku, quantity: 2 }] },
      { type: 'ship', reservationIds: [reservationId], node: 'WH', lines: [{ sku, quantity: 2 }] },
      { type: 'cancel', reservationId, lines: undefined, reason: undefined },
    ],
  ];
  for (const fate of fates) {
    const key = randomUUID();
    const basket = reserveOf(sku, 2, { lines: [2, 1].map((quantity) => ({ sku, quantity })) });
    await warm(sku);
    const first = await engine.submit(basket, key);
    expect(engine.decided.at(-1)).toBe('SPECULATIVE');
    for (const command of fate(idOf(first))) await engine.submit(command);
    await database.query(
      'update reservation_line set promised_on = promised_on + 7 where reservation_id = $1',
      [idOf(first)],
    );
    expect(await engine.submit(basket, key)).toEqual(first);
  }
  expect(await auditOf(orm)).toEqual([]);
});

test('a batch of more than there is leaves nothing behind where it was decided ahead, and refuses under the locks', async () => {
  const { engine, orm, sku } = fixture;
  await engine.submit(countOf(sku, 100));
  await warm(sku);
  const { quantity } = await promiseOf(orm, sku);
  const outcomes = await Promise.all(
    Array.from({ length: quantity + 20 }, () => engine.submit(reserveOf(sku, 1))),
  );
  expect(count('Reservation', outcomes)).toBe(quantity);
  expect(count('InsufficientStock', outcomes)).toBe(20);
  expect((await promiseOf(orm, sku)).quantity).toBe(0);
  expect(await auditOf(orm)).toEqual([]);
});

/** What somebody else may do between two batches, and what the next reservation must then be. */
const interventions: [string, (sku: string) => Promise<unknown>, (outcome: object) => void][] = [
  [
    'units that another writer takes are not sold again',
    (sku) => fixture.database.query('update stock_balance set on_hand = held where sku = $1', [sku]),
    (outcome) => expect(outcome).toMatchObject({ type: 'InsufficientStock', shortages: [{ available: 0 }] }),
  ],
  [
    'a safety buffer that was raised holds',
    (sku) => fixture.database.query('update stock_balance set buffer_fixed = 1000 where sku = $1', [sku]),
    (outcome) => expect(outcome).toMatchObject({ type: 'InsufficientStock', shortages: [{ available: 0 }] }),
  ],
  [
    'a quota that was set holds',
    async (sku) => {
      await fixture.database.query(
        `insert into channel_quota (sku, pool, channel, exclusive, shared_cap) values ($1, 'MAIN', 'douyin', 0, 0)`,
        [sku],
      );
      await fixture.database.query('update stock_balance set has_quotas = true where sku = $1', [sku]);
    },
    (outcome) => expect(outcome).toMatchObject({ type: 'InsufficientStock', shortages: [{ available: 0 }] }),
  ],
  [
    'a hold time that was changed counts at once',
    () => fixture.database.query(`update channel set hold_ttl_seconds = 60 where code = 'douyin'`),
    (outcome) => {
      const { createdAt, expiresAt } = outcome as { createdAt: string; expiresAt: string };
      expect(Date.parse(expiresAt) - Date.parse(createdAt)).toBe(60_000);
    },
  ],
  [
    'a channel that has moved to another pool sells there',
    async () => {
      await fixture.database.query(
        `insert into pool (code, name) values ('OTHER', 'Other') on conflict do nothing`,
      );
      await fixture.database.query(`update channel set pool = 'OTHER' where code = 'douyin'`);
    },
    (outcome) => expect(outcome).toMatchObject({ type: 'InsufficientStock' }),
  ],
  [
    'a hold that has ended in between is freed first',
    (sku) =>
      fixture.database.query(
        `with line as (
           update reservation_line set hold_expires_at = clock_timestamp()
           where reservation_id = (select min(reservation_id::text)::uuid from reservation_line where sku = $1)
           returning reservation_id
         )
         update reservation set expires_at = clock_timestamp() from line where id = reservation_id`,
        [sku],
      ),
    (outcome) => expect(outcome).toMatchObject({ type: 'Reservation' }),
  ],
];

test.each(interventions)('%s', async (_what, intervene, check) => {
  const { engine, orm, sku, database } = fixture;
  await engine.submit(countOf(sku, 100));
  await warm(sku);
  const before = await promiseOf(orm, sku);
  try {
    await intervene(sku);
    check(await engine.submit(reserveOf(sku, 1)));
    expect(['RETRIED', 'LOCKED']).toContain(engine.decided.at(-1));
    expect((await promiseOf(orm, sku)).quantity).toBeLessThanOrEqual(before.quantity);
  } finally {
    await database.query(`update channel set hold_ttl_seconds = 900, pool = 'MAIN' where code = 'douyin'`);
    // What was changed past the ledger, the audit of other tests would find.
    await database.query('delete from channel_quota where sku = $1', [sku]);
    await database.query(
      'update stock_balance set on_hand = 100, buffer_fixed = 0, has_quotas = false where sku = $1',
      [sku],
    );
  }
});

test('an ended hold is reclaimed before the next reservation counts', async () => {
  const { engine, orm, sku, database } = fixture;
  await engine.submit(countOf(sku, 100));
  await warm(sku);
  await database.query(
    `with line as (
       update reservation_line set hold_expires_at = clock_timestamp() where sku = $1 returning reservation_id
     )
     update reservation set expires_at = clock_timestamp() from line where id = reservation_id`,
    [sku],
  );
  await engine.submit(reserveOf(sku, 1));
  expect((await promiseOf(orm, sku)).quantity).toBe(99);
  expect(await auditOf(orm)).toEqual([]);
});

test('a key that another process has used meanwhile answers what that one was answered', async () => {
  const { engine, sku, orm, database } = fixture;
  const second = startEngine(database);
  others.push(second);
  await engine.submit(countOf(sku, 100));
  const key = randomUUID();
  const basket = reserveOf('S0', 1);
  await engine.submit(countOf('S0', 10));
  const elsewhere = await second.submit(basket, key);
  await warm(sku);
  const both = await Promise.all([engine.submit(reserveOf(sku, 1)), engine.submit(basket, key)]);
  expect(both[1]).toEqual(elsewhere);
  const again = await Promise.all([engine.submit(reserveOf(sku, 1)), engine.submit(basket, key)]);
  expect(again[1]).toEqual(elsewhere);
  expect(await auditOf(orm)).toEqual([]);
});

test('a row that somebody holds is waited for, and compared again when it is free', async () => {
  const { engine, sku, database, orm } = fixture;
  await engine.submit(countOf(sku, 100));
  await warm(sku);
  const holder = await connect(database.url);
  await holder.query('begin');
  await holder.query('update stock_balance set on_hand = held where sku = $1', [sku]);
  const waiting = engine.submit(reserveOf(sku, 1));
  await until(async () => {
    const [row] = await database.query<{ count: number }>(
      `select count(*)::int as count from pg_stat_activity
       where datname = current_database() and wait_event_type = 'Lock' and query like '%stock_balance%'`,
    );
    return row!.count === 1;
  });
  await holder.query('commit');
  await holder.end();
  expect(await waiting).toMatchObject({ type: 'InsufficientStock' });
  expect((await promiseOf(orm, sku)).quantity).toBe(0);
  await database.query('update stock_balance set on_hand = 100 where sku = $1', [sku]);
});

/** Random crowds at two processes and a writer beside them: everyone is answered, and no unit is sold twice. */
test('two processes and direct writers together never sell more than there is', async () => {
  const { database, orm, engine } = fixture;
  const second = startEngine(database);
  others.push(second);
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          crowd: fc.integer({ min: 1, max: 40 }),
          where: fc.constantFrom('first', 'second', 'both'),
          loss: fc.integer({ min: 0, max: 3 }),
        }),
        { minLength: 2, maxLength: 8 },
      ),
      async (rounds) => {
        const sku = `P-${randomUUID()}`;
        await database.query('insert into sku (code, title) values ($1, $1)', [sku]);
        await engine.submit(countOf(sku, 60));
        let sold = 0;
        let lost = 0;
        for (const { crowd, where, loss } of rounds) {
          const engines = { first: [engine], second: [second], both: [engine, second] }[where];
          const outcomes = await Promise.all(
            Array.from({ length: crowd }, (_, index) =>
              engines[index % engines.length]!.submit(reserveOf(sku, 1)),
            ),
          );
          sold += count('Reservation', outcomes);
          // as a tool of the warehouse might, without a version: what it takes is gone from the next batch on
          const taken = await database.query(
            `update stock_balance set on_hand = on_hand - $2
             where sku = $1 and on_hand - held >= $2 and $2 > 0 returning 1`,
            [sku, loss],
          );
          lost += taken.length * loss;
          const [row] = await database.query<{ held: number; free: number }>(
            'select held, on_hand - held as free from stock_balance where sku = $1',
            [sku],
          );
          expect(row).toEqual({ held: sold, free: 60 - lost - sold });
          expect(row!.free).toBeGreaterThanOrEqual(0);
        }
        await database.query('update stock_balance set on_hand = on_hand + $2 where sku = $1', [sku, lost]);
      },
    ),
    { numRuns: 25 },
  );
  expect([...engine.decided, ...second.decided]).toEqual(expect.arrayContaining(['SPECULATIVE', 'LOCKED']));
  expect(await auditOf(orm)).toEqual([]);
}, 60_000);
