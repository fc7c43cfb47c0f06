import { expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createTestDatabase } from '../../support/database.ts';
import { until } from '../../support/until.ts';
import {
  ADMIN_KEY,
  FOREIGN_LOCK,
  channelsOf,
  endAll,
  here,
  spawnHub,
  type HubProcess,
} from '../../support/hub-process.ts';
import { ownFolder } from '../../support/own-folder.ts';

interface Place {
  folder: string;
  lock: string;
  /** Another hub on the folder and the database. */
  start: () => HubProcess;
  hubs: HubProcess[];
}

/** A test with a folder and a database of its own: those that wait for a clock can do so at once. */
function onAPlace(run: (place: Place) => Promise<void>): () => Promise<void> {
  return async () => {
    const own = ownFolder();
    const database = await createTestDatabase();
    const hubs: HubProcess[] = [];
    const start = () => {
      const hub = spawnHub({
        HUB_DATA_DIR: own.folder,
        DATABASE_URL: database.url,
        HUB_ADMIN_KEY: ADMIN_KEY,
      });
      hubs.push(hub);
      return hub;
    };
    try {
      await run({ folder: own.folder, lock: path.join(own.folder, 'hub.lock'), start, hubs });
    } finally {
      await endAll(hubs);
      await database.drop();
      own.remove();
    }
  };
}

test(
  'a second hub on the same folder is told who uses it, and what to do',
  onAPlace(async ({ folder, start, hubs }) => {
    const first = start();
    const url = (await first.ready)!;
    const second = start();
    expect((await second.ended).code).toBe(1);
    expect(second.output.stderr).toBe(
      `Another hub (process ${first.process.pid}) uses ${folder}. Set HUB_DATA_DIR to another folder; ` +
        'to run several hubs on one database, set DATABASE_URL too.\n',
    );
    expect(await channelsOf(url)).toEqual([]);
    await endAll(hubs);
    expect(readdirSync(folder).filter((name) => name.startsWith('hub.lock'))).toEqual([]);
  }),
);

test(
  'of hubs that start together on one folder, one comes up',
  onAPlace(async ({ start }) => {
    const addresses = await Promise.all([start(), start(), start(), start()].map(({ ready }) => ready));
    expect(addresses.filter((url) => url !== undefined)).toHaveLength(1);
  }),
);

test.each([
  ['of a process that is gone', () => ({ ...here(), pid: 2 ** 22 + 1, startedAt: '1' })],
  ['of a number that is another process by now', () => ({ ...here(), pid: process.pid, startedAt: '1' })],
  ['without a start time', () => ({ ...here(), pid: 2 ** 22 + 1 })],
  ['that is half written', () => undefined],
])('a lock %s is taken over', (_what, holder) =>
  onAPlace(async ({ lock, start }) => {
    writeFileSync(lock, holder() ? JSON.stringify(holder()) : '{"pid":');
    const hub = start();
    expect(await channelsOf((await hub.ready)!)).toEqual([]);
    expect(JSON.parse(readFileSync(lock, 'utf8'))).toMatchObject({ pid: hub.process.pid });
    hub.process.kill('SIGKILL');
    await hub.ended;
    expect(existsSync(lock)).toBe(true);
    expect(await start().ready).toBeDefined();
  })(),
);

const touched = (lock: string, secondsAgo: number) => {
  const at = new Date(Date.now() - secondsAgo * 1000);
  utimesSync(lock, at, at);
};

test.concurrent(
  'a lock of another container holds as long as it is touched, whatever its process number is here',
  onAPlace(async ({ folder, lock, start }) => {
    writeFileSync(lock, FOREIGN_LOCK);
    const beat = setInterval(() => touched(lock, 0), 200);
    const hub = start();
    expect((await hub.ended).code).toBe(1);
    clearInterval(beat);
    expect(hub.output.stderr).toContain(
      `Another hub (process 1 of another container or machine) uses ${folder}. Set HUB_DATA_DIR`,
    );
    expect(readFileSync(lock, 'utf8')).toBe(FOREIGN_LOCK);
    expect(readdirSync(folder)).toEqual(['hub.lock']);
  }),
);

test.concurrent.each([
  ['long ago', 60],
  ['until just now', 0],
  ['by a clock that runs ahead', -3600],
])('a lock of another container that was touched %s and is no more is taken over', (_when, secondsAgo) =>
  onAPlace(async ({ lock, start }) => {
    writeFileSync(lock, FOREIGN_LOCK);
    touched(lock, secondsAgo);
    const hub = start();
    expect(await channelsOf((await hub.ready)!)).toEqual([]);
    expect(JSON.parse(readFileSync(lock, 'utf8'))).toMatchObject({ ...here(), pid: hub.process.pid });
    const { mtimeMs } = statSync(lock);
    await until(() => statSync(lock).mtimeMs > mtimeMs);
  })(),
);

test.concurrent(
  'a hub that has lost its folder to another one ends',
  onAPlace(async ({ lock, start }) => {
    const hub = start();
    await hub.ready;
    rmSync(lock);
    writeFileSync(lock, FOREIGN_LOCK);
    expect((await hub.ended).code).toBe(1);
    expect(hub.output.stderr).toMatch(
      /"level":60.*hub\.lock is another hub's by now.*"fatal error, shutting down"/,
    );
    expect(readFileSync(lock, 'utf8')).toBe(FOREIGN_LOCK);
  }),
);

const CONTAINER = ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child=KILL'];
const hasContainers = spawnSync(CONTAINER[0]!, [...CONTAINER.slice(1), 'true']).status === 0;
const why = hasContainers ? '' : ' (skipped: this system forbids `unshare --pid`)';

(hasContainers ? test.concurrent : test.skip)(
  `of hubs in two containers on one folder, one comes up${why}`,
  onAPlace(async ({ folder, hubs, start }) => {
    const environment = { HUB_DATA_DIR: folder, HUB_ADMIN_KEY: ADMIN_KEY }; // each with its own PostgreSQL
    const inContainer = () => {
      const hub = spawnHub(environment, { wrapper: CONTAINER });
      hubs.push(hub);
      return hub;
    };
    const first = inContainer();
    const url = (await first.ready)!;
    const pidFile = path.join(folder, 'postgres', 'cluster', 'postmaster.pid');
    const server = readFileSync(pidFile, 'utf8');
    for (const second of [inContainer(), start()]) {
      expect((await second.ended).code).toBe(1);
      expect(second.output.stderr).toMatch(/Another hub \(process 1 of another container or machine\) uses/);
    }
    expect(readFileSync(pidFile, 'utf8')).toBe(server);
    expect(await channelsOf(url)).toEqual([]);
    first.process.kill('SIGKILL');
    await first.ended;
    const next = inContainer();
    expect(await channelsOf((await next.ready)!)).toEqual([]);
    next.process.kill('SIGKILL'); // the wrapper passes no other signal on
  }),
);
