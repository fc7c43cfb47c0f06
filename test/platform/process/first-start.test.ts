import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { until } from '../../support/until.ts';
import {
  ADMIN_KEY,
  BLOCKED_BY_US,
  channelsOf,
  createEmptyDatabase,
  endAll,
  spawnHub,
  type HubProcess,
} from '../../support/hub-process.ts';
import { ownFolder } from '../../support/own-folder.ts';

let database: Awaited<ReturnType<typeof createEmptyDatabase>>;
const folders: ReturnType<typeof ownFolder>[] = [];
const hubs: HubProcess[] = [];

beforeEach(async () => {
  database = await createEmptyDatabase();
});
afterEach(async () => {
  await endAll(hubs);
  await database.drop();
  for (const { remove } of folders.splice(0)) remove();
});

function start() {
  const own = ownFolder();
  folders.push(own);
  const hub = spawnHub({ HUB_DATA_DIR: own.folder, DATABASE_URL: database.url, HUB_ADMIN_KEY: ADMIN_KEY });
  hubs.push(hub);
  return hub;
}
const waitsForUs = async (sessions: number) => {
  const { rows } = await database.client.query(BLOCKED_BY_US);
  return rows.length === sessions;
};

test('a hub killed in the middle of its migrations leaves a database on which the next start works', async () => {
  // A table of ours, not yet committed, stops the hub at the migration that makes it.
  await database.client.query('begin; create table sku ()');
  const first = start();
  await until(() => waitsForUs(1));
  first.process.kill('SIGKILL');
  await first.ended;
  await database.client.query('rollback');
  expect(await channelsOf((await start().ready)!)).toEqual([]);
});

test('two hubs that start together on one empty database both come up', async () => {
  await database.client.query('select pg_advisory_lock(4713001)');
  const both = [start(), start()];
  await until(() => waitsForUs(2));
  await database.client.query('select pg_advisory_unlock(4713001)');
  for (const { ready } of both) expect(await channelsOf((await ready)!)).toEqual([]);
  const { rows } = await database.client.query('select name from mikro_orm_migrations');
  expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length);
});

test('a database that is not there ends the start with its name', async () => {
  const url = new URL(database.url);
  url.pathname = '/orderweave_test_nothing';
  const own = ownFolder();
  folders.push(own);
  const hub = spawnHub({ HUB_DATA_DIR: own.folder, DATABASE_URL: url.href, HUB_ADMIN_KEY: ADMIN_KEY });
  expect((await hub.ended).code).toBe(1);
  expect(hub.output.stderr).toMatch(/database "orderweave_test_nothing" does not exist/);
  expect(hub.output.stderr).not.toContain(url.password);
});
