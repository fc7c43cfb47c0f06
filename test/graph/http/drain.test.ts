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
  hub = await startShop({ environment: { LOG_LEVEL: 'info' } });
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
  expect(await watcher.closed).toMatchObject({ code: 1001 });
  // On the connection that is still open: new ones are refused already.
  connection.write('GET /readyz HTTP/1.1\r\nhost: x\r\n\r\n');
  await expect(fetch(`${hub.url}/livez`)).rejects.toThrow();
  expect(hub.process.exitCode).toBeNull();

  await blocker.query('rollback');
  await blocker.end();
  const [code] = (await once(hub.process, 'exit')) as [number];
  expect(code).toBe(0);
  const [adjusted, ready] = answers.split(/(?=HTTP\/1\.1 )/);
  expect(adjusted).toMatch(/^HTTP\/1\.1 200 .*"delta":1/s);
  expect(ready).toMatch(/^HTTP\/1\.1 503 .*\{"status":"not ready"\}/s);
  expect(hub.output().stderr).not.toMatch(/did not stop cleanly/);
});
