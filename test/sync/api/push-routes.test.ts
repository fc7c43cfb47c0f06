import 'reflect-metadata';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createHmac } from 'node:crypto';
import fastify, { type FastifyInstance } from 'fastify';
import { PushRefused, type PushHint } from '../../../connectors/spi/index.ts';
import { AttemptLimit } from '../../../src/platform/api/attempt-limit.ts';
import { clientAddressBehind } from '../../../src/platform/process/client-address.ts';
import { createLogger } from '../../../src/platform/process/log.ts';
import { ConnectorRuntime } from '../../../src/sync/index.ts';
import { pushRoutes } from '../../../src/sync/api/push-routes.ts';
import { TestSource } from '../../support/sync/source.ts';

/** Pushes over real HTTP to a source that signs the bytes of the body. */
const SECRET = 'geheim';
const REFUSALS = 5;
const taken: PushHint[][] = [];
let takeFails = false;
let app: FastifyInstance;
let url: string;

beforeAll(async () => {
  const { source } = new TestSource();
  source.webhook = {
    receive: async ({ headers, body, query, method }) => {
      if (method === 'GET')
        return { hints: [], reply: { status: 200, contentType: 'text/plain', body: query['echostr'] ?? '' } };
      const signature = createHmac('sha256', SECRET).update(body).digest('hex');
      if (headers['x-signature'] !== signature) throw new PushRefused('The signature is not right.');
      if (body.length === 0) throw new TypeError('a defect');
      const { id, record } = JSON.parse(Buffer.from(body).toString()) as { id: string; record: string };
      return { hints: [{ pushId: id, stream: 'skus', recordIds: [record] }] };
    },
    readBack: async () => [],
  };
  const runtime = {
    id: 'shop',
    source,
    take: async (hints: PushHint[]) => {
      if (takeFails) throw new Error('the database is away');
      taken.push(hints);
    },
  };
  const silent = { id: 'silent', source: new TestSource().source };
  app = fastify();
  await app.register(
    pushRoutes({
      runtimes: [runtime, silent] as unknown as ConnectorRuntime[],
      refused: new AttemptLimit({ failures: REFUSALS, seconds: 60, says: 'Too many wrong signatures' }),
      clientAddress: clientAddressBehind(['127.0.0.0/8']),
      log: createLogger('silent'),
    }),
  );
  url = await app.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(() => app?.close());

async function push(
  body: string,
  { source = 'shop', type = 'application/json', secret = SECRET, from = '203.0.113.1' } = {},
) {
  const response = await fetch(`${url}/hooks/${source}`, {
    method: 'POST',
    headers: {
      'content-type': type,
      'x-forwarded-for': from,
      'x-signature': createHmac('sha256', secret).update(body).digest('hex'),
    },
    body,
  });
  return { status: response.status, text: await response.text() };
}

test.each(['application/json', 'text/xml', 'application/x-www-form-urlencoded'])(
  'a signed push is kept and answered, whatever its type says (%s)',
  async (type) => {
    taken.length = 0;
    const body = '{ "id":"1",  "record":"A" }'; // with spaces: the signature is over the bytes as they came
    expect(await push(body, { type })).toEqual({ status: 200, text: '{"ok":true}' });
    expect(taken).toEqual([[{ pushId: '1', stream: 'skus', recordIds: ['A'] }]]);
  },
);

test('a push of somebody else is refused, and nothing is kept', async () => {
  taken.length = 0;
  const answer = await push('{"id":"2","record":"A"}', { secret: 'guess' });
  expect(answer).toEqual({ status: 401, text: '{"error":"The signature is not right."}' });
  expect(taken).toEqual([]);
});

test.each(['none', 'silent'])('nobody takes pushes for the source %s', async (source) => {
  expect(await push('{}', { source })).toMatchObject({ status: 404 });
});

test('what cannot be kept is answered so that the source repeats it, and tells nothing', async () => {
  takeFails = true;
  const answer = await push('{"id":"3","record":"A"}');
  takeFails = false;
  expect(answer).toEqual({ status: 500, text: '{"error":"The hub cannot take it now."}' });
  expect(await push('')).toMatchObject({ status: 500, text: '{"error":"The hub cannot take it now."}' });
});

test('a push that is too large is refused', async () => {
  expect(await push(`"${'x'.repeat(1_100_000)}"`)).toMatchObject({ status: 413 });
});

test('a source that asks for an echo gets it', async () => {
  const response = await fetch(`${url}/hooks/shop?echostr=hello`);
  expect(await response.text()).toBe('hello');
  expect(response.headers.get('content-type')).toContain('text/plain');
});

test('an address that has sent too many wrong signatures gets 429, and its good pushes are taken', async () => {
  const from = '203.0.113.9';
  for (let sent = 0; sent < REFUSALS; sent += 1)
    expect((await push('{}', { secret: 'guess', from })).status).toBe(401);
  const refused = await push('{}', { secret: 'guess', from });
  expect(refused).toMatchObject({
    status: 429,
    text: expect.stringMatching(/Too many wrong signatures; retry in \d+ seconds/),
  });
  expect((await push('{"id":"late","record":"A"}', { from })).status).toBe(200);
  expect((await push('{}', { secret: 'guess', from: '203.0.113.10' })).status).toBe(401);
});
