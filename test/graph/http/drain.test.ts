import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { ADJUST, newKey, startShop } from '../../support/graph/fixture.ts';
import { openSignedIn } from '../../support/graph/transports.ts';
import { connect } from '../../support/inventory/engine.ts';
import type { RunningHub } from '../../support/hub.ts';
import { until } from '../../support/until.ts';
import { BLOCKED_BY_US } from '../../support/hub-process.ts';

let hub: RunningHub;

beforeAll(async () => {
  hub = await startShop({ environment: { LOG_LEVEL: 'info', HUB_DRAIN_SECONDS: '1' } });
});
afterAll(() => hub?.stop());

test('on SIGTERM a request in flight is answered, sockets are closed with 1001, and the exit code is 0', async () => {
  const watcher = await openSignedIn(hub);
  const payload = { query: 'subscription { atp(skus: ["TEA"]) { kind } }' };
  watcher.socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload }));
  await until(() => watcher.received.some(({ type }) => type === 'next'));

  const blocker = await connect(hub.databaseUrl);
  await blocker.query('begin; lock table stock_balance in access exclusive mode');
  const input = { idempotencyKey: newKey(), node: 'WH', reason: 'found', lines: [{ sku: 'TEA', delta: 1 }] };
  const body = JSON.stringify({ query: ADJUST, variables: { input } });
  const { hostname, port } = new URL(hub.url);
  const connection = connectTcp(Number(port), hostname);
  let answers = '';
  connection.on('data', (chunk: Buffer) => (answers += chunk.toString()));
  connection.write(
    `POST /graphql HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${hub.adminKey}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  await until(async () => (await blocker.query(BLOCKED_BY_US)).rows.length > 0);

  hub.process.kill('SIGTERM');
  // For a second it still serves, and says that it leaves: proxies send the next requests elsewhere.
  await until(async () => (await fetch(`${hub.url}/readyz`)).status === 503);
  const leaving = await fetch(`${hub.url}/readyz`);
  expect(leaving.headers.get('connection')).toBe('close');
  expect(await leaving.json()).toEqual({ status: 'not ready', reason: 'The hub is stopping.' });
  expect(await watcher.closed).toMatchObject({ code: 1001 });
  await expect(fetch(`${hub.url}/livez`)).rejects.toThrow();
  expect(hub.process.exitCode).toBeNull();

  await blocker.query('rollback');
  await blocker.end();
  const [code] = (await once(hub.process, 'exit')) as [number];
  expect(code).toBe(0);
  expect(answers).toMatch(/^HTTP\/1\.1 200 .*connection: close.*"delta":1/is);
  expect(hub.output().stderr).not.toMatch(/did not stop cleanly/);
});
