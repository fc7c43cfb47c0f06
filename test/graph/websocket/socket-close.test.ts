import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { reconnectDelays } from '../../../src/graph/websocket/socket-close.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { gateTo, type DatabaseGate } from '../../support/database-gate.ts';
import { seedCatalogue } from '../../support/inventory/engine.ts';
import { startHub, type RunningHub } from '../../support/hub.ts';
import { postGraphql } from '../../support/post-graphql.ts';
import { until } from '../../support/until.ts';
import { newKey } from '../../support/graph/fixture.ts';
import { initMessage, openSignedIn, openSocket } from '../../support/graph/transports.ts';

const SKUS = Array.from({ length: 20 }, (_, index) => `T${index}`);
const WATCH = `subscription ($skus: [ID!]!, $resume: [AtpVersionInput!]) {
  atp(skus: $skus, resume: $resume) { kind previousVersion atp { quantity version sku { code } } } }`;

let database: TestDatabase;
let gate: DatabaseGate;
let hubs: RunningHub[];
const sockets: { socket: { terminate: () => void } }[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  gate = await gateTo(database.url);
  await seedCatalogue(database, SKUS);
});
beforeEach(async () => {
  const start = (databaseUrl: string) => startHub({ databaseUrl, adminKey: 'test-admin-key-of-two-hubs' });
  hubs ??= await Promise.all([start(gate.url), start(database.url)]);
});
afterEach(() => {
  for (const { socket } of sockets.splice(0)) socket.terminate();
});
afterAll(async () => {
  await Promise.all((hubs ?? []).map((hub) => hub.stop()));
  await gate?.shut();
  await database?.drop();
});

async function ask<T>(query: string, variables: object): Promise<T> {
  const { data, errors } = await postGraphql(hubs[0]!, { query, variables });
  if (errors) throw new Error(JSON.stringify(errors));
  return data as T;
}
async function makeKey(expiresAt?: Date): Promise<{ id: string; key: string }> {
  const input = { name: 'test', partner: 'p', scopes: ['stock:read'], expiresAt };
  const { createApiKey } = await ask<{ createApiKey: { key: string; apiKey: { id: string } } }>(
    'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { key apiKey { id } } }',
    { input },
  );
  return { id: createApiKey.apiKey.id, key: createApiKey.key };
}
const count = (sku: string, counted: number) =>
  ask('mutation ($input: AdjustStockInput!) { adjustStock(input: $input) { __typename } }', {
    input: { idempotencyKey: newKey(), node: 'WH', reason: 'count', lines: [{ sku, counted }] },
  });

interface Told {
  kind: string;
  previousVersion: string | null;
  atp: { quantity: number; version: string; sku: { code: string } };
}

/** A socket that watches with a key, when it has been told of all that it is to be told of first. */
async function watching(hub: RunningHub, key: string, skus = ['T0'], resume?: object[]) {
  const opened = await openSignedIn({ url: hub.url, adminKey: key });
  sockets.push(opened);
  const variables = { skus, resume };
  opened.socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: WATCH, variables } }));
  const told = () =>
    opened.received.flatMap(({ type, payload }) =>
      type === 'next' ? [(payload as { data: { atp: Told } }).data.atp] : [],
    );
  return { ...opened, told };
}

async function refusalOf(hub: RunningHub, key: string) {
  const { socket, closed } = await openSocket(hub);
  socket.send(initMessage({ authorization: `Bearer ${key}` }));
  return closed;
}

test('a key that is revoked closes its sockets with 4403 in every process, and no others', async () => {
  const [bad, good] = [await makeKey(), await makeKey()];
  const watchers = await Promise.all(hubs.map((hub) => watching(hub, bad.key)));
  const other = await watching(hubs[1]!, good.key);
  await until(() => [...watchers, other].every(({ told }) => told().length === 1));
  await ask('mutation ($id: ID!) { revokeApiKey(input: { id: $id }) { id } }', { id: bad.id });
  for (const { closed } of watchers)
    expect(await closed).toMatchObject({ code: 4403, reason: 'The key was revoked.' });
  await count('T0', 1);
  await until(() => other.told().length === 2);
  expect(await refusalOf(hubs[1]!, bad.key)).toEqual({ code: 4403, reason: 'The key was revoked.' });
});

test('a key that is revoked though nobody tells closes its sockets too', async () => {
  const { id, key } = await makeKey();
  const watcher = await watching(hubs[1]!, key);
  await database.query('update api_key set revoked_at = hub_now() where id = $1', [id]);
  expect(await watcher.closed).toMatchObject({ code: 4403 });
});

test('a key that expires closes its sockets with 4401 in every process, and then lets nobody in', async () => {
  const { key } = await makeKey(new Date(Date.now() + 1_500));
  const watchers = await Promise.all(hubs.map((hub) => watching(hub, key)));
  for (const { closed } of watchers)
    expect(await closed).toMatchObject({ code: 4401, reason: 'The key has expired.' });
  expect(await refusalOf(hubs[0]!, key)).toEqual({ code: 4401, reason: 'The key has expired.' });
});

test('500 clients that come back at once are not 500 of anything for the database', async () => {
  const { key } = await makeKey();
  const first = await watching(hubs[0]!, key, SKUS);
  await until(() => first.told().length === SKUS.length);
  const resume = first.told().map(({ atp }) => ({ sku: atp.sku.code, version: atp.version }));
  first.socket.terminate();
  await count('T7', 70);
  const before = gate.statements();
  const crowd = await Promise.all(Array.from({ length: 500 }, () => watching(hubs[0]!, key, SKUS, resume)));
  await until(() => crowd.every(({ told }) => told().length === 1));
  expect(gate.statements() - before).toBeLessThan(60);
  const had = resume.find(({ sku }) => sku === 'T7')!.version;
  for (const { told } of crowd)
    expect(told()).toMatchObject([
      { kind: 'SNAPSHOT', previousVersion: had, atp: { quantity: 70, sku: { code: 'T7' } } },
    ]);
});

test('a hub that goes away tells each client when to come back, spread over a window', async () => {
  const { key } = await makeKey();
  const hub = hubs[1]!;
  const crowd = await Promise.all(Array.from({ length: 40 }, () => watching(hub, key)));
  hub.process.kill('SIGTERM');
  const closed = await Promise.all(crowd.map((watcher) => watcher.closed));
  expect(new Set(closed.map(({ code }) => code))).toEqual(new Set([1001]));
  const times = closed.map(({ reason }) => (JSON.parse(reason) as { retryAfterMs: number }).retryAfterMs);
  for (const quarter of [0, 1, 2, 3])
    expect(times.filter((time) => Math.floor(time / 250) === quarter)).not.toHaveLength(0);
});

test('clients come back evenly, over a window that grows with them and ends', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100_000 }), (clients) => {
      const times = reconnectDelays(clients);
      const windowMs = Math.min(30_000, Math.max(1_000, clients));
      const perSecond = Object.values(Object.groupBy(times, (time) => String(Math.floor(time / 1_000))));
      expect(Math.min(...times)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...times)).toBeLessThanOrEqual(windowMs);
      for (const crowd of perSecond)
        expect(crowd!.length).toBeLessThanOrEqual((clients * 1_000) / windowMs + 2);
    }),
    { numRuns: 30 },
  );
});
