import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { getIntrospectionQuery } from 'graphql';
import { request } from 'node:http';
import WebSocket from 'ws';
import { startHub, type RunningHub } from '../support/hub.ts';
import { until } from '../support/until.ts';
import { initMessage, openSignedIn, openSocket, overSocket, socketUrl } from '../support/graph/transports.ts';

let hub: RunningHub;

beforeAll(async () => {
  hub = await startHub();
});
afterAll(() => hub?.stop());

const introspection = () => JSON.stringify({ query: getIntrospectionQuery() });
const json = { 'content-type': 'application/json' };

describe.each([
  [
    'no key',
    undefined,
    /No key was sent; send "Authorization: Bearer <key>"/,
    'No key was sent: connectionParams must be {"authorization": "Bearer <key>"}.',
  ],
  [
    'an empty value',
    '',
    /No key was sent/,
    'No key was sent: connectionParams must be {"authorization": "Bearer <key>"}.',
  ],
  ['another scheme', 'Basic dXNlcjpwYXNz', /Malformed Authorization header. Expected "Bearer <key>"/],
  ['a key without its scheme', 'owa_key', /Malformed Authorization header/],
  ['two keys', 'Bearer one two', /Malformed Authorization header/],
  ['a key that the hub does not know', 'Bearer owa_0123456789abcdef', /does not know this key/],
])('%s', (_what, authorization, says, reason?: string) => {
  const headers: Record<string, string> = authorization === undefined ? json : { ...json, authorization };

  test.each(['POST', 'GET'])('is refused over HTTP with 401 (%s), whatever is asked', async (method) => {
    const address = `${hub.url}/graphql`;
    const response = await (method === 'GET'
      ? fetch(`${address}?query={__typename}`, { headers })
      : fetch(address, { method: 'POST', headers, body: introspection() }));
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Bearer');
    expect(await response.json()).toEqual({
      errors: [
        {
          message: expect.stringMatching(says),
          extensions: {
            code: 'UNAUTHENTICATED',
            retryable: false,
            requestId: response.headers.get('x-request-id'),
          },
        },
      ],
    });
  });

  test('closes a socket with 4403 before anything is answered', async () => {
    const { socket, received, closed } = await openSocket(hub);
    socket.send(initMessage(authorization === undefined ? undefined : { authorization }));
    expect(await closed).toEqual({ code: 4403, reason: reason ?? expect.stringMatching(says) });
    expect(received).toEqual([]);
  });
});

test.each(['key', 'token', 'access_token', 'authorization', 'apiKey'])(
  'a key in the query string is none: ?%s=',
  async (name) => {
    const query = `${name}=${encodeURIComponent(`Bearer ${hub.adminKey}`)}&${name}=${hub.adminKey}`;
    const response = await fetch(`${hub.url}/graphql?${query}`, {
      method: 'POST',
      headers: json,
      body: introspection(),
    });
    expect(response.status).toBe(401);
    const { socket, closed } = await openSocket(hub, `/graphql?${query}`);
    socket.send(initMessage());
    expect((await closed).code).toBe(4403);
  },
);

test('a body is not read for one without a key, however wrong it is', async () => {
  const response = await fetch(`${hub.url}/graphql`, {
    method: 'POST',
    headers: json,
    body: 'x'.repeat(2_000_000),
  });
  expect(response.status).toBe(401);
});

test.each(['authorization', 'Authorization', 'AUTHORIZATION'])(
  'a socket signs in by %s, however the name is written',
  async (name) => {
    const { socket, received } = await openSocket(hub);
    socket.send(initMessage({ [name]: `Bearer ${hub.adminKey}` }));
    await until(() => received.length === 1);
    expect(received).toEqual([{ type: 'connection_ack' }]);
    socket.close();
  },
);

test('a socket must sign in before it subscribes, and only once', async () => {
  const early = await openSocket(hub);
  early.socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: '{ __typename }' } }));
  expect(await early.closed).toEqual({ code: 4401, reason: 'Unauthorized' });
  const twice = await openSignedIn(hub);
  twice.socket.send(initMessage({ authorization: 'Bearer other-key' }));
  expect((await twice.closed).code).toBe(4429);
});

test('a socket of no or another protocol is closed', async () => {
  const socket = new WebSocket(socketUrl(hub));
  expect(await new Promise((resolve) => socket.once('close', resolve))).toBe(4406);
});

test('the key opens introspection, on both transports', async () => {
  const headers = { ...json, authorization: `bearer ${hub.adminKey}` };
  const overHttp = await fetch(`${hub.url}/graphql`, { method: 'POST', headers, body: introspection() });
  expect(await overHttp.json()).toMatchObject({ data: { __schema: { queryType: { name: 'Query' } } } });
  expect(await overSocket.send(hub, getIntrospectionQuery())).toMatchObject({ data: { __schema: {} } });
});

test.each(['/livez', '/readyz', '/', '/graphiql', '/docs/errors'])('%s is open', async (path) => {
  expect((await fetch(hub.url + path)).status).toBe(200);
});

test.each(['/admin', '/graphql/', '/graphql/x', '/.hub/admin-key', '/package.json', '/sample.csv'])(
  '%s is not there',
  async (path) => {
    const response = await fetch(hub.url + path);
    expect(response.status).toBe(404);
    expect(await response.text()).not.toMatch(/node_modules|stack/);
  },
);

test('a socket elsewhere is refused, and one that is torn down meanwhile hurts nobody', async () => {
  await expect(openSocket(hub, '/other')).rejects.toThrow('404');
  for (const path of ['/other', '/graphql']) {
    const call = request(`${hub.url}${path}`, {
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'x',
      },
    });
    await new Promise<void>((resolve) => {
      call.on('error', () => resolve());
      call.on('socket', (socket) =>
        socket.once('connect', () => setImmediate(() => (socket.resetAndDestroy(), resolve()))),
      );
      call.end();
    });
  }
  expect((await fetch(`${hub.url}/livez`)).status).toBe(200);
});
