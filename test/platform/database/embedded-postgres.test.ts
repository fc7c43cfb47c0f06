import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { connect } from '../../support/inventory/engine.ts';
import { until } from '../../support/until.ts';
import {
  ADMIN_KEY,
  BLOCKED_BY_US,
  channelsOf,
  embeddedServer,
  endAll,
  here,
  isGone,
  spawnHub,
  type HubProcess,
  type SpawnOptions,
} from '../../support/hub-process.ts';
import { ownFolder } from '../../support/own-folder.ts';

let own: ReturnType<typeof ownFolder>;
const hubs: HubProcess[] = [];

beforeEach(() => {
  own = ownFolder();
});
afterEach(async () => {
  await endAll(hubs);
  own.remove();
});

function start(options: SpawnOptions = {}) {
  const hub = spawnHub({ HUB_DATA_DIR: own.folder, HUB_ADMIN_KEY: ADMIN_KEY }, options);
  hubs.push(hub);
  return hub;
}

test('its own PostgreSQL ends with a killed hub, the next start works, and what was committed is there', async () => {
  const first = start();
  expect(await channelsOf((await first.ready)!)).toEqual([]);
  const { pid, pidFile, url } = embeddedServer(own.folder);
  expect(isGone(pid)).toBe(false);
  const database = await connect(url);
  database.on('error', () => undefined); // the server ends under it
  await database.query(`insert into channel (code, name, pool) values ('douyin', 'Douyin', 'MAIN')`);

  first.process.kill('SIGKILL');
  await first.ended;
  await until(() => isGone(pid));
  await database.end().catch(() => undefined);

  const second = start();
  expect(await channelsOf((await second.ready)!)).toEqual(['douyin']);
  const before = readFileSync(pidFile, 'utf8');
  const { pid: next } = embeddedServer(own.folder);
  second.process.kill('SIGTERM');
  expect(await second.ended).toEqual({ code: 0, signal: null });
  expect(isGone(next)).toBe(true);

  // Left behind by a crash of the whole machine: a pid that is another process by now.
  expect(existsSync(pidFile)).toBe(false);
  writeFileSync(pidFile, before.replace(/^\d+/, String(process.pid)));
  writeFileSync(
    path.join(own.folder, 'hub.lock'),
    JSON.stringify({ ...here(), pid: process.pid, startedAt: '1' }),
  );
  expect(await channelsOf((await start().ready)!)).toEqual(['douyin']);
});

test('a hub killed while it makes its cluster leaves nothing that stops the next start', async () => {
  const first = start();
  await until(() => existsSync(path.join(own.folder, 'postgres', 'cluster.new')));
  first.process.kill('SIGKILL');
  await first.ended;
  expect(existsSync(path.join(own.folder, 'postgres', 'cluster'))).toBe(false);
  expect(await channelsOf((await start().ready)!)).toEqual([]);
});

test('a hub whose PostgreSQL dies says so and ends, for someone to start it again', async () => {
  const hub = start();
  await hub.ready;
  process.kill(embeddedServer(own.folder).pid, 'SIGKILL');
  expect(await hub.ended).toEqual({ code: 1, signal: null });
  expect(hub.output.stderr).toMatch(/"level":60.*PostgreSQL ended .*"fatal error, shutting down"/);
  expect(await channelsOf((await start().ready)!)).toEqual([]);
});

test('Ctrl-C reaches the whole process group, and still the hub drains before its PostgreSQL ends', async () => {
  const hub = start({ group: true });
  const url = (await hub.ready)!;
  const server = embeddedServer(own.folder);
  const blocker = await connect(server.url);
  await blocker.query('begin; lock table channel in access exclusive mode');
  const asked = channelsOf(url);
  await until(async () => (await blocker.query(BLOCKED_BY_US)).rows.length > 0);
  process.kill(-hub.process.pid!, 'SIGINT');
  await until(() => hub.output.stderr.includes('stopping'));
  await blocker.query('rollback');
  expect(await asked).toEqual([]);
  await blocker.end();
  expect(await hub.ended).toEqual({ code: 0, signal: null });
  expect(isGone(server.pid)).toBe(true);
});
