import { afterEach, expect, test } from '@jest/globals';
import {
  connect,
  countOf,
  reserveOf,
  startEngine,
  type TestEngine,
} from '../../../support/inventory/engine.ts';
import { engineFixture, later } from '../../../support/inventory/engine-fixture.ts';
import { auditOf, promiseOf } from '../../../support/inventory/stock.ts';
import { until } from '../../../support/until.ts';

const fixture = engineFixture();
const others: TestEngine[] = [];
afterEach(() => Promise.all(others.splice(0).map((engine) => engine.close())));

function anotherEngine(): TestEngine {
  const engine = startEngine(fixture.database);
  others.push(engine);
  return engine;
}

const sessionsWaitingForARow = async () => {
  const [row] = await fixture.database.query<{ count: number }>(
    `select count(*)::int as count from pg_stat_activity
     where datname = current_database() and wait_event_type = 'Lock' and query like '%stock_balance%'`,
  );
  return row!.count;
};

/**
 * Both sessions look before either has reclaimed: each would see the same expired hold in its snapshot. Reclaiming in
 * a statement begun after the lock lets only the first one have it; in one statement with the lock, held would be
 * lowered twice while no CHECK notices.
 */
test('two sessions that wait for one balance reclaim its expired hold once', async () => {
  const { engine, orm, sku, database } = fixture;
  const second = anotherEngine();
  await engine.submit(countOf(sku, 10));
  await engine.submit(reserveOf(sku, 4, { ttlSeconds: 60 }));
  await engine.submit(reserveOf(sku, 5, { ttlSeconds: 600 }));
  await database.setClock(later(60));
  await second.submit(reserveOf('NONE', 1)).catch(() => undefined); // both are connected

  const blocker = await connect(database.url);
  await blocker.query('begin');
  await blocker.query('select 1 from stock_balance where sku = $1 for update', [sku]);
  const both = Promise.all([engine.submit(reserveOf(sku, 2)), second.submit(reserveOf(sku, 2))]);
  await until(async () => (await sessionsWaitingForARow()) === 2);
  await blocker.query('commit');
  await blocker.end();

  expect((await both).map(({ type }) => type)).toEqual(['Reservation', 'Reservation']);
  expect(await promiseOf(orm, sku)).toMatchObject({ quantity: 1, terms: { HELD: -9 } });
  const expiries = await database.query(
    `select delta from stock_movement where sku = $1 and cause = 'EXPIRE'`,
    [sku],
  );
  expect(expiries).toEqual([{ delta: -4 }]);
  expect(await auditOf(orm)).toEqual([]);
});

test('one key in two sessions is carried out once, and both get its reply', async () => {
  const { engine, sku, orm } = fixture;
  const second = anotherEngine();
  await engine.submit(countOf(sku, 10));
  const command = reserveOf(sku, 1);
  const replies = await Promise.all([engine.submit(command, `k-${sku}`), second.submit(command, `k-${sku}`)]);
  expect(replies[0]).toEqual(replies[1]);
  expect((await promiseOf(orm, sku)).quantity).toBe(9);
});

test('baskets (a, b) and (b, a) of many sessions never deadlock', async () => {
  const { engine, orm, database, sku: a } = fixture;
  const b = 'S59';
  await engine.submit(countOf(a, 1000));
  await engine.submit(countOf(b, 1000));
  const engines = [engine, anotherEngine(), anotherEngine(), anotherEngine()];
  const basket = (first: string, second: string) =>
    reserveOf(first, 1, { lines: [first, second, first].map((sku) => ({ sku, quantity: 1 })) });
  const outcomes = await Promise.all(
    Array.from({ length: 200 }, (_, index) =>
      engines[index % 4]!.submit(index % 3 ? basket(a, b) : basket(b, a)),
    ),
  );
  expect(outcomes.every(({ type }) => type === 'Reservation')).toBe(true);
  const [row] = await database.query<{ deadlocks: string }>(
    'select deadlocks from pg_stat_database where datname = current_database()',
  );
  expect(Number(row!.deadlocks)).toBe(0);
  expect(await auditOf(orm)).toEqual([]);
});

test('an expired basket that two sessions bring home, each half of it, never deadlocks', async () => {
  const { engine, orm, database, sku: a } = fixture;
  const b = 'S58';
  const second = anotherEngine();
  await engine.submit(countOf(a, 100));
  await engine.submit(countOf(b, 100));
  await second.submit(reserveOf('NONE', 1)).catch(() => undefined); // connected
  for (let round = 0; round < 20; round++) {
    const lines = [a, b].map((sku) => ({ sku, quantity: 1 }));
    await engine.submit(reserveOf(a, 1, { lines, ttlSeconds: 60 }));
    await database.setClock(later((round + 1) * 60));
    const outcomes = await Promise.all([engine.submit(reserveOf(a, 1)), second.submit(reserveOf(b, 1))]);
    expect(outcomes.map(({ type }) => type)).toEqual(['Reservation', 'Reservation']);
  }
  const [row] = await database.query<{ deadlocks: string }>(
    'select deadlocks from pg_stat_database where datname = current_database()',
  );
  expect(Number(row!.deadlocks)).toBe(0);
  expect(await auditOf(orm)).toEqual([]);
});

test('a row that somebody else holds stops its own commands, which are told to come again, and no others', async () => {
  const { engine, database, sku } = fixture;
  await engine.submit(countOf(sku, 5));
  await engine.submit(countOf('S57', 5));
  const outsider = await connect(database.url);
  await outsider.query('begin');
  await outsider.query('select 1 from stock_balance where sku = $1 for update', [sku]);
  const key = `held-${sku}`;
  const command = reserveOf(sku, 1);
  const [stuck, alsoStuck, other] = await Promise.allSettled([
    engine.submit(command, key),
    engine.submit(reserveOf(sku, 1)),
    engine.submit(reserveOf('S57', 1)),
  ]);
  expect(other).toMatchObject({ status: 'fulfilled', value: { type: 'Reservation' } });
  for (const refused of [stuck, alsoStuck])
    expect(refused).toMatchObject({
      status: 'rejected',
      reason: { code: 'OVERLOADED', extensions: { retryable: true } },
    });
  await outsider.query('rollback');
  await outsider.end();
  expect(await engine.submit(command, key)).toMatchObject({ type: 'Reservation' });
});
