import { afterEach, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { rmSync, writeFileSync, statfsSync } from 'node:fs';
import path from 'node:path';
import {
  FAULT_SKU,
  isReserved,
  msUntilReserved,
  reserve,
  startReserving,
  type ReservingLoad,
  stockUp,
} from '../support/faults/reserving.ts';
import { canMountDisks, startOwnPostgres, type OwnPostgres } from '../support/faults/own-postgres.ts';
import { seedCatalogue } from '../support/inventory/engine.ts';
import { startHub, type HubOptions, type RunningHub } from '../support/hub.ts';
import { until } from '../support/until.ts';

/** A hub is back to normal within this time after a fault of PostgreSQL itself has ended, in ms. */
const RECOVERS_WITHIN_MS = 10_000;

let postgres: OwnPostgres | undefined;
let hubs: RunningHub[] = [];

/** Two hubs with goods to sell on a PostgreSQL of their own. */
async function start(settings: Record<string, string>, diskMegabytes?: number, options: HubOptions = {}) {
  postgres = await startOwnPostgres(settings, diskMegabytes);
  const adminKey = `test-${randomUUID()}`;
  for (let number = 0; number < 2; number++)
    hubs.push(await startHub({ databaseUrl: postgres.url, adminKey, ...options }));
  await seedCatalogue(postgres, [FAULT_SKU]);
  await stockUp(hubs[0]!);
  return postgres;
}
afterEach(async () => {
  await Promise.all(hubs.map((hub) => hub.stop()));
  hubs = [];
  await postgres?.stop();
  postgres = undefined;
});

const isReady = async (hub: RunningHub) => (await fetch(`${hub.url}/readyz`)).status === 200;
async function allRecover(): Promise<void> {
  const began = performance.now();
  await Promise.all(hubs.map(msUntilReserved));
  await until(async () => (await Promise.all(hubs.map(isReady))).every(Boolean));
  expect(performance.now() - began).toBeLessThan(RECOVERS_WITHIN_MS);
}
/** Callers met no other refusal than that the hub cannot for now, and each acknowledged reservation is stored, once. */
async function expectNothingLost(load: ReservingLoad): Promise<void> {
  await load.stop();
  expect(
    [...load.refused.keys()].filter((code) => !['DATABASE_UNAVAILABLE', 'OVERLOADED'].includes(code)),
  ).toEqual([]);
  const [row] = await postgres!.query<{ stored: number }>(
    'select count(*)::int as stored from reservation where reference = any($1)',
    [load.acknowledged],
  );
  expect(row!.stored).toBe(load.acknowledged.length);
}
const ask = (hub: RunningHub, query: string) =>
  fetch(`${hub.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${hub.adminKey}` },
    body: JSON.stringify({ query }),
  });

test('PostgreSQL that stands still: callers are answered, the hubs say why, and all recover', async () => {
  const server = await start({ fsync: 'off' });
  const load = startReserving(hubs, 10);
  await until(() => load.acknowledged.length > 200);
  server.signalAll('SIGSTOP');
  try {
    await until(() => (load.refused.get('DATABASE_UNAVAILABLE') ?? 0) > 20);
    const asked = performance.now();
    const ready = await fetch(`${hubs[0]!.url}/readyz`);
    expect(performance.now() - asked).toBeLessThan(1_000);
    expect(ready.status).toBe(503);
    const answer = await ask(hubs[0]!, '{ channels { code } }');
    expect({ status: answer.status, retryAfter: answer.headers.get('retry-after') }).toEqual({
      status: 503,
      retryAfter: '1',
    });
  } finally {
    server.signalAll('SIGCONT');
  }
  await allRecover();
  await expectNothingLost(load);
}, 120_000);

(canMountDisks() ? test : test.skip)(
  'a full disk: retryable and not ready, and all is well once there is room',
  async () => {
    const server = await start({ max_wal_size: '64MB', min_wal_size: '32MB', shared_buffers: '32MB' }, 400);
    const load = startReserving(hubs, 10);
    await until(() => load.acknowledged.length > 200);
    const filler = path.join(server.folder, 'filler');
    const { bavail, bsize } = statfsSync(server.folder);
    writeFileSync(filler, Buffer.alloc(bavail * bsize - 64 * 1024));
    await until(() => (load.refused.get('DATABASE_UNAVAILABLE') ?? 0) > 20);
    await until(async () => !(await isReady(hubs[0]!)));
    rmSync(filler);
    await allRecover();
    await expectNothingLost(load);
  },
  120_000,
);

test('a server without a connection left: hubs make do with those they have, and a new one waits', async () => {
  const server = await start({ fsync: 'off', max_connections: '28' });
  const free = await server.useUpConnections();
  const queries = Array.from({ length: 60 }, (_, number) =>
    ask(hubs[number % 2]!, '{ channels { code } sku(code: "FAULT-1") { title } }').then(
      (response) => response.json() as Promise<{ data: unknown; errors?: unknown }>,
    ),
  );
  for (const { data, errors } of await Promise.all(queries))
    expect({ data, errors }).toMatchObject({ data: { sku: { title: FAULT_SKU } }, errors: undefined });
  for (const hub of hubs)
    expect(await reserve(hub)).toMatchObject({ data: { reserve: { __typename: 'Reservation' } } });
  const third = startHub({ databaseUrl: server.url, adminKey: hubs[0]!.adminKey });
  const outcome = await Promise.race([
    third.then(() => 'started'),
    until(async () => isReserved(await reserve(hubs[0]!))).then(() => 'waits'),
  ]);
  expect(outcome).toBe('waits');
  await free();
  hubs.push(await third);
  await allRecover();
}, 120_000);
