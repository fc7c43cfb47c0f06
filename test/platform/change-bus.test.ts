import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { startPostgresBus, type ChangeBus } from '../../src/platform/change-bus.ts';
import type { Logger } from '../../src/platform/log.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { gateTo, type DatabaseGate } from '../support/database-gate.ts';
import { until } from '../support/until.ts';

let database: TestDatabase;
let gate: DatabaseGate;
const buses: ChangeBus[] = [];
let said: string[];

beforeEach(async () => {
  database = await createTestDatabase();
  gate = await gateTo(database.url);
  said = [];
});
afterEach(async () => {
  for (const bus of buses.splice(0)) await bus.close();
  await gate.shut();
  await database.drop();
});

const keep = (_details: object, message: string) => void said.push(message);
const log = { warn: keep, debug: keep } as unknown as Logger;
const times = (message: RegExp) => said.filter((line) => message.test(line)).length;
const FAILED_ATTEMPT = /cannot connect yet/;

/** A bus, and what it tells of a topic. */
async function listening(url: string) {
  const bus = await startPostgresBus(url, log);
  buses.push(bus);
  const heard: string[] = [];
  bus.subscribe(
    'tea',
    (keys) => heard.push(...keys),
    () => heard.push('gap'),
  );
  return { bus, heard };
}
async function sessions(): Promise<number> {
  const rows = await database.query(
    `select from pg_stat_activity where datname = current_database() and application_name = 'orderweave bus'`,
  );
  return rows.length;
}

test('in an outage it tries again at its own pace, and afterwards listens once', async () => {
  const { bus, heard } = await listening(gate.url);
  await gate.shut();
  const end = performance.now() + 2_000;
  await until(() => performance.now() > end);
  // One attempt at a time, 200 ms or more after the one before.
  expect(times(FAILED_ATTEMPT)).toBeGreaterThan(0);
  expect(times(FAILED_ATTEMPT)).toBeLessThan(10);
  await gate.open();
  await until(() => heard.length > 0);
  const other = await listening(database.url);
  expect(await sessions()).toBe(2);
  other.bus.publish('tea', ['green']);
  await until(() => heard.includes('green'));
  expect(heard).toEqual(['gap', 'green']);
  await other.bus.close();
  await bus.close();
  await until(async () => (await sessions()) === 0);
});

test('closed in an outage, it does not come back', async () => {
  const { bus } = await listening(gate.url);
  await gate.shut();
  await until(() => times(FAILED_ATTEMPT) > 0);
  await bus.close();
  const attempts = times(FAILED_ATTEMPT);
  await gate.open();
  const other = await listening(gate.url); // later than an attempt that was under way
  expect(times(FAILED_ATTEMPT)).toBe(attempts);
  expect(await sessions()).toBe(1);
  await other.bus.close();
});

test('a sender that cannot connect leaves nothing open, and the next signal goes out', async () => {
  const { bus } = await listening(gate.url);
  const other = await listening(database.url);
  await gate.shut();
  bus.publish('tea', ['lost']);
  await until(() => times(/signal was lost/) > 0);
  await gate.open();
  await until(() => {
    bus.publish('tea', ['green']);
    return other.heard.includes('green');
  });
  await bus.close();
  await until(async () => (await sessions()) === 1);
});

test.each(['hello', '', 'null', '7', '{"topic":"tea"}', '{"origin":"x","topic":"tea","keys":["green",7]}'])(
  'a payload that no hub has sent is a gap: %j',
  async (payload) => {
    const { heard } = await listening(database.url);
    const other = await listening(database.url);
    await database.query('select pg_notify($1, $2)', ['orderweave_changes', payload]);
    await until(() => heard.length > 0);
    other.bus.publish('tea', ['green']);
    await until(() => heard.includes('green'));
    expect(heard).toEqual(['gap', 'green']);
  },
);
