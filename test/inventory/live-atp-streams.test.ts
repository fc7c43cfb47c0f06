import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { Client } from 'graphql-sse';
import { httpClient } from '../support/client.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { seedCatalogue } from '../support/engine.ts';
import { rawStream, streamClient } from '../support/event-stream.ts';
import { startHub, type RunningHub } from '../support/hub.ts';
import { until } from '../support/until.ts';

/** Live ATP over server-sent events: what live-atp.test.ts shows of sockets. */

const SKUS = Array.from({ length: 9 }, (_, index) => `L${index}`);
const WATCH = `subscription ($skus: [ID!]!, $resume: [AtpVersionInput!]) {
  atp(skus: $skus, resume: $resume) { kind previousVersion coalesced atp { quantity version sku { code } } }
}`;

interface Update {
  kind: 'SNAPSHOT' | 'CHANGE';
  previousVersion: string | null;
  coalesced: number;
  atp: { quantity: number; version: string; sku: { code: string } };
}

let database: TestDatabase;
let hubs: [RunningHub, RunningHub];
const clients: Client[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  await seedCatalogue(database, SKUS);
  const adminKey = `test-${randomUUID()}`;
  const start = () => startHub({ databaseUrl: database.url, adminKey });
  hubs = [await start(), await start()];
});
afterAll(async () => {
  for (const client of clients) client.dispose();
  await Promise.all((hubs ?? []).map((hub) => hub.stop()));
  await database?.drop();
});

function watch(hub: RunningHub, skus: string[], resume?: { sku: string; version: string }[]) {
  const client = streamClient(hub);
  clients.push(client);
  const updates = client.iterate<{ atp: Update }>({ query: WATCH, variables: { skus, resume } });
  return {
    async next(): Promise<Update> {
      const { value } = await updates.next();
      if (value?.errors) throw new Error(JSON.stringify(value.errors));
      return (value as { data: { atp: Update } }).data.atp;
    },
    stop: () => updates.return?.(),
  };
}

const count = (hub: RunningHub, sku: string, counted: number) =>
  httpClient(hub).request(
    'mutation ($input: AdjustStockInput!) { adjustStock(input: $input) { __typename } }',
    { input: { idempotencyKey: randomUUID(), node: 'WH', reason: 'count', lines: [{ sku, counted }] } },
  );
const reserve = (hub: RunningHub, sku: string, quantity: number, ttlSeconds?: number) =>
  httpClient(hub).request('mutation ($input: ReserveInput!) { reserve(input: $input) { __typename } }', {
    input: {
      idempotencyKey: randomUUID(),
      channel: 'jd',
      reference: 'r',
      ttlSeconds,
      lines: [{ sku, quantity }],
    },
  });

test('a snapshot, then every change in version order, whichever process made it', async () => {
  await count(hubs[0], 'L0', 10);
  const feed = watch(hubs[0], ['L0']);
  let last = await feed.next();
  expect(last).toMatchObject({ kind: 'SNAPSHOT', previousVersion: null, atp: { quantity: 10 } });
  for (const [hub, left] of [
    [hubs[0], 9],
    [hubs[1], 8],
    [hubs[0], 7],
  ] as const) {
    await reserve(hub, 'L0', 1);
    const change = await feed.next();
    expect(change).toMatchObject({
      kind: 'CHANGE',
      previousVersion: last.atp.version,
      atp: { quantity: left },
    });
    expect(change.atp.version > last.atp.version).toBe(true);
    last = change;
  }
});

test('one snapshot for each SKU; a change tells only of the SKU that moved', async () => {
  const feed = watch(hubs[0], ['L1', 'L2', 'L1']);
  const snapshots = [await feed.next(), await feed.next()];
  expect(new Set(snapshots.map(({ atp }) => atp.sku.code))).toEqual(new Set(['L1', 'L2']));
  await count(hubs[1], 'L2', 4);
  expect(await feed.next()).toMatchObject({ kind: 'CHANGE', atp: { quantity: 4, sku: { code: 'L2' } } });
});

test('a hold that ends is pushed at its instant, though nobody calls', async () => {
  await count(hubs[0], 'L3', 5);
  const feeds = hubs.map((hub) => watch(hub, ['L3']));
  for (const feed of feeds) expect((await feed.next()).atp.quantity).toBe(5);
  await reserve(hubs[0], 'L3', 2, 1); // one real second
  for (const feed of feeds) {
    expect((await feed.next()).atp.quantity).toBe(3);
    expect((await feed.next()).atp.quantity).toBe(5);
  }
});

test('a client that comes back is told only what has moved since', async () => {
  await count(hubs[0], 'L4', 5);
  await count(hubs[0], 'L5', 5);
  const before = watch(hubs[0], ['L4', 'L5']);
  const versions = [await before.next(), await before.next()].map(({ atp }) => ({
    sku: atp.sku.code,
    version: atp.version,
  }));
  await before.stop();
  await count(hubs[0], 'L5', 6);
  const after = watch(hubs[1], ['L4', 'L5'], versions);
  expect(await after.next()).toMatchObject({ kind: 'SNAPSHOT', atp: { quantity: 6, sku: { code: 'L5' } } });
  await count(hubs[0], 'L4', 7);
  expect(await after.next()).toMatchObject({ atp: { quantity: 7, sku: { code: 'L4' } } });
});

test('a bus that is cut is healed by comparing with the database', async () => {
  await count(hubs[0], 'L6', 5);
  const feed = watch(hubs[1], ['L6']);
  expect((await feed.next()).atp.quantity).toBe(5);
  await database.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'orderweave bus'`,
  );
  await count(hubs[0], 'L6', 8);
  expect(await feed.next()).toMatchObject({ atp: { quantity: 8 } });
});

test('an unknown SKU ends the subscription with its error before anything is sent', async () => {
  const updates = streamClient(hubs[0]).iterate({ query: WATCH, variables: { skus: ['L0', 'NONE', 'NIL'] } });
  expect((await updates.next()).value).toMatchObject({
    errors: [{ extensions: { code: 'UNKNOWN_SKU', skus: ['NONE', 'NIL'] } }],
  });
  expect(await updates.next()).toMatchObject({ done: true });
});

test('a paused reader gets the latest number when it wakes, and what it slept through is skipped', async () => {
  await count(hubs[0], 'L8', 1);
  // A large selection fills the buffers of the connection after some hundred changes.
  const terms = Array.from({ length: 60 }, (_, at) => `t${at}: terms { kind quantity }`).join(' ');
  const query = `subscription { atp(skus: ["L8"]) { coalesced atp { quantity ${terms} } } }`;
  const socket = rawStream(hubs[0], { query });
  let told = '';
  socket.on('data', (chunk: Buffer) => (told += chunk.toString()));
  const quantities = () =>
    [...told.matchAll(/"quantity":(\d+),"t0"/g)].map(([, quantity]) => Number(quantity));
  await until(() => quantities().includes(1));
  socket.pause();
  const last = 400;
  for (let counted = 2; counted <= last; counted++) await count(hubs[0], 'L8', counted);
  socket.resume();
  await until(() => quantities().includes(last));
  const coalesced = [...told.matchAll(/"coalesced":(\d+)/g)].map(([, skipped]) => Number(skipped));
  expect(Math.max(...coalesced)).toBeGreaterThan(0);
  expect(quantities()).toEqual(quantities().toSorted((a, b) => a - b));
  socket.destroy();
});
