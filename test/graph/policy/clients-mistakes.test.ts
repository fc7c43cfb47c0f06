import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { streamClient, postStream } from '../../support/event-stream.ts';
import { startShop } from '../../support/graph/fixture.ts';
import { BY_APOLLO, openSignedIn, overHttp, overSocket, post } from '../../support/graph/transports.ts';
import type { RunningHub } from '../../support/hub.ts';
import { connect } from '../../support/inventory/engine.ts';
import { until } from '../../support/until.ts';

const SUBGRAPH = '/subgraphs/inventory/graphql';

let hub: RunningHub;
beforeAll(async () => {
  hub = await startShop({ environment: { HUB_SUBGRAPHS: 'all' } });
});
afterAll(() => hub?.stop());

interface Told {
  data?: unknown;
  errors?: { message: string; extensions: { code: string; retryable?: boolean } }[];
}
type Sent = [query: string, variables?: Record<string, unknown>, operationName?: string];

const deep = (levels: number) => JSON.parse(`${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`) as unknown;
const cursor = (...parts: unknown[]) => Buffer.from(JSON.stringify(parts)).toString('base64url');
const SKU = 'query ($code: ID!) { sku(code: $code) { code } }';
const PAGE = 'query ($first: Int, $after: String) { skus(first: $first, after: $after) { nodes { code } } }';
const RESERVE = 'mutation ($input: ReserveInput!) { reserve(input: $input) { __typename } }';
const INBOUND = 'mutation ($input: RecordInboundInput!) { recordInbound(input: $input) { __typename } }';
const ADJUST = 'mutation ($input: AdjustStockInput!) { adjustStock(input: $input) { __typename } }';
const KEY = 'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { key } }';
const lines = (line: object) => ({
  input: { idempotencyKey: randomUUID(), channel: 'douyin', reference: 'r', lines: [line] },
});
/** Names that every object of JavaScript has. */
const NAMES = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf'];

/** Operations that are wrong, for every transport that takes operations. */
const operations: [what: string, ...sent: Sent][] = [
  ['an empty document', ''],
  ['a document of a comment', '# nothing'],
  ['a document that ends in a text', '{ sku(code: "'],
  ['a lone surrogate in the document', '{ sku(code: "\ud800") { code } }'],
  ['NUL in the document', '{ sku\u0000 }'],
  ['a fragment alone', 'fragment F on Sku { code }'],
  ['a fragment of itself', 'query { ...F } fragment F on Query { ...F }'],
  ['a directive that there is not', '{ channels @nope { code } }'],
  ['a skip without its condition', '{ channels @skip { code } }'],
  ['a skip by no boolean', 'query ($is: Boolean!) { channels @skip(if: $is) { code } }', { is: 'yes' }],
  ['@defer', '{ ... @defer { channels { code } } }'],
  ['an operation named twice', 'query A { channels { code } } query A { channels { code } }'],
  ['the name of an operation of no name', '{ channels { code } }', {}, '__proto__'],
  ['variables nested deep', SKU, { code: deep(2_000) }],
  ['a variable of another type', SKU, { code: { code: 'TEA' } }],
  ['a variable that is a list', SKU, { code: ['TEA'] }],
  ['null for what must be', SKU, { code: null }],
  ['a float id', SKU, { code: 1.5 }],
  ['NUL in a variable', SKU, { code: 'a\u0000' }],
  ['half a surrogate pair', SKU, { code: '\udfff' }],
  ['a page of less than nothing', PAGE, { first: -1 }],
  ['a page beyond any number', PAGE, { first: 1e300 }],
  ['a page of half', PAGE, { first: 1.5 }],
  ['an empty cursor', PAGE, { after: '' }],
  ['a cursor of another list', PAGE, { after: cursor('2026-01-01', randomUUID()) }],
  ['a cursor of an object', PAGE, { after: cursor({ a: 1 }) }],
  ['a cursor that is no list', PAGE, { after: Buffer.from('7').toString('base64url') }],
  ['a cursor with half a surrogate pair', PAGE, { after: Buffer.from('["\\ud800"]').toString('base64url') }],
  [
    '60 variables of wrong type',
    'query ($s: [ID!]!) { availableToPromise(skus: $s) { quantity } }',
    {
      s: Array.from({ length: 60 }, () => ({})),
    },
  ],
  [
    'an enum that there is not',
    'query ($k: IdentityKind!) { customersByIdentity(kind: $k, value: "x") { id } }',
    {
      k: 'toString',
    },
  ],
  ['a line without its SKU', RESERVE, lines({ quantity: 1 })],
  ['a line of a quantity beyond any number', RESERVE, lines({ sku: 'TEA', quantity: 1e300 })],
  [
    'a day that there is not',
    INBOUND,
    {
      input: {
        idempotencyKey: 'd',
        node: 'WH',
        lines: [{ sku: 'TEA', quantity: 1, expectedOn: '2026-02-30' }],
      },
    },
  ],
  [
    'a count beyond the range',
    ADJUST,
    {
      input: {
        idempotencyKey: 'c',
        node: 'WH',
        reason: 'r',
        lines: [{ sku: 'TEA', counted: 2_147_483_647 }],
      },
    },
  ],
  [
    'an instant beyond the calendar',
    KEY,
    {
      input: { name: 'n', partner: 'p', scopes: ['stock:read'], expiresAt: '+275760-09-13T00:00:00Z' },
    },
  ],
  [
    'an instant that is none',
    KEY,
    {
      input: { name: 'n', partner: 'p', scopes: ['stock:read'], expiresAt: 'tomorrow' },
    },
  ],
  [
    'an instant before the calendar',
    KEY,
    {
      input: { name: 'n', partner: 'p', scopes: ['stock:read'], expiresAt: '-271821-04-20T00:00:00Z' },
    },
  ],
  [
    'an instant that is a number',
    KEY,
    {
      input: { name: 'n', partner: 'p', scopes: ['stock:read'], expiresAt: 1e20 },
    },
  ],
  ['a scope of every object', KEY, { input: { name: 'n', partner: 'p', scopes: ['constructor'] } }],
  ['an id that is none', 'mutation { revokeApiKey(input: { id: "nope" }) { id } }'],
  ['a connector of every object', 'mutation { pauseConnector(id: "__proto__") { id } }'],
  ['a task that is none', 'mutation { resolveReviewTask(input: { id: "x", action: "constructor" }) { id } }'],
  ...NAMES.flatMap((name): [string, ...Sent][] => [
    [`a SKU named ${name}`, `{ availableToPromise(skus: ["${name}"]) { quantity } }`],
    [`a channel named ${name}`, `{ availableToPromise(skus: ["TEA"], channel: "${name}") { quantity } }`],
    [`a field named ${name}`, `{ ${name} }`],
    [
      `an input field named ${name}`,
      RESERVE,
      JSON.parse(`{"input":{"${name}":1}}`) as Record<string, unknown>,
    ],
  ]),
];

/** Whatever is found missing is answered as such, not refused: then there are data, and no errors. */
function expectBlame(told: Told): void {
  for (const { extensions, message } of told.errors ?? []) {
    expect({ message, code: extensions.code }).not.toMatchObject({ code: 'INTERNAL' });
    expect({ message, ...extensions }).toMatchObject({ retryable: false });
  }
  expect(told.errors ?? told.data).toBeTruthy();
}

/** A stack of ours in the log says that a mistake was taken for a defect. */
const logged = () =>
  hub
    .output()
    .stderr.split('\n')
    .filter((line) => line.includes('"level":50') || line.includes('"stack"'));

describe.each<[string, (...sent: Sent) => Promise<Told>]>([
  ['HTTP', (...sent) => overHttp.send(hub, ...sent)],
  [
    'Apollo Server',
    async (query, variables, operationName) =>
      (await (
        await post(hub, JSON.stringify({ query, variables, operationName }), BY_APOLLO)
      ).json()) as Told,
  ],
  ['WebSocket', (...sent) => overSocket.send(hub, ...sent)],
  [
    'an event stream',
    async (query, variables, operationName) => {
      const { value } = await streamClient(hub).iterate({ query, variables, operationName }).next();
      return value as Told;
    },
  ],
  [
    'a subgraph',
    async (query, variables, operationName) => {
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${hub.adminKey}` };
      const body = JSON.stringify({ query, variables, operationName });
      return (await (await fetch(hub.url + SUBGRAPH, { method: 'POST', headers, body })).json()) as Told;
    },
  ],
])('over %s a mistake of the client is called one', (_transport, send) => {
  test.each(operations)('%s', async (_what, ...sent) => {
    const before = logged().length;
    const told = await send(...sent);
    expectBlame(told);
    expectBlame(await send(...sent)); // also when its document is known
    expect(logged().slice(before)).toEqual([]);
  });
});

const json = 'application/json';
/** Bodies and headers that are wrong, by address. */
const requests: [
  what: string,
  path: string,
  body: string | Uint8Array | undefined,
  headers: Record<string, string>,
][] = ['/graphql', '/graphql/stream', SUBGRAPH].flatMap((path) => [
  ['no JSON', path, '{"query":', { 'content-type': json }],
  ['no body', path, undefined, { 'content-type': json }],
  ['no content type', path, new Uint8Array([1, 2, 3]), {}],
  ['a content type that is none', path, '{}', { 'content-type': ';;;' }],
  [
    'another character set',
    path,
    Buffer.from('{"query":"{__typename}"}', 'utf16le'),
    { 'content-type': `${json}; charset=utf-16` },
  ],
  ['XML', path, '<query/>', { 'content-type': 'text/xml' }],
  ['a form', path, 'query=%7B__typename%7D', { 'content-type': 'application/x-www-form-urlencoded' }],
  ['a content encoding that is unknown', path, '{}', { 'content-type': json, 'content-encoding': 'br' }],
  ['a text', path, '"query"', { 'content-type': json }],
  ['prototypes', path, '{"__proto__":{"query":"{__typename}"}}', { 'content-type': json }],
  ['a constructor', path, '{"constructor":{"prototype":{"query":"{a}"}}}', { 'content-type': json }],
  ['a query that is an object', path, '{"query":{"a":1}}', { 'content-type': json }],
  ['extensions that are a text', path, '{"query":"{__typename}","extensions":"a"}', { 'content-type': json }],
  ['a persisted query that is none', path, '{"extensions":{"persistedQuery":1}}', { 'content-type': json }],
  ['a huge header', path, '{}', { 'content-type': json, 'x-huge': 'x'.repeat(20_000) }],
  ['a strange accept', path, '{"query":"{__typename}"}', { 'content-type': json, accept: 'image/png' }],
]);

test.each(
  ['/graphql', '/graphql/stream', SUBGRAPH].flatMap((path): [string, Record<string, string>, RegExp][] => [
    [path, { 'content-type': `${json}; charset=utf-16` }, /said to be utf-16; send UTF-8/],
    [path, { 'content-type': `${json}; charset="GB18030"` }, /said to be GB18030; send UTF-8/],
    [path, { 'content-type': json, 'content-encoding': 'gzip' }, /encoded as gzip; send it as it is/],
  ]),
)('%s does not read as plain UTF-8 what says that it is none: %j', async (path, headers, says) => {
  const response = await fetch(hub.url + path, {
    method: 'POST',
    body: '{"query":"{__typename}"}',
    headers: { authorization: `Bearer ${hub.adminKey}`, accept: 'text/event-stream, */*', ...headers },
  });
  expect(response.status).toBe(415);
  const { errors } = (await response.json()) as Told;
  expect(errors).toMatchObject([
    { message: expect.stringMatching(says), extensions: { code: 'BODY_INVALID' } },
  ]);
});

test.each(['charset=utf-8', 'charset="UTF-8"', 'Charset=us-ascii'])(
  'a body of %s is read',
  async (charset) => {
    const response = await fetch(`${hub.url}/graphql`, {
      method: 'POST',
      body: '{"query":"{__typename}"}',
      headers: {
        authorization: `Bearer ${hub.adminKey}`,
        'content-type': `${json}; ${charset}`,
        'content-encoding': 'identity',
      },
    });
    expect(await response.json()).toEqual({ data: { __typename: 'Query' } });
  },
);

test.each(['next', 'error', 'connection_ack'])('a client that sends %s is closed with 4400', async (type) => {
  const before = logged().length;
  const { socket, closed } = await openSignedIn(hub);
  socket.send(JSON.stringify({ id: '1', type, payload: type === 'error' ? [{ message: 'no' }] : {} }));
  expect(await closed).toMatchObject({ code: 4400, reason: `Clients send no messages of the type ${type}.` });
  expect(logged().slice(before)).toEqual([]);
});

describe('a wrong HTTP request is answered 4xx, in the form of an error of GraphQL', () => {
  test.each(requests)('%s at %s', async (_what, path, body, headers) => {
    const before = logged().length;
    const response = await fetch(hub.url + path, {
      method: 'POST',
      body: body as string,
      headers: {
        authorization: `Bearer ${hub.adminKey}`,
        ...(path.endsWith('stream') && { accept: 'text/event-stream' }),
        ...headers,
      },
    });
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(response.status).toBeLessThan(500);
    const { errors } = (await response.json()) as Told;
    expect(errors!.length).toBeGreaterThan(0);
    expectBlame({ errors });
    expect(logged().slice(before)).toEqual([]);
  });

  test.each([
    '/hooks/files',
    '/hooks/__proto__',
    '/hooks/%00',
    '/hooks/%ff',
    '/hooks/',
    '/%',
    '/docs/%00',
    '/docs/%ff',
  ])('a push or a page at %s', async (path) => {
    const before = logged().length;
    for (const method of ['GET', 'POST']) {
      const response = await fetch(hub.url + path, { method, ...(method === 'POST' && { body: '\u0000' }) });
      await response.text();
      expect(response.status).toBeGreaterThanOrEqual(400);
      expect(response.status).toBeLessThan(500);
    }
    expect(logged().slice(before)).toEqual([]);
  });

  test.each([
    '?query=',
    '?query={',
    '?query={__typename}&variables={',
    '?query={__typename}&variables=[]',
    '?query={__typename}&query={__typename}',
    '?extensions={',
    '?%ff',
    '?query={__typename}&variables=%00',
  ])('a GET of /graphql%s', async (search) => {
    const before = logged().length;
    const headers = { authorization: `Bearer ${hub.adminKey}`, ...BY_APOLLO };
    const response = await fetch(`${hub.url}/graphql${search}`, { headers });
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(response.status).toBeLessThan(500);
    expectBlame((await response.json()) as Told);
    expect(logged().slice(before)).toEqual([]);
  });
});

test.each([
  ['a payload that is null', { id: '1', type: 'subscribe', payload: null }],
  ['an id that is a number', { id: 1, type: 'subscribe', payload: { query: '{ __typename }' } }],
  ['an empty id', { id: '', type: 'subscribe', payload: { query: '{ __typename }' } }],
  [
    'extensions that are a text',
    { id: '1', type: 'subscribe', payload: { query: '{ a }', extensions: 'a' } },
  ],
  ['a type of every object', { id: '1', type: 'constructor' }],
])('a message of a socket with %s closes it as the fault of the client', async (_what, message) => {
  const before = logged().length;
  const { socket, closed } = await openSignedIn(hub);
  socket.send(JSON.stringify(message));
  expect((await closed).code).toBe(4400);
  expect(logged().slice(before)).toEqual([]);
});

describe('what a transport does not carry', () => {
  const WATCH = 'subscription { atp(skus: ["TEA"]) { kind } }';

  test.each(['subscription { reviewTaskOpened { id } }', 'subscription { routingDecided { id } }', WATCH])(
    'a subscription by POST names the two transports: %s',
    async (query) => {
      for (const headers of [{}, BY_APOLLO])
        for (let sent = 0; sent < 2; sent += 1) {
          const response = await post(hub, JSON.stringify({ query }), headers);
          expect(response.status).toBe(400);
          const { errors } = (await response.json()) as Told;
          expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', retryable: false } }]);
          expect(errors![0]!.message).toMatch(/WebSocket at \/graphql .*\/graphql\/stream/);
        }
    },
  );

  test('a mutation or a subscription at a subgraph without any is refused as a document', async () => {
    const headers = { 'content-type': json, authorization: `Bearer ${hub.adminKey}` };
    for (const query of ['mutation { __typename }', 'subscription { __typename }'])
      for (let sent = 0; sent < 2; sent += 1) {
        const body = JSON.stringify({ query });
        const response = await fetch(`${hub.url}/subgraphs/customer/graphql`, {
          method: 'POST',
          headers,
          body,
        });
        expect(response.status).toBe(400);
        expect(await response.json()).toMatchObject({
          errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED', retryable: false } }],
        });
      }
  });

  test('a persisted query that nobody has sent is told as such where they are offered, and refused elsewhere', async () => {
    const extensions = { persistedQuery: { version: 1, sha256Hash: 'a'.repeat(64) } };
    const overPost = await post(hub, JSON.stringify({ extensions }));
    expect(await overPost.json()).toMatchObject({
      errors: [{ extensions: { code: 'PERSISTED_QUERY_NOT_FOUND', retryable: false } }],
    });
    const wrongHash = await post(hub, JSON.stringify({ query: '{ __typename }', extensions }));
    expect(wrongHash.status).toBe(400);
    expectBlame((await wrongHash.json()) as Told);
    const noHash = await post(hub, JSON.stringify({ extensions: { persistedQuery: { version: 1 } } }));
    expectBlame((await noHash.json()) as Told);
    const version = { persistedQuery: { version: 2, sha256Hash: 'a'.repeat(64) } };
    expectBlame((await (await post(hub, JSON.stringify({ extensions: version }))).json()) as Told);
    const stream = await postStream(hub, { extensions });
    expect(stream.status).toBe(400);
    expectBlame((await stream.json()) as Told);
    const { socket, closed } = await openSignedIn(hub);
    socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { extensions } }));
    expect((await closed).code).toBe(4400);
  });
});

test('the table says what it means: a defect is logged', async () => {
  const before = logged().length;
  const database = await connect(hub.databaseUrl);
  await database.query('alter table channel rename to channel_hidden');
  const told = (await overHttp.send(hub, '{ channels { code } }')) as Told;
  await database.query('alter table channel_hidden rename to channel');
  await database.end();
  expect(told.errors![0]!.extensions.code).toBe('INTERNAL');
  await until(() => logged().length > before);
});
