import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { RunningHub } from '../../support/hub.ts';
import { RESERVE, reserveInput, startShop, stateOf, type HubState } from '../../support/graph/fixture.ts';
import { openSignedIn, overSocket, post } from '../../support/graph/transports.ts';

let hub: RunningHub;
let before: HubState;

beforeAll(async () => {
  hub = await startShop();
});
beforeEach(async () => {
  before = await stateOf(hub);
});
afterAll(() => hub?.stop());

const query = '{ channels { code } }';
const reserveBody = (reference: string) =>
  JSON.stringify({ query: RESERVE, variables: { input: reserveInput({ reference }) } });
/** The bytes of a good request with one byte that no UTF-8 text has. */
const notUtf8 = () => {
  const bytes = Buffer.from(reserveBody('CHECKOUT-?'));
  bytes[bytes.indexOf('?')] = 0xff;
  return bytes;
};

describe('over HTTP', () => {
  test.each<[string, string | Uint8Array, number, string, RegExp]>([
    ['of 10 MB', reserveBody('x'.repeat(10_000_000)), 413, 'BODY_TOO_LARGE', /exceeds 1000000 bytes/],
    [
      'of one byte too many',
      reserveBody('').padEnd(1_000_001),
      413,
      'BODY_TOO_LARGE',
      /exceeds 1000000 bytes/,
    ],
    ['that is not UTF-8', notUtf8(), 400, 'BODY_INVALID', /not valid UTF-8/],
    ['that is not JSON', 'query { channels { code } }', 400, 'BODY_INVALID', /not JSON/],
    ['that ends too early', reserveBody('x').slice(0, -1), 400, 'BODY_INVALID', /not JSON/],
    ['of nothing', '', 400, 'BODY_INVALID', /not JSON/],
    ['of null', 'null', 400, 'BAD_REQUEST', /./],
    ['of a number', '7', 400, 'BAD_REQUEST', /./],
    ['of a list', `[{"query":"${query}"}]`, 400, 'BAD_REQUEST', /./],
    ['without a document', '{}', 400, 'BAD_REQUEST', /non-empty `query`|body missing/],
    ['with a document that is no text', '{"query":7}', 400, 'BAD_REQUEST', /must be strings/],
    [
      'with variables that are no object',
      `{"query":"${query}","variables":"a"}`,
      400,
      'BAD_REQUEST',
      /variables/,
    ],
    [
      'with a document of 100,001 characters',
      JSON.stringify({ query: query.padEnd(100_001) }),
      400,
      'QUERY_TOO_COMPLEX',
      /has 100001 characters; at most 100000/,
    ],
    ['nested beyond any stack', '['.repeat(400_000), 400, 'BODY_INVALID', /deeper than 200 levels/],
    [
      'nested beyond any stack, whole',
      `{"query":"${query}","variables":{"a":${'['.repeat(400_000)}${']'.repeat(400_000)}}}`,
      400,
      'BODY_INVALID',
      /deeper than 200 levels/,
    ],
    [
      'of too many values',
      `{"query":"${query}","variables":{"a":[${'{},'.repeat(60_000)}{}]}}`,
      400,
      'BODY_INVALID',
      /more than 50000 values/,
    ],
  ])('a body %s', async (_what, body, status, code, says) => {
    const response = await post(hub, body);
    expect(response.headers.get('content-type')).toMatch(/^application\/json; ?charset=utf-8$/);
    const answer = (await response.json()) as {
      errors?: { message: string; extensions: { code: string } }[];
    };
    expect({ status: response.status, code: answer.errors?.[0]?.extensions.code ?? '' }).toEqual({
      status,
      code,
    });
    expect(answer.errors?.[0]?.message ?? '').toMatch(says);
    expect(await stateOf(hub)).toEqual(before);
  });

  test('a body of 10 MB is answered while most of it is still on its way', async () => {
    const body = reserveBody('x'.repeat(10_000_000));
    for (let sent = 0; sent < 12; sent += 1) expect((await post(hub, body)).status).toBe(413);
  });

  test('another type of body is refused, since a form of another site could send it', async () => {
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
    ]) {
      const response = await post(hub, reserveBody('x'), { 'content-type': type });
      expect([400, 415]).toContain(response.status);
      const { errors } = (await response.json()) as { errors: { extensions: { code: string } }[] };
      expect(['BAD_REQUEST', 'BODY_INVALID']).toContain(errors[0]!.extensions.code);
    }
    expect(await stateOf(hub)).toEqual(before);
  });

  test('a mutation by GET is refused', async () => {
    const parameters = new URLSearchParams(JSON.parse(reserveBody('x')) as Record<string, string>);
    parameters.set('variables', JSON.stringify({ input: reserveInput() }));
    const headers = { authorization: `Bearer ${hub.adminKey}`, 'apollo-require-preflight': '1' };
    const response = await fetch(`${hub.url}/graphql?${parameters}`, { headers });
    expect(response.status).toBe(405);
    expect(await stateOf(hub)).toEqual(before);
  });

  test('NUL in the variables of a GET is refused as in those of a POST', async () => {
    const variables = encodeURIComponent(JSON.stringify({ code: 'a\u0000' }));
    const document = encodeURIComponent('query ($code: ID!) { sku(code: $code) { code } }');
    const headers = { authorization: `Bearer ${hub.adminKey}`, 'apollo-require-preflight': '1' };
    const response = await fetch(`${hub.url}/graphql?query=${document}&variables=${variables}`, { headers });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      errors: [
        { message: expect.stringContaining('`$code` has a NUL'), extensions: { code: 'BAD_USER_INPUT' } },
      ],
    });
  });
});

describe('over WebSocket', () => {
  test('a document of 100,001 characters is refused, one of 100,000 is not', async () => {
    expect(await overSocket.send(hub, query.padEnd(100_001))).toMatchObject({
      errors: [{ extensions: { code: 'QUERY_TOO_COMPLEX' } }],
    });
    expect(await overSocket.send(hub, query.padEnd(100_000))).toMatchObject({ data: {} });
  });

  const subscribe = (payload: object) => JSON.stringify({ id: '1', type: 'subscribe', payload });
  test.each<[string, string | Uint8Array, number]>([
    ['beyond the limit', subscribe({ query, extensions: { padding: 'x'.repeat(1_000_000) } }), 1009],
    ['that is not JSON', '{ "type": ', 4400],
    ['that is no object', '7', 4400],
    ['of a type that is none', '{"type":"start"}', 4400],
    ['without a document', subscribe({}), 4400],
    ['with a document that is no text', subscribe({ query: 7 }), 4400],
    ['with variables that are no object', subscribe({ query, variables: 'a' }), 4400],
    ['that only a server sends', JSON.stringify({ id: '1', type: 'next', payload: { data: {} } }), 4400],
  ])('a message %s closes the socket', async (_what, message, code) => {
    const { socket, received, closed } = await openSignedIn(hub);
    socket.send(message, { binary: false });
    expect(await closed).toMatchObject({ code });
    expect(received).toEqual([{ type: 'connection_ack' }]);
    expect(await overSocket.send(hub, query)).toEqual({ data: { channels: [{ code: 'douyin' }] } });
    expect(await stateOf(hub)).toEqual(before);
  });

  test('a text frame that is not UTF-8 closes the socket', async () => {
    const { socket, closed } = await openSignedIn(hub);
    socket.send(notUtf8(), { binary: false });
    expect(await closed).toMatchObject({ code: 1007 });
    expect(await stateOf(hub)).toEqual(before);
  });

  test('a binary frame that is not UTF-8 is not stored with replaced characters', async () => {
    const { socket, closed, received } = await openSignedIn(hub);
    const bytes = Buffer.from(subscribe(JSON.parse(reserveBody('CHECKOUT-?')) as object));
    bytes[bytes.indexOf('CHECKOUT-?') + 9] = 0xff;
    socket.send(bytes, { binary: true });
    expect(await closed).toMatchObject({ code: 1003 });
    expect(received).toEqual([{ type: 'connection_ack' }]);
    expect(await stateOf(hub)).toEqual(before);
  });
});
