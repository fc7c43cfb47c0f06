import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { until } from '../support/until.ts';
import { FOREIGN_LOCK, channelsOf, endAll, spawnHub, type HubProcess } from '../support/hub-process.ts';
import { ownFolder } from '../support/own-folder.ts';

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

async function start(more = {}) {
  const hub = spawnHub({ HUB_DATA_DIR: own.folder, DATABASE_URL: database.url, LOG_LEVEL: 'trace', ...more });
  hubs.push(hub);
  return { ...hub, url: (await hub.ready)! };
}
const keyFile = () => path.join(own.folder, 'admin-key');

test('a generated key is told once, to the person and not to the log, and is good from then on', async () => {
  const first = await start();
  const key = /Admin key, shown this once: (\S+)/.exec(first.output.stdout)![1]!;
  expect(key).toMatch(/^owa_[\w-]{32}$/);
  expect(first.output.stdout).toContain(`${first.url}/#key=${key}`);
  expect(await channelsOf(first.url, key)).toEqual([]);
  expect(readFileSync(keyFile(), 'utf8')).toBe(key);
  expect(statSync(keyFile()).mode & 0o777).toBe(0o600);
  await endAll(hubs);
  expect(first.output.stderr).not.toContain(key);

  const second = await start();
  expect(await channelsOf(second.url, key)).toEqual([]);
  await endAll(hubs);
  expect(second.output.stdout + second.output.stderr).not.toContain(key);
});

test('a key of the environment is never told and not kept', async () => {
  const key = 'a-key-of-the-environment';
  const hub = await start({ HUB_ADMIN_KEY: key });
  expect(await channelsOf(hub.url, key)).toEqual([]);
  expect(() => statSync(keyFile())).toThrow('ENOENT');
  await endAll(hubs);
  expect(hub.output.stdout + hub.output.stderr).not.toContain(key);
});

test('an empty key file, as a full disk leaves it, is replaced: nobody could sign in with it', async () => {
  writeFileSync(keyFile(), '');
  const hub = await start();
  const key = /shown this once: (\S+)/.exec(hub.output.stdout)![1]!;
  expect(await channelsOf(hub.url, key)).toEqual([]);
});

test('a hub that waits for the folder uses the key that was kept in it meanwhile, and makes none', async () => {
  const lock = path.join(own.folder, 'hub.lock');
  writeFileSync(lock, FOREIGN_LOCK);
  const waiting = spawnHub({ HUB_DATA_DIR: own.folder, DATABASE_URL: database.url });
  hubs.push(waiting);
  await until(() => waiting.output.stderr.includes('uses the folder'));
  writeFileSync(keyFile(), 'the-key-of-the-first-hub');
  rmSync(lock);
  expect(await channelsOf((await waiting.ready)!, 'the-key-of-the-first-hub')).toEqual([]);
  expect(waiting.output.stdout).not.toContain('Admin key');
  expect(readFileSync(keyFile(), 'utf8')).toBe('the-key-of-the-first-hub');
});
