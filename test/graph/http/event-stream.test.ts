import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect as connectTcp, type AddressInfo } from 'node:net';
import { EventStream } from '../../../src/graph/http/event-stream-response.ts';
import { postStream, streamClient } from '../../support/event-stream.ts';
import type { RunningHub } from '../../support/hub.ts';
import { until } from '../../support/until.ts';
import { newKey, RESERVE, reserveInput, startShop } from '../../support/graph/fixture.ts';
import { makeKnown, post } from '../../support/graph/transports.ts';

let hub: RunningHub;

beforeAll(async () => {
  hub = await startShop();
});
afterAll(() => hub?.stop());

/** The first answer to an operation, whatever it says. */
async function first(query: string, variables?: Record<string, unknown>, operationName?: string) {
  const { value } = await streamClient(hub).iterate({ query, variables, operationName }).next();
  return value as {
    data?: Record<string, unknown>;
    errors?: { message: string; extensions: { code: string } }[];
  };
}
const codeOf = async (query: string, variables?: Record<string, unknown>, operationName?: string) =>
  (await first(query, variables, operationName)).errors?.map(({ extensions }) => extensions.code);

describe('the rules of HTTP and of sockets hold for event streams', () => {
  test.each([undefined, 'Bearer owa_0123456789abcdef', 'Basic dXNlcjpwYXNz'])(
    'a stream without a good key is refused with 401 before its body is read (%s)',
    async (authorization) => {
      const headers = { authorization: authorization ?? '' };
      const response = await postStream(hub, 'x'.repeat(2_000_000), headers);
      expect(response.status).toBe(401);
      expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
    },
  );

  test('a key without the scope is told what it lacks', async () => {
    const created = await post(
      hub,
      JSON.stringify({
        query: `mutation { createApiKey(input: { name: "c", partner: "crm", scopes: ["customer:read"] }) { key } }`,
      }),
    );
    const { data } = (await created.json()) as { data: { createApiKey: { key: string } } };
    const updates = streamClient({ url: hub.url, adminKey: data.createApiKey.key }).iterate({
      query: 'subscription { atp(skus: ["TEA"]) { kind } }',
    });
    expect((await updates.next()).value).toMatchObject({
      errors: [{ extensions: { code: 'FORBIDDEN', scope: 'stock:read' } }],
    });
  });

  test.each([
    ['a document that cannot be read', '{', 'GRAPHQL_PARSE_FAILED'],
    ['a field that is not there', 'subscription { nothing }', 'GRAPHQL_VALIDATION_FAILED'],
    [
      'too many aliases',
      `{ ${Array.from({ length: 61 }, (_, at) => `a${at}: __typename`).join(' ')} }`,
      'QUERY_TOO_COMPLEX',
    ],
    ['too many tokens', `{ ${'__typename '.repeat(10_001)} }`, 'QUERY_TOO_COMPLEX'],
    ['a text that cannot be stored', '{ sku(code: "\\u0000") { code } }', 'BAD_USER_INPUT'],
  ])('%s is refused', async (_what, query, code) => {
    expect(await codeOf(query)).toEqual([code]);
  });

  test('variables are judged also for a document that is known', async () => {
    const query = 'query ($code: ID!) { sku(code: $code) { code } }';
    await makeKnown(hub, query);
    expect((await first(query, { code: 'TEA' })).data).toEqual({ sku: { code: 'TEA' } });
    expect(await codeOf(query, { code: 'a\u0000' })).toEqual(['BAD_USER_INPUT']);
    expect(await codeOf(query, {})).toEqual(['BAD_USER_INPUT']);
    expect(await codeOf(query, { code: 'TEA' }, 'NobodyHasThisName')).toEqual([
      'OPERATION_RESOLUTION_FAILURE',
    ]);
  });

  test.each([
    ['no accept header for events', { query: '{ __typename }' }, { accept: 'application/json' }],
    ['no query', { variables: {} }, {}],
    ['a list', [{ query: '{ __typename }' }], {}],
    ['variables that are no object', { query: '{ __typename }', variables: [] }, {}],
    ['an operation name that is no text', { query: '{ __typename }', operationName: 1 }, {}],
    ['a body that is no JSON', '{', {}],
  ])('%s is refused with 400', async (_what, body, headers) => {
    const response = await postStream(hub, body, headers);
    expect(response.status).toBe(400);
    const code = expect.stringMatching(/^(BAD_USER_INPUT|BODY_INVALID)$/);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code } }] });
  });

  test.each(['GET', 'PUT', 'DELETE'])('%s is not offered, and says so', async (method) => {
    const headers = { authorization: `Bearer ${hub.adminKey}`, accept: 'text/event-stream' };
    const response = await fetch(`${hub.url}/graphql/stream`, { method, headers });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('POST');
  });
});

test('a command is carried out, and answered by one event', async () => {
  const response = await postStream(hub, {
    query: RESERVE,
    variables: { input: reserveInput({ idempotencyKey: newKey() }) },
  });
  expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  expect(response.headers.get('cache-control')).toMatch(/no-store/);
  expect(await response.text()).toMatch(
    /^:\n\nevent: next\ndata: \{"data":\{"reserve":\{"__typename":"Reservation".*\n\nevent: complete\ndata:\n\n$/,
  );
});

test('SIGTERM ends streams at once, without a `complete`, so that clients connect again', async () => {
  const other = await startShop();
  try {
    const response = await postStream(other, { query: 'subscription { atp(skus: ["TEA"]) { kind } }' });
    const reader = response.body!.getReader();
    let told = '';
    const read = async () => {
      const { done, value } = await reader.read();
      if (value) told += Buffer.from(value).toString();
      return !done;
    };
    while (!told.includes('SNAPSHOT')) await read();
    const ended = other.terminate();
    while (await read());
    expect(await ended).toBe(0);
    expect(told).not.toMatch(/event: complete/);
    expect(other.output().stderr).not.toMatch(/did not stop cleanly/);
  } finally {
    await other.stop();
  }
});

describe('a reader that has paused', () => {
  /** A stream of its own, read by a socket that may pause. */
  async function streaming(keepAliveMs: number, results: AsyncIterable<string>) {
    const server = createServer((_request, response) => {
      const stream = new EventStream(response, keepAliveMs);
      void stream.pump(results, (text) => text).then(() => stream.end());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const socket = connectTcp((server.address() as AddressInfo).port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    return { socket, server };
  }

  /** Large values for ever, counting what was taken. */
  function endless() {
    const source = {
      taken: 0,
      returned: false,
      async next() {
        if (source.returned) return { done: true as const, value: undefined };
        source.taken++;
        await new Promise((resolve) => setImmediate(resolve));
        return { done: false as const, value: `data: ${'x'.repeat(10_000)}\n\n` };
      },
      async return() {
        source.returned = true;
        return { done: true as const, value: undefined };
      },
      [Symbol.asyncIterator]: () => source,
    };
    return source;
  }

  test('is not written for, and cut when it has taken nothing between two keep-alives', async () => {
    const source = endless();
    const { socket, server } = await streaming(50, source);
    socket.pause();
    await until(() => source.returned);
    expect(source.taken * 10_000).toBeLessThan(20_000_000); // what the kernel holds, not what a server could make
    socket.destroy();
    server.close();
  });

  test('who reads on is not cut, and kept alive with comments', async () => {
    let told = '';
    const silent = { next: () => new Promise<never>(() => undefined), [Symbol.asyncIterator]: () => silent };
    const { socket, server } = await streaming(10, silent);
    socket.on('data', (chunk: Buffer) => (told += chunk.toString()));
    await until(() => told.split(':\n\n').length > 6);
    expect(socket.destroyed).toBe(false);
    socket.destroy();
    server.close();
  });
});
