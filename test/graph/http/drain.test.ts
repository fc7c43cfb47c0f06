import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
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

test('kept connections that are in use end between two requests, and event streams without `complete`', async () => {
  const busy = await startShop({ environment: { HUB_DRAIN_SECONDS: '1' } });
  try {
    const stream = await fetch(`${busy.url}/graphql/stream`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${busy.adminKey}`,
        'content-type': 'application/json',
        accept: 'text/event-stream',
      },
      body: JSON.stringify({ query: 'subscription { atp(skus: ["TEA"]) { kind } }' }),
    });
    const told = stream.text();
    let asked = 0;
    const clients = Array.from({ length: 16 }, async () => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      let last: string | undefined;
      while (last !== 'close') {
        last = await ask(busy, agent);
        asked += 1;
      }
      agent.destroy();
    });
    await until(() => asked > 100);
    busy.process.kill('SIGTERM');
    await Promise.all(clients); // rejects where one is reset
    expect(await told).toMatch(/"kind":"SNAPSHOT"[^]*retry: 1000\n\n$/);
    expect(await told).not.toContain('event: complete');
    if (busy.process.exitCode === null) await once(busy.process, 'exit');
    expect(busy.process.exitCode).toBe(0);
  } finally {
    await busy.stop();
  }
});

/** One query over a kept connection. @returns whether it is kept */
function ask({ url, adminKey }: RunningHub, agent: Agent): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' };
    request(`${url}/graphql`, { method: 'POST', agent, headers }, (answer) => {
      answer.resume();
      answer.on('error', reject);
      answer.on('end', () =>
        answer.statusCode === 200
          ? resolve(answer.headers.connection)
          : reject(new Error(`status ${answer.statusCode}`)),
      );
    })
      .on('error', reject)
      .end(JSON.stringify({ query: '{ channels { code } }' }));
  });
}
