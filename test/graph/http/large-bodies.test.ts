import { connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { RunningHub } from '../../support/hub.ts';
import { apiKey, startShop } from '../../support/graph/fixture.ts';
import { openSignedIn, post } from '../../support/graph/transports.ts';

const query = '{ channels { code } }';
const padding = 'x'.repeat(990_000);
const small = JSON.stringify({ query });
/** More than may wait: 42 of them are ten seconds' worth. */
const MANY = 60;

let hub: RunningHub;
let key: string;

beforeAll(async () => {
  hub = await startShop();
});
beforeEach(async () => {
  key = await apiKey(hub, ['stock:read']);
});
afterAll(() => hub?.stop());

test('a key that sends large bodies without end waits, for itself alone, and is told so', async () => {
  const row = new AbortController();
  const statuses = Array.from({ length: MANY }, async () => {
    const { status } = await fetch(`${hub.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body: JSON.stringify({ query, variables: { padding } }),
      signal: row.signal,
    });
    return status;
  });
  const refused = statuses.map(async (status) => {
    if ((await status) !== 429) throw new Error('not refused');
  });
  await Promise.any(refused);
  expect((await post(hub, small)).status).toBe(200);
  expect((await post(hub, small, { authorization: `Bearer ${key}` })).status).toBe(200);
  row.abort();
  await Promise.allSettled([...statuses, ...refused]);
});

test('sockets of a key that send large messages without end are closed', async () => {
  const sockets = await Promise.all(
    Array.from({ length: MANY }, () => openSignedIn({ url: hub.url, adminKey: key })),
  );
  for (const { socket } of sockets) socket.send(JSON.stringify({ type: 'ping', payload: { padding } }));
  const { code } = await Promise.race(sockets.map(({ closed }) => closed));
  expect(code).toBe(4293);
  expect((await post(hub, small)).status).toBe(200);
  for (const { socket } of sockets) socket.terminate();
  await Promise.all(sockets.map(({ closed }) => closed));
});

test.each([
  ['/graphql', /^HTTP\/1.1 401 .*UNAUTHENTICATED/s],
  ['/hooks/nobody', /^HTTP\/1.1 413 /],
])('a body without end behind a refusal of %s is cut off', async (path, says) => {
  const socket = connect(Number(new URL(hub.url).port), '127.0.0.1');
  socket.on('error', () => undefined); // it is cut off while it writes
  const closed = new Promise((resolve) => socket.once('close', resolve)); // `once` would fail on the error
  let answer = '';
  socket.on('data', (chunk) => (answer += String(chunk)));
  socket.write(
    `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n`,
  );
  const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
  // By `setImmediate`: a write that is done at once calls back before the event loop could see the end.
  const write = (): void => void (socket.destroyed || socket.write(chunk, () => setImmediate(write)));
  write();
  await closed;
  expect(answer).toMatch(says);
  expect(socket.bytesWritten).toBeGreaterThan(16_000_000);
});
