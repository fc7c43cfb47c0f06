import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { httpClient } from '../client.ts';
import { createTestDatabase, type TestDatabase } from '../database.ts';
import { seedCatalogue } from './engine.ts';
import { startHub, type RunningHub } from '../hub.ts';

/** What a subscription of live ATP must do, whatever carries it: each transport's test file runs these. */

const SKUS = Array.from({ length: 9 }, (_, index) => `L${index}`);
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

/** A client of the transport; both transports' clients have these. */
export interface LiveClient {
  iterate(operation: { query: string; variables: Record<string, unknown> }): AsyncIterableIterator<unknown>;
  dispose(): unknown;
}

/** Two hubs on one database. */
export interface LiveHubs {
  hubs: [RunningHub, RunningHub];
  count: (hub: RunningHub, sku: string, counted: number) => Promise<unknown>;
}

/** @returns the hubs, for what only one transport must do; they are there once the tests run */
export function liveAtpCases(clientOf: (hub: RunningHub) => LiveClient): LiveHubs {
  const live = { count } as LiveHubs;
  let database: TestDatabase;
  const clients: LiveClient[] = [];

  beforeAll(async () => {
    database = await createTestDatabase();
    await seedCatalogue(database, SKUS);
    const adminKey = `test-${randomUUID()}`;
    const start = () => startHub({ databaseUrl: database.url, adminKey });
    live.hubs = [await start(), await start()];
  });
  afterAll(async () => {
    await Promise.all(clients.map((client) => client.dispose()));
    await Promise.all((live.hubs ?? []).map((hub) => hub.stop()));
    await database?.drop();
  });

  const subscribed = (hub: RunningHub, variables: Record<string, unknown>) => {
    const client = clientOf(hub);
    clients.push(client);
    return client.iterate({ query: WATCH, variables });
  };
  /** Watches SKUs on a hub; `next` waits for the next message. */
  const watch = (hub: RunningHub, skus: string[], resume?: { sku: string; version: string }[]) => {
    const updates = subscribed(hub, { skus, resume });
    return {
      async next(): Promise<Update> {
        const { value } = (await updates.next()) as { value: { data?: { atp: Update }; errors?: unknown } };
        if (value.errors) throw new Error(JSON.stringify(value.errors));
        const update = value.data!.atp;
        expect(
          update.atp.terms.reduce((sum: number, term: { quantity: number }) => sum + term.quantity, 0),
        ).toBe(update.atp.quantity);
        return update;
      },
      stop: () => updates.return?.(),
    };
  };

  test('a snapshot, then every change in version order, whichever process made it', async () => {
    const [here, there] = live.hubs;
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
    const feed = watch(live.hubs[0], ['L1', 'L2', 'L1']);
    const snapshots = [await feed.next(), await feed.next()];
    expect(new Set(snapshots.map(({ atp }) => atp.sku.code))).toEqual(new Set(['L1', 'L2']));
    await count(live.hubs[1], 'L2', 4);
    expect(await feed.next()).toMatchObject({ kind: 'CHANGE', atp: { quantity: 4, sku: { code: 'L2' } } });
  });

  test('a hold that ends is pushed at its instant, though nobody calls', async () => {
    await count(live.hubs[0], 'L3', 5);
    const feeds = live.hubs.map((hub) => watch(hub, ['L3']));
    for (const feed of feeds) expect((await feed.next()).atp.quantity).toBe(5);
    await reserve(live.hubs[0], 'L3', 2, 1); // one real second
    for (const feed of feeds) {
      expect((await feed.next()).atp.quantity).toBe(3);
      expect((await feed.next()).atp.quantity).toBe(5);
    }
  });

  test('a client that comes back is told only what has moved since', async () => {
    await count(live.hubs[0], 'L4', 5);
    await count(live.hubs[0], 'L5', 5);
    const before = watch(live.hubs[0], ['L4', 'L5']);
    const versions = [await before.next(), await before.next()].map(({ atp }) => ({
      sku: atp.sku.code,
      version: atp.version,
    }));
    await before.stop();
    await count(live.hubs[0], 'L5', 6);
    const after = watch(live.hubs[1], ['L4', 'L5'], versions);
    expect(await after.next()).toMatchObject({ kind: 'SNAPSHOT', atp: { quantity: 6, sku: { code: 'L5' } } });
    await count(live.hubs[0], 'L4', 7);
    expect(await after.next()).toMatchObject({ atp: { quantity: 7, sku: { code: 'L4' } } });
  });

  test('direct writers without a signal, and a bus that is cut, are healed by comparing with the database', async () => {
    await count(live.hubs[0], 'L6', 5);
    const feed = watch(live.hubs[1], ['L6']);
    expect((await feed.next()).atp.quantity).toBe(5);
    await database.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'orderweave bus'`,
    );
    await count(live.hubs[0], 'L6', 8);
    expect(await feed.next()).toMatchObject({ atp: { quantity: 8 } });
  });

  test('an unknown SKU ends the subscription with its error before anything is sent', async () => {
    const updates = subscribed(live.hubs[0], { skus: ['L0', 'NONE', 'NIL'] });
    expect((await updates.next()).value).toMatchObject({
      errors: [{ extensions: { code: 'UNKNOWN_SKU', skus: ['NONE', 'NIL'] } }],
    });
    expect(await updates.next()).toMatchObject({ done: true });
  });
  return live;
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
