import { afterEach, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { Outcome } from '../../../src/inventory/engine/command.ts';
import { gateTo } from '../../support/database-gate.ts';
import { connect, countOf, reserveOf, startEngine, type TestEngine } from '../../support/inventory/engine.ts';
import { engineFixture, idOf, later, NOON } from '../../support/inventory/engine-fixture.ts';
import { auditOf, promiseOf } from '../../support/inventory/stock.ts';
import { until } from '../../support/until.ts';

const fixture = engineFixture();
const others: TestEngine[] = [];
afterEach(() => Promise.all(others.splice(0).map((engine) => engine.close())));

function engineOn(url: string): TestEngine {
  const engine = startEngine({ ...fixture.database, url });
  others.push(engine);
  return engine;
}

interface Attempt {
  key: string;
  command: ReturnType<typeof reserveOf>;
  /** What came back the first time. */
  outcome?: Outcome;
}
const attemptsOf = (sku: string, count: number): Attempt[] =>
  Array.from({ length: count }, () => ({ key: randomUUID(), command: reserveOf(sku, 1) }));

/** Each attempt once: an outcome, or the one error after which its key is safe to retry. */
async function tryOnce(engine: TestEngine, attempts: Attempt[]): Promise<void> {
  const settled = await Promise.allSettled(attempts.map(({ command, key }) => engine.submit(command, key)));
  settled.forEach((result, index) => {
    if (result.status === 'fulfilled') attempts[index]!.outcome = result.value;
    else
      expect(result.reason).toMatchObject({ code: 'DATABASE_UNAVAILABLE', extensions: { retryable: true } });
  });
}

/** With the same keys again: what was answered before is answered again, and each has had exactly one effect. */
async function expectOneEffectEach(engine: TestEngine, sku: string, attempts: Attempt[]): Promise<void> {
  const again = await Promise.all(attempts.map(({ command, key }) => engine.submit(command, key)));
  again.forEach((outcome, index) => {
    expect(outcome.type).toBe('Reservation');
    const first = attempts[index]!.outcome;
    if (first) expect(outcome).toEqual(first);
  });
  expect(new Set(again.map(idOf)).size).toBe(attempts.length);
  expect((await promiseOf(fixture.orm, sku)).terms.HELD).toBe(-attempts.length);
  expect(await auditOf(fixture.orm)).toEqual([]);
}

test('a backend that is terminated in the middle of a batch: every caller is told, and the same keys are safe', async () => {
  const { engine, sku, database } = fixture;
  await engine.submit(countOf(sku, 1000));
  const outsider = await connect(database.url);
  await outsider.query('begin');
  await outsider.query('select 1 from stock_balance where sku = $1 for update', [sku]);
  const attempts = attemptsOf(sku, 40);
  const trying = tryOnce(engine, attempts);
  const waiting = `select pid from pg_stat_activity where datname = current_database()
    and application_name = 'orderweave promise engine' and wait_event_type = 'Lock'`;
  await until(async () => (await database.query(waiting)).length === 1);
  await database.query(`select pg_terminate_backend(pid) from (${waiting}) engine`);
  await trying;
  await outsider.query('commit');
  await outsider.end();
  expect(attempts.every(({ outcome }) => outcome === undefined)).toBe(true);
  await expectOneEffectEach(engine, sku, attempts);
});

test('a database that goes away again and again under load: an outcome or DATABASE_UNAVAILABLE, one effect a key', async () => {
  const { engine, sku, database } = fixture;
  await engine.submit(countOf(sku, 1000));
  const gate = await gateTo(database.url);
  const cut = engineOn(gate.url);
  const attempts = attemptsOf(sku, 200);
  let answered = 0;
  for (let round = 0; round < 5; round++) {
    const some = attempts.slice(round * 40, round * 40 + 40);
    // Four waves, each a batch behind the one before; the gate falls between them, wherever that finds the batches.
    const waves = [0, 1, 2, 3].map(async (wave) => {
      await until(async () => answered >= round * 30 + wave * 5);
      await tryOnce(cut, some.slice(wave * 10, wave * 10 + 10)).then(() => (answered += 10));
    });
    await until(async () => answered >= round * 30 + 5);
    await gate.shut();
    answered = (round + 1) * 30;
    await Promise.all(waves);
    answered = (round + 1) * 30;
    await gate.open();
  }
  await expectOneEffectEach(cut, sku, attempts);
  await cut.close();
  await gate.shut();
});

test('a command that PostgreSQL refuses fails alone, and those of the batches around it keep their order', async () => {
  const { engine, sku, database, orm } = fixture;
  await engine.submit(countOf(sku, 300));
  await database.query(`create function refuse() returns trigger language plpgsql as
    $$begin raise exception 'refused by a trigger'; end$$`);
  await database.query(`create trigger refuse before insert on reservation for each row
    when (new.reference = 'refused') execute function refuse()`);
  const outcomes = await Promise.allSettled(
    Array.from({ length: 400 }, (_, index) =>
      engine.submit(reserveOf(sku, 1, index === 150 ? { reference: 'refused' } : {})),
    ),
  );
  await database.query('drop trigger refuse on reservation');
  const types = outcomes.map((result) => (result.status === 'fulfilled' ? result.value.type : 'failed'));
  const expected = types.map((_, index) =>
    index === 150 ? 'failed' : index <= 300 ? 'Reservation' : 'InsufficientStock',
  );
  expect(types).toEqual(expected);
  expect(await auditOf(orm)).toEqual([]);
});

test('direct SQL writers beside it: not one unit more, and the audit agrees', async () => {
  const { engine, sku, database, orm } = fixture;
  await engine.submit(countOf(sku, 150));
  let reserved = 0;
  const caller = async () => {
    for (let time = 0; time < 20; time++)
      if ((await engine.submit(reserveOf(sku, 1))).type === 'Reservation') reserved += 1;
  };
  const direct = Array.from({ length: 4 }, () => writeDirectly(database.url, sku, 50));
  await Promise.all([...direct, ...Array.from({ length: 8 }, caller)]);
  const taken = (await Promise.all(direct)).reduce((sum, units) => sum + units, 0);
  expect(Math.min(taken, reserved)).toBeGreaterThan(0);
  expect(taken + reserved).toBe(150);
  expect((await promiseOf(orm, sku)).quantity).toBe(0);
  expect(await auditOf(orm)).toEqual([]);
});

/** Somebody who writes the tables in SQL, by the rules: the balance first, and each change into the ledger. */
async function writeDirectly(url: string, sku: string, times: number): Promise<number> {
  const client = await connect(url);
  let taken = 0;
  for (let time = 0; time < times; time++) {
    const { rowCount } = await client.query(
      `with balance as (
         update stock_balance set held = held + 1, commit_counter = commit_counter + 1
         where sku = $1 and pool = 'MAIN' and on_hand + unbacked > allocated + confirmed + held
         returning sku, pool
       ), sale as (
         insert into reservation (id, partner, channel, pool, reference, state, created_at, expires_at, events)
         select $2, 'admin', 'jd', pool, 'direct', 'HELD', hub_now(), hub_now() + interval '1 hour', '[]' from balance
       ), line as (
         insert into reservation_line (reservation_id, line_no, sku, pool, channel, promised_on, reserved, hold_expires_at)
         select $2, 1, sku, pool, 'jd', '2026-11-22', 1, hub_now() + interval '1 hour' from balance
       )
       insert into stock_movement (at, sku, pool, counter, delta, cause, reservation_id, actor)
       select hub_now(), sku, pool, 'HELD', 1, 'RESERVE', $2, 'direct' from balance`,
      [sku, randomUUID()],
    );
    taken += rowCount ?? 0;
  }
  await client.end();
  return taken;
}

test('the queue is bounded: who comes too many is told when to come again', async () => {
  const { engine } = fixture;
  const all = Array.from({ length: 10_300 }, () => engine.submit(reserveOf('NONE', 1)));
  const codes = (await Promise.allSettled(all)).map(
    (result) => (result as PromiseRejectedResult).reason as { code: string; extensions: object },
  );
  const overloaded = codes.filter(({ code }) => code === 'OVERLOADED');
  expect(overloaded).toHaveLength(300);
  for (const { extensions } of overloaded)
    expect(extensions).toMatchObject({ retryable: true, retryAfterSeconds: expect.any(Number) });
});

test('time never goes back behind the last commit on a balance, whatever the clock says', async () => {
  const { engine, sku, database, orm } = fixture;
  await engine.submit(countOf(sku, 10));
  await database.setClock(later(100));
  const held = await engine.submit(reserveOf(sku, 4, { ttlSeconds: 60 }));
  await database.setClock(NOON);
  const next = await engine.submit(reserveOf(sku, 1, { ttlSeconds: 60 }));
  expect(next).toMatchObject({ createdAt: later(100).toISOString(), expiresAt: later(160).toISOString() });
  const confirmed = await engine.submit({
    type: 'confirm',
    reservationId: idOf(held),
    orderExternalId: undefined,
  });
  expect(confirmed).toMatchObject({ state: 'CONFIRMED', events: [{}, { at: later(100).toISOString() }] });
  await database.setClock(later(160));
  expect(await engine.submit(reserveOf(sku, 6))).toMatchObject({ type: 'Reservation' });
  expect(await auditOf(orm)).toEqual([]);
});
