import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { ADMIN_KEY, channelsOf, endAll, ownFolder, spawnHub, type HubProcess } from './hub-process.ts';

let own: ReturnType<typeof ownFolder>;
let database: TestDatabase;
const hubs: HubProcess[] = [];

beforeEach(async () => {
  own = ownFolder();
  database = await createTestDatabase();
});
afterEach(async () => {
  await endAll(hubs);
  await database.drop();
  own.remove();
});

function start() {
  const hub = spawnHub({ HUB_DATA_DIR: own.folder, DATABASE_URL: database.url, HUB_ADMIN_KEY: ADMIN_KEY });
  hubs.push(hub);
  return hub;
}
const lock = () => path.join(own.folder, 'hub.lock');

test('a second hub on the same folder is told who uses it, and what to do', async () => {
  const first = start();
  const url = (await first.ready)!;
  const second = start();
  expect((await second.ended).code).toBe(1);
  expect(second.output.stderr).toBe(
    `Another hub (process ${first.process.pid}) uses ${own.folder}. Set HUB_DATA_DIR to another folder; ` +
      'to run several hubs on one database, set DATABASE_URL too.\n',
  );
  expect(await channelsOf(url)).toEqual([]);
  await endAll(hubs);
  expect(readdirSync(own.folder).filter((name) => name.startsWith('hub.lock'))).toEqual([]);
});

test('of hubs that start together on one folder, one comes up', async () => {
  const addresses = await Promise.all([start(), start(), start(), start()].map(({ ready }) => ready));
  expect(addresses.filter((url) => url !== undefined)).toHaveLength(1);
});

test.each([
  ['of a process that is gone', () => ({ pid: 2 ** 22 + 1, startedAt: '1' })],
  ['of a number that is another process by now', () => ({ pid: process.pid, startedAt: '1' })],
  ['without a start time', () => ({ pid: 2 ** 22 + 1 })],
  ['that is half written', () => undefined],
])('a lock %s is taken over', async (_what, holder) => {
  writeFileSync(lock(), holder() ? JSON.stringify(holder()) : '{"pid":');
  const hub = start();
  expect(await channelsOf((await hub.ready)!)).toEqual([]);
  expect(JSON.parse(readFileSync(lock(), 'utf8'))).toMatchObject({ pid: hub.process.pid });
  hub.process.kill('SIGKILL');
  await hub.ended;
  expect(existsSync(lock())).toBe(true);
  expect(await start().ready).toBeDefined();
});
