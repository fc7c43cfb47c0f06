import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { ApolloServer } from '@apollo/server';
import { GraphQLError, buildSchema, getIntrospectionQuery } from 'graphql';
import { startServer, type RunningServer } from '../../../src/graph/http/server.ts';
import { HubError } from '../../../src/platform/errors.ts';
import { clientAddressBehind } from '../../../src/platform/process/client-address.ts';
import { loadConfig } from '../../../src/platform/process/config.ts';
import { createLogger } from '../../../src/platform/process/log.ts';
import { RequestContext } from '../../../src/platform/api/request-context.ts';
import { until } from '../../support/until.ts';
import { BY_APOLLO } from '../../support/graph/transports.ts';
import { adminKeyAccess } from '../../../src/access/admin-key.ts';

/** The same request by the lean path and by Apollo Server: the same status, headers and bytes. */

const adminKey = 'lean-path-admin-key';
const schema = buildSchema(`
  scalar Any
  input Take { words: [String!]! count: Int = 2 }
  type Part { name: String! fails: String must: String! parts: [Part!] }
  type Query {
    word(say: String, count: Int! = 1): String
    part: Part
    parts: [Part]
    must: String!
    later: String
    refused: String
    defect: Int
    any(any: Any): Any
  }
  type Mutation { take(input: Take!): Int first: Int second: Int slow: String }
  type Subscription { word: String }
`);
const part = {
  name: '杯 "x"',
  fails: () => Promise.reject(new Error('secret of a defect')),
  must: () => null,
  parts: () => [{ name: 'a' }, { name: () => Promise.resolve('b') }],
};
const log: string[] = [];
let release: (word: string) => void = () => undefined;
const resolvers: Record<string, Record<string, (args: Record<string, never>) => unknown>> = {
  Query: {
    word: (args) => JSON.stringify(args),
    part: () => part,
    parts: () => [part, null, part],
    must: () => null,
    later: () => new Promise((resolve) => setImmediate(() => resolve('later'))),
    refused: () => {
      throw new HubError('UNKNOWN_SKU', 'There is no SKU X.', { skus: ['X'] });
    },
    defect: () => {
      throw new GraphQLError('secret', { extensions: { http: { status: 418 }, stacktrace: ['secret'] } });
    },
    any: ({ any }) => any,
  },
  Mutation: {
    take: ({ input }) => (input as unknown as { words: string[] }).words.length,
    first: () => ((log.length = 0), new Promise((resolve) => setImmediate(() => resolve(log.push('first'))))),
    second: () => (log.push('second'), log.indexOf('first')),
    slow: () => (log.push('slow'), new Promise<string>((resolve) => (release = resolve))),
  },
};
for (const [type, fields] of Object.entries(resolvers))
  for (const [name, resolve] of Object.entries(fields))
    (schema.getType(type) as ReturnType<typeof schema.getQueryType>)!.getFields()[name]!.resolve = (
      _source,
      args,
    ) => resolve(args as never);

const start = () =>
  startServer(
    {
      schema,
      access: adminKeyAccess(adminKey),
      contextOf: (actor, requestId) => new RequestContext(actor, () => Promise.reject() as never, requestId),
      readiness: async () => ({ ready: true, parts: {} }),
      drainMs: 0,
      clientAddress: clientAddressBehind([]),
      connectionLimits: loadConfig({}).connections,
      socketLimits: loadConfig({}).sockets,
      costLimits: loadConfig({}).cost,
      subgraphs: { model: {}, mounted: [] },
      log: createLogger('silent'),
    },
    { host: '127.0.0.1', port: 0 },
  );

let server: RunningServer;
beforeAll(async () => {
  server = await start();
});
afterEach(() => void jest.restoreAllMocks());
afterAll(() => server?.drain());

interface Told {
  status: number;
  headers: Record<string, string>;
  body: string;
}
const UUID = /[\da-f]{8}-[\da-f-]{27}/g;

async function send(body: string, headers: Record<string, string> = {}): Promise<Told> {
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${adminKey}`,
      'x-request-id': 'the-same',
      ...headers,
    },
    body,
  });
  const { date: _date, ...rest } = Object.fromEntries(response.headers);
  return { status: response.status, headers: rest, body: (await response.text()).replace(UUID, 'an id') };
}

/** Sends it as a document that is known already, and again by Apollo Server. */
async function bothWays(body: string, headers: Record<string, string> = {}) {
  const { query } = (() => {
    try {
      return (JSON.parse(body) ?? {}) as { query?: unknown };
    } catch {
      return {};
    }
  })();
  if (typeof query === 'string') await send(JSON.stringify({ query, operationName: 'NobodyHasThisName' }));
  const apollo = jest.spyOn(ApolloServer.prototype, 'executeHTTPGraphQLRequest');
  const lean = await send(body, headers);
  const byApolloAtOnce = apollo.mock.calls.length > 0;
  const theirs = await send(body, { ...headers, ...BY_APOLLO });
  const reached = apollo.mock.calls.length > 0;
  const served = byApolloAtOnce ? 'Apollo' : reached ? 'lean' : 'neither';
  return { lean, theirs, served };
}

const FRAGMENTS = `query ($yes: Boolean!, $no: Boolean = false) {
  part { ...x ... on Part @skip(if: $yes) { must } n: name @include(if: $yes) parts { name @skip(if: $no) } } word @skip(if: true)
} fragment x on Part { name parts { ...y } } fragment y on Part { __typename }`;
const TWO = 'query A { word } mutation B { first second }';

describe.each<[string, 'lean' | 'Apollo', object]>([
  ['a query', 'lean', { query: '{ word(say: "x") part { name parts { name } } later }' }],
  ['a mutation, its fields in turn', 'lean', { query: 'mutation { first second }' }],
  ['the name of a type', 'lean', { query: '{ __typename }' }],
  [
    'variables',
    'lean',
    { query: 'mutation ($i: Take!) { take(input: $i) }', variables: { i: { words: ['a'] } } },
  ],
  ['variables of no use', 'lean', { query: '{ word }', variables: { other: [{}] } }],
  ['variables null', 'lean', { query: '{ word }', variables: null, operationName: null, extensions: null }],
  ['a variable left out', 'lean', { query: 'query ($s: String) { word(say: $s) }' }],
  ['a variable null', 'lean', { query: 'query ($s: String) { word(say: $s) }', variables: { s: null } }],
  [
    'a null where its default is needed',
    'lean',
    { query: 'query ($c: Int = 4) { word(count: $c) }', variables: { c: null } },
  ],
  [
    'any JSON',
    'lean',
    { query: 'query ($a: Any) { any(any: $a) }', variables: { a: { b: [1, { c: '\u2028<' }] } } },
  ],
  ['fragments and directives', 'lean', { query: FRAGMENTS, variables: { yes: true } }],
  ['the other branch of them', 'lean', { query: FRAGMENTS, variables: { yes: false, no: true } }],
  ['extensions without effect', 'lean', { query: '{ word }', extensions: { trace: true } }],
  ['one operation of several', 'lean', { query: TWO, operationName: 'B' }],
  ['a refusal', 'lean', { query: '{ refused word }' }],
  ['a defect with part of the data', 'lean', { query: '{ part { name fails } word }' }],
  ['a defect that names a status', 'lean', { query: '{ defect word }' }],
  ['a null that goes up', 'lean', { query: '{ parts { name must } word }' }],
  ['a null that goes up to the top', 'lean', { query: '{ word must }' }],
  ['introspection', 'lean', { query: getIntrospectionQuery() }],
  ['a wrong variable', 'Apollo', { query: 'query ($c: Int!) { word(count: $c) }', variables: { c: 'x' } }],
  ['a missing variable', 'Apollo', { query: 'query ($c: Int!) { word(count: $c) }' }],
  [
    'an unknown field of an input',
    'Apollo',
    { query: 'mutation ($i: Take!) { take(input: $i) }', variables: { i: { words: [], x: 1 } } },
  ],
  [
    'NUL in a variable',
    'Apollo',
    { query: 'query ($s: String) { word(say: $s) }', variables: { s: '\u0000' } },
  ],
  ['NUL in a literal', 'Apollo', { query: '{ word(say: "\\u0000") }' }],
  ['an unknown operation', 'Apollo', { query: TWO, operationName: 'C' }],
  ['an operation of an empty name', 'Apollo', { query: '{ word }', operationName: '' }],
  ['no name among several', 'Apollo', { query: TWO }],
  ['a syntax error', 'Apollo', { query: '{ word' }],
  ['an invalid document', 'Apollo', { query: '{ words }' }],
  ['a document beyond the limits', 'Apollo', { query: `{ ${'word '.repeat(31)} }` }],
  ['a subscription', 'Apollo', { query: 'subscription { word }' }],
  ['@defer, which there is not', 'Apollo', { query: '{ part { ... @defer { name } } }' }],
  ['a persisted query', 'Apollo', { extensions: { persistedQuery: { version: 1, sha256Hash: 'x' } } }],
  [
    'a persisted query with its text',
    'Apollo',
    { query: '{ word }', extensions: { persistedQuery: { version: 1, sha256Hash: 'x' } } },
  ],
  ['no document', 'Apollo', {}],
  ['an empty document', 'Apollo', { query: '' }],
  ['a document that is no text', 'Apollo', { query: { kind: 'Document' } }],
  ['variables that are a list', 'Apollo', { query: '{ word }', variables: [] }],
  ['variables that are a text', 'Apollo', { query: '{ word }', variables: '{}' }],
  ['a name that is no text', 'Apollo', { query: '{ word }', operationName: 7 }],
  ['extensions that are a text', 'Apollo', { query: '{ word }', extensions: 'x' }],
  ['a batch', 'Apollo', [{ query: '{ word }' }]],
])('%s (%s)', (_what, expected, body) => {
  test('is answered alike both ways', async () => {
    const { lean, theirs, served } = await bothWays(JSON.stringify(body));
    expect(lean).toEqual(theirs);
    expect(served).toBe(expected);
    expect(lean.body).not.toMatch(/secret/);
  });
});

test.each([
  ['undefined as text', 'undefined'],
  ['null', 'null'],
  ['an unfinished body', '{"query":"{ word }"'],
  ['a body of 1 MB and a byte', JSON.stringify({ query: '{ word }', x: 'x'.repeat(1_000_000) })],
  ['a body of just under 1 MB', JSON.stringify({ query: '{ word }', x: 'x'.repeat(999_970) })],
])('%s is answered alike both ways', async (_what, body) => {
  const { lean, theirs } = await bothWays(body);
  expect(lean).toEqual(theirs);
});

test.each([
  '*/*',
  'application/json',
  'application/json, */*',
  'application/json, text/plain, */*',
  'application/graphql-response+json',
  'application/graphql-response+json, application/json',
  'application/graphql-response+json,application/json;q=0.9',
  'application/graphql-response+json, application/graphql+json, application/json',
  'application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed',
  'application/json;q=0.5, application/graphql-response+json',
  'application/graphql-response+json;q=0.5, application/json',
  'multipart/mixed; deferSpec=20220824, application/json',
  'text/html',
  'nonsense',
])('who accepts %s is answered alike both ways', async (accept) => {
  const { lean, theirs } = await bothWays(JSON.stringify({ query: '{ word part { name } }' }), { accept });
  expect(lean).toEqual(theirs);
});

test.each([
  'application/json; charset=utf-8',
  'application/json;charset=UTF-8',
  'application/json; charset=latin1',
  'application/graphql+json',
  'text/plain',
])('a body of type %s is answered alike both ways', async (type) => {
  const { lean, theirs } = await bothWays(JSON.stringify({ query: '{ word }' }), { 'content-type': type });
  expect(lean.status).toBe(theirs.status);
  if (lean.status === 200) expect(lean).toEqual(theirs);
});

test('the key is asked for before anything else, also of known documents', async () => {
  const body = JSON.stringify({ query: '{ word }' });
  await send(body);
  for (const authorization of ['', 'Bearer none']) {
    const told = await send(body, { authorization });
    expect(told).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Bearer' } });
  }
});

test('GET is left to Apollo Server', async () => {
  const headers = { authorization: `Bearer ${adminKey}`, ...BY_APOLLO };
  const query = async (text: string) =>
    fetch(`${server.url}/graphql?query=${encodeURIComponent(text)}`, { headers });
  expect(await (await query('{ word }')).json()).toEqual({ data: { word: '{"count":1}' } });
  expect((await query('mutation { second }')).status).toBe(405);
});

test('a caller who goes away while his command runs hurts nobody', async () => {
  const body = JSON.stringify({ query: 'mutation { slow }' });
  await send(JSON.stringify({ query: 'mutation { slow }', operationName: 'NobodyHasThisName' }));
  const apollo = jest.spyOn(ApolloServer.prototype, 'executeHTTPGraphQLRequest');
  log.length = 0;
  const gone = new AbortController();
  const call = fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${adminKey}` },
    body,
    signal: gone.signal,
  });
  await until(() => log.includes('slow'));
  gone.abort();
  await expect(call).rejects.toThrow();
  release('nobody listens');
  expect(await send(JSON.stringify({ query: '{ word }' }))).toMatchObject({ status: 200 });
  expect(apollo.mock.calls.length).toBeLessThan(2); // the second one at most
});

test('what runs when the server is drained is answered first', async () => {
  const own = await start();
  const call = (body: object) =>
    fetch(`${own.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${adminKey}` },
      body: JSON.stringify(body),
    });
  await call({ query: 'mutation { slow }', operationName: 'NobodyHasThisName' });
  const apollo = jest.spyOn(ApolloServer.prototype, 'executeHTTPGraphQLRequest');
  log.length = 0;
  const running = call({ query: 'mutation { slow }' });
  await until(() => log.includes('slow'));
  expect(apollo).not.toHaveBeenCalled();
  let drained = false;
  const draining = own.drain().then(() => (drained = true));
  await until(async () => {
    const refused = await fetch(`${own.url}/livez`).then(
      () => false,
      () => true,
    );
    return refused;
  });
  expect(drained).toBe(false);
  release('in time');
  expect(await (await running).json()).toEqual({ data: { slow: 'in time' } });
  await draining;
});
