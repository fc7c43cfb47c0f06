import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { DatabaseGauges, type DatabaseGauge } from '../../../src/platform/metrics/database-gauges.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { until } from '../../support/until.ts';
import { gateTo, type DatabaseGate } from '../../support/database-gate.ts';

let database: TestDatabase;
let gate: DatabaseGate;
const opened: DatabaseGauges[] = [];
beforeAll(async () => {
  database = await createTestDatabase();
  gate = await gateTo(database.url);
});
afterAll(async () => {
  for (const gauges of opened) gauges.close();
  await gate?.shut();
  await database?.drop();
});

function made(gauges: DatabaseGauge[], now?: () => number): DatabaseGauges {
  const one = new DatabaseGauges(gate.url, gauges, now);
  opened.push(one);
  return one;
}
const gauge = (sql: string) => ({ name: 'things', help: 'Things.', label: 'kind', sql });

test('a count serves ten seconds, and is made anew after that', async () => {
  let now = 0;
  await database.query('create table thing (kind text)');
  await database.query(`insert into thing values ('a'), ('a'), ('b')`);
  const counts = gauge('select kind, count(*) from thing group by kind order by kind');
  const gauges = made([counts], () => now);
  const before = [
    { gauge: 'things', label: 'a', value: '2' },
    { gauge: 'things', label: 'b', value: '1' },
  ];
  expect(await gauges.read()).toEqual(before);
  await database.query(`delete from thing where kind = 'a'`);
  now = 9_999;
  expect(await gauges.read()).toEqual(before);
  now = 10_000;
  expect(await gauges.read()).toEqual([{ gauge: 'things', label: 'b', value: '1' }]);
});

test('a statement that takes longer than a second is given up, by the hub and by the server', async () => {
  const gauges = made([gauge(`select 'x', 1 from pg_sleep(100)`)]);
  expect(await gauges.read()).toBeUndefined();
  // It would go on beyond the test's own time.
  await until(async () => {
    const working = await database.query(
      `select 1 from pg_stat_activity where query like '%pg_sleep(100)%' and state = 'active' and pid <> pg_backend_pid()`,
    );
    return working.length === 0;
  });
});

test('a database that does not answer is asked by one count, not by every scrape', async () => {
  const before = gate.connections();
  const gauges = made([gauge(`select 'x', 1 from pg_sleep(100)`)]);
  const reads = Promise.all([gauges.read(), gauges.read(), gauges.read()]);
  await until(() => gate.connections() > before);
  expect(await reads).toEqual([undefined, undefined, undefined]);
  expect(gate.connections()).toBe(before + 1);
});

test('a lost database is said within the deadline, and counted again when it is back', async () => {
  let now = 0;
  const gauges = made([gauge(`select 'x', 1`)], () => now);
  await gate.shut();
  expect(await gauges.read()).toBeUndefined();
  await gate.open();
  now = 10_000;
  expect(await gauges.read()).toEqual([{ gauge: 'things', label: 'x', value: 1 }]);
});
