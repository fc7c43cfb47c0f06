import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import WebSocket from 'ws';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { gateTo, type DatabaseGate } from '../support/database-gate.ts';
import { startHub, type RunningHub } from '../support/hub.ts';
import { until } from '../support/until.ts';
import { initMessage, socketUrl } from '../support/graph/transports.ts';

const ALLOWED = 5;

let database: TestDatabase;
let gate: DatabaseGate;
let hub: RunningHub;
let address: string;
let addresses = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  gate = await gateTo(database.url);
  hub = await startHub({
    databaseUrl: gate.url,
    environment: {
      HUB_TRUSTED_PROXIES: '127.0.0.1',
      HUB_WRONG_KEYS_PER_MINUTE: String(ALLOWED),
      HUB_SUBGRAPHS: 'customer',
    },
  });
});
beforeEach(() => {
  address = `203.0.113.${(addresses += 1)}`; // each test comes from elsewhere
});
afterAll(async () => {
  await hub?.stop();
  await gate?.shut();
  await database?.drop();
});

const unknownKey = () => `owk_${randomBytes(5).toString('hex')}_${randomBytes(24).toString('base64url')}`;

function post(key: string, { path = '/graphql', from = address } = {}): Promise<Response> {
  return fetch(hub.url + path, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: path.endsWith('/stream') ? 'text/event-stream' : 'application/json',
      authorization: `Bearer ${key}`,
      'x-forwarded-for': from,
    },
    body: JSON.stringify({ query: '{ __typename }' }),
  });
}

async function overSocket(key: string, from = address): Promise<{ code: number; reason: string }> {
  const socket = new WebSocket(socketUrl(hub), 'graphql-transport-ws', {
    headers: { 'x-forwarded-for': from },
  });
  socket.on('open', () => socket.send(initMessage({ authorization: `Bearer ${key}` })));
  return new Promise((resolve) => {
    socket.once('message', () => (socket.terminate(), resolve({ code: 0, reason: 'signed in' })));
    socket.once('close', (code, reason) => resolve({ code, reason: String(reason) }));
  });
}

async function makeKey(): Promise<string> {
  const query = `mutation { createApiKey(input: { name: "n", partner: "p", scopes: ["stock:read"] }) { key } }`;
  const response = await fetch(`${hub.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${hub.adminKey}` },
    body: JSON.stringify({ query }),
  });
  return ((await response.json()) as { data: { createApiKey: { key: string } } }).data.createApiKey.key;
}

async function spend(): Promise<void> {
  for (let sent = 0; sent < ALLOWED; sent += 1) expect((await post(unknownKey())).status).toBe(401);
}

test('after so many wrong keys an address gets 429, and no key is looked up for it', async () => {
  await spend();
  const statements = gate.statements();
  const response = await post(unknownKey());
  expect(response.status).toBe(429);
  const { errors } = (await response.json()) as {
    errors: { message: string; extensions: { retryAfterSeconds: number } }[];
  };
  const seconds = errors[0]!.extensions.retryAfterSeconds;
  expect(errors).toMatchObject([
    {
      message: `Too many wrong keys came from this address; retry in ${seconds} seconds.`,
      extensions: { code: 'RATE_LIMITED', retryable: true, retryAfterSeconds: seconds },
    },
  ]);
  expect(response.headers.get('retry-after')).toBe(String(seconds));
  expect(seconds).toBeGreaterThanOrEqual(1);
  expect(seconds).toBeLessThanOrEqual(60);
  await Promise.all(Array.from({ length: 50 }, () => post(unknownKey())));
  const asked = gate.statements() - statements;
  expect(asked).toBeLessThan(50); // what the hub asks by itself meanwhile
  expect((await post(unknownKey(), { from: '198.51.100.1' })).status).toBe(401);
});

test('all transports count together', async () => {
  for (const path of ['/graphql', '/graphql/stream', '/subgraphs/customer/graphql'])
    expect((await post(unknownKey(), { path })).status).toBe(401);
  for (let sent = 3; sent < ALLOWED; sent += 1)
    expect(await overSocket(unknownKey())).toEqual({
      code: 4403,
      reason: 'The hub does not know this key.',
    });
  expect(await overSocket(unknownKey())).toEqual({
    code: 4292,
    reason: expect.stringMatching(/^Too many wrong keys came from this address; retry in \d+ seconds\.$/),
  });
  for (const path of ['/graphql', '/graphql/stream', '/subgraphs/customer/graphql'])
    expect((await post(unknownKey(), { path })).status).toBe(429);
});

test('wrong admin keys, and wrong secrets of a key that there is, count alike', async () => {
  const key = await makeKey();
  const wrong = `${key.slice(0, -1)}${key.endsWith('x') ? 'y' : 'x'}`;
  for (let sent = 0; sent < ALLOWED; sent += 1)
    expect((await post(sent % 2 ? wrong : 'owa_0123456789abcdef')).status).toBe(401);
  expect((await post(wrong)).status).toBe(429);
  expect((await post('owa_0123456789abcdef')).status).toBe(429);
});

describe('a good key from an address that is refused', () => {
  test('is served if it was good before, however long ago, and so is the admin key', async () => {
    const key = await makeKey();
    expect((await post(key)).status).toBe(200);
    await spend();
    expect((await post(unknownKey())).status).toBe(429);
    expect((await post(hub.adminKey)).status).toBe(200);
    const before = performance.now();
    await until(async () => {
      expect((await post(key)).status).toBe(200); // also when its two seconds of memory are over
      return performance.now() - before > 2_500;
    });
    expect(await overSocket(key)).toMatchObject({ reason: 'signed in' });
  });

  test('is refused if nobody has used it at this hub, and served elsewhere', async () => {
    const key = await makeKey();
    await spend();
    expect((await post(key)).status).toBe(429);
    expect((await post(key, { from: '198.51.100.2' })).status).toBe(200);
    expect((await post(key)).status).toBe(200);
  });
});

test('a request without a key, or with one that has ended, is no guess', async () => {
  const key = await makeKey();
  await database.query(`update api_key set revoked_at = hub_now() where prefix = $1`, [key.split('_')[1]]);
  for (let sent = 0; sent < ALLOWED * 2; sent += 1) {
    expect((await post('')).status).toBe(401);
    expect((await post(key)).status).toBe(401);
  }
  expect((await post(unknownKey())).status).toBe(401);
});

test('a /64 of IPv6 is one address', async () => {
  for (let sent = 0; sent < ALLOWED; sent += 1)
    expect((await post(unknownKey(), { from: `2001:db8:0:1::${sent}` })).status).toBe(401);
  expect((await post(unknownKey(), { from: '2001:db8:0:1:ffff::1' })).status).toBe(429);
  expect((await post(unknownKey(), { from: '2001:db8:0:2::1' })).status).toBe(401);
});
