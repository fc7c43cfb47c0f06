import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { Client } from 'graphql-ws';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { seedCatalogue } from '../support/engine.ts';
import { httpClient, socketClient } from '../support/client.ts';
import { startHub, type RunningHub } from '../support/hub.ts';

const SKUS = Array.from({ length: 8 }, (_, index) => `L${index}`);
const WATCH = `subscription ($skus: [ID!]!, $resume: [AtpVersionInput!]) {
  atp(skus: $skus, resume: $resume) {
    kind previousVersion coalesced
    atp { quantity version sku { code } terms { quantity } }
  }
}`;

interface Update {
  kind: 'SNAPSHOT' | 'CHANGE';
  previousVersion: string | null;
  coalesced: number;
  atp: { quantity: number; version: string; sku: { code: string }; terms: { quantity: number }[] };
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
  await Promise.all(clients.map((client) => client.dispose()));
  await Promise.all((hubs ?? []).map((hub) => hub.stop()));
  await database?.drop();
});

/** Watches SKUs on a hub; `next` waits for the next message. */
function watch(hub: RunningHub, skus: string[], resume?: { sku: string; version: string }[]) {
  const client = socketClient(hub);
  clients.push(client);
  const updates = client.iterate<{ atp: Update }>({ query: WATCH, variables: { skus, resume } });
  return {
    async next(): Promise<Update> {
      const { value } = await updates.next();
      if (value?.errors) throw new Error(JSON.stringify(value.errors));
      const update = value!.data!.atp;
      expect(
        update.atp.terms.reduce((sum: number, term: { quantity: number }) => sum + term.quantity, 0),
      ).toBe(update.atp.quantity);
      return update;
    },
    stop: () => updates.return?.(),
  };
}

const count = (hub: RunningHub, sku: string, counted: number) =>
  httpClient(hub).request(
    `mutation ($input: AdjustStockInput!) { adjustStock(input: $input) { __typename } }`,
    {
      input: { idempotencyKey: randomUUID(), node: 'WH', reason: 'count', lines: [{ sku, counted }] },
    },
  );
const reserve = (hub: RunningHub, sku: string, quantity: number, ttlSeconds?: number) =>
  httpClient(hub).request<{ reserve: { id: string } }>(
    `mutation ($input: ReserveInput!) { reserve(input: $input) { ... on Reservation { id } } }`,
    {
      input: {
        idempotencyKey: randomUUID(),
        channel: 'jd',
        reference: 'r',
        ttlSeconds,
        lines: [{ sku, quantity }],
      },
    },
  );

test('a snapshot, then every change in version order, whichever process made it', async () => {
  const [here, there] = hubs;
  await count(here, 'L0', 10);
  const feed = watch(here, ['L0']);
  const snapshot = await feed.next();
  expect(snapshot).toMatchObject({
    kind: 'SNAPSHOT',
    previousVersion: null,
    coalesced: 0,
    atp: { quantity: 10 },
  });
  let last = snapshot;
  for (const [hub, left] of [
    [here, 9],
    [there, 8],
    [here, 7],
    [there, 6],
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

test('direct writers without a signal, and a bus that is cut, are healed by comparing with the database', async () => {
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
  const updates = socketClient(hubs[0]).iterate({ query: WATCH, variables: { skus: ['L0', 'NONE', 'NIL'] } });
  expect((await updates.next()).value).toMatchObject({
    errors: [{ extensions: { code: 'UNKNOWN_SKU', skus: ['NONE', 'NIL'] } }],
  });
});
