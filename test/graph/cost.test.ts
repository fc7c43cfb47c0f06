import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { RunningHub } from '../support/hub.ts';
import { apiKey, startShop, SKUS } from '../support/graph/fixture.ts';
import {
  BY_APOLLO,
  openSignedIn,
  post,
  overHttp,
  transports,
  type Answer,
} from '../support/graph/transports.ts';
import { until } from '../support/until.ts';

const CEILING = 3_000;
const PER_MINUTE = 6_000;

let hub: RunningHub;
beforeAll(async () => {
  hub = await startShop({
    environment: {
      HUB_SUBGRAPHS: 'all',
      HUB_COST_CEILING: String(CEILING),
      HUB_COST_PER_MINUTE: String(PER_MINUTE),
      HUB_ANSWER_BYTES: '100000',
    },
  });
}, 60_000);
afterAll(() => hub.stop());

const DEEP =
  '{orders(first:100){nodes{customer{orders(first:100){nodes{customer{orders(first:100){nodes{id}}}}}}}}}';
const DAYS = `query($s:[ID!]!){a:availableToPromise(skus:$s){projection(days:366){on quantity}} b:availableToPromise(skus:$s){projection(days:366){on quantity}}}`;

/** Over server-sent events: the first one. */
async function overStream(query: string, variables?: object, key = hub.adminKey): Promise<Answer> {
  const response = await fetch(`${hub.url}/graphql/stream`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      authorization: `Bearer ${key}`,
    },
    body: JSON.stringify({ query, variables }),
  });
  const text = await response.text();
  return JSON.parse(/data: (.*)/.exec(text)![1]!) as Answer;
}

async function toSubgraph(
  name: string,
  body: object,
  key = hub.adminKey,
): Promise<Answer & { status: number }> {
  const response = await fetch(`${hub.url}/subgraphs/${name}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify(body),
  });
  return { ...((await response.json()) as Answer), status: response.status };
}

const newApiKey = (scopes: string[]) => apiKey(hub, scopes);

describe('an operation above the ceiling is refused before it runs', () => {
  const refused = (answer: Answer) => {
    const [error] = answer.errors!;
    expect(error!.extensions).toEqual({
      requestId: expect.any(String),
      code: 'QUERY_TOO_COMPLEX',
      retryable: false,
      cost: expect.any(Number),
      ceiling: CEILING,
    });
    expect(error!.extensions['cost']).toBeGreaterThan(CEILING);
    expect(answer.data ?? null).toBeNull();
    if (answer.status !== undefined) expect(answer.status).toBe(400);
  };

  test.each(transports)('over $name', async ({ send }) => {
    refused(await send(hub, DEEP));
    refused(await send(hub, DAYS, { s: SKUS }));
    refused(await send(hub, DEEP)); // known by now
  });

  test('over server-sent events, queries and subscriptions', async () => {
    refused(await overStream(DEEP));
    refused(
      await overStream(
        'subscription{atp(skus:["TEA","CUP","POT"]){atp{projection(days:366){on} again:projection(days:366){on}}}}',
      ),
    );
  });

  test('at a subgraph, where each reference counts', async () => {
    const query =
      'query($r:[_Any!]!){_entities(representations:$r){... on Sku{availableToPromise{projection(days:30){on}}}}}';
    const references = (count: number) =>
      Array.from({ length: count }, () => ({ __typename: 'Sku', code: 'TEA' }));
    refused(await toSubgraph('inventory', { query, variables: { r: references(400) } }));
    expect(
      (await toSubgraph('inventory', { query, variables: { r: references(2) } })).errors,
    ).toBeUndefined();
    const many = await toSubgraph('inventory', {
      query: 'query($r:[_Any!]!){_entities(representations:$r){__typename}}',
      variables: { r: references(501) },
    });
    expect(many.errors![0]!.extensions).toMatchObject({ code: 'TOO_MANY_LINES', max: 500 });
  });

  test('by a persisted query, and whichever of many operations is named', async () => {
    const query = `query Cheap { __typename } query Dear ${DEEP}`;
    refused(await overHttp.send(hub, query, {}, 'Dear'));
    expect((await overHttp.send(hub, query, {}, 'Cheap')).errors).toBeUndefined();
    const { createHash } = await import('node:crypto');
    const persistedQuery = { version: 1, sha256Hash: createHash('sha256').update(DEEP).digest('hex') };
    for (const body of [
      { query: DEEP, extensions: { persistedQuery } },
      { extensions: { persistedQuery } },
    ]) {
      const response = await post(hub, JSON.stringify(body));
      const answer = (await response.json()) as Answer;
      expect(['QUERY_TOO_COMPLEX', 'PERSISTED_QUERY_NOT_FOUND']).toContain(
        answer.errors![0]!.extensions.code,
      );
    }
  });
});

test.each(transports.filter(({ name }) => name !== 'WebSocket'))(
  'what it costs is told who asks, over $name',
  async () => {
    const body = {
      query: '{ availableToPromise(skus: ["TEA", "CUP", "TEA"]) { quantity } }',
      extensions: { cost: true },
    };
    for (const headers of [{}, BY_APOLLO, {}]) {
      const answer = (await (await post(hub, JSON.stringify(body), headers)).json()) as {
        data: { availableToPromise: object[] };
        extensions: { cost: { cost: number } };
      };
      expect(answer.extensions.cost).toEqual({ cost: 4, ceiling: CEILING, remaining: expect.any(Number) });
      expect(answer.data.availableToPromise).toHaveLength(2); // each SKU once
    }
    const silent = await overHttp.send(hub, body.query);
    expect(silent).not.toHaveProperty('extensions');
  },
);

describe('a key that has spent its budget', () => {
  const query = '{ skus(first: 100) { nodes { code } edges { cursor node { code } } } }';
  const spend = async (key: string) => {
    for (let spent = 0; spent <= PER_MINUTE; spent += 500)
      await overHttp.send({ ...hub, adminKey: key }, query);
  };
  const limited = (answer: Answer) => {
    expect(answer.errors![0]!.extensions).toMatchObject({
      code: 'RATE_LIMITED',
      retryable: true,
      budget: PER_MINUTE,
    });
    const { retryAfterSeconds } = answer.errors![0]!.extensions as unknown as { retryAfterSeconds: number };
    expect(retryAfterSeconds).toBeGreaterThanOrEqual(1);
    expect(retryAfterSeconds).toBeLessThanOrEqual(60);
    if (answer.status !== undefined) expect(answer.status).toBe(429);
  };

  test('is refused on every transport, and nobody else is', async () => {
    const key = await newApiKey(['stock:read']);
    await spend(key);
    for (const { send } of transports) limited(await send({ ...hub, adminKey: key }, query));
    limited(await overStream(query, undefined, key));
    const watch = 'subscription{atp(skus:["TEA","CUP","POT"]){atp{projection(days:366){on}}}}';
    limited(await overStream(watch, undefined, key));
    limited(await toSubgraph('inventory', { query }, key));
    const other = await newApiKey(['stock:read']);
    expect((await overHttp.send({ ...hub, adminKey: other }, query)).errors).toBeUndefined();
    expect((await overHttp.send(hub, query)).errors).toBeUndefined();
  });
});

describe('what a client does wrong is told it, and never a defect', () => {
  test.each([
    ['subscription { atp(skus: ["TEA"]) { kind } }'],
    ['subscription { reviewTaskOpened { id } }'],
    ['subscription { routingDecided { id } }'],
  ])('a POST of %s', async (query) => {
    for (const headers of [{}, BY_APOLLO, {}]) {
      const response = await post(hub, JSON.stringify({ query }), headers);
      expect(response.status).toBe(400);
      const { errors } = (await response.json()) as Answer;
      expect(errors![0]!.message).toMatch(
        /WebSocket at \/graphql .* server-sent events at \/graphql\/stream/,
      );
      expect(errors![0]!.extensions).toMatchObject({ code: 'BAD_USER_INPUT', retryable: false });
    }
  });

  test('a mutation where there are none, each time alike', async () => {
    const answers = [];
    for (let n = 0; n < 3; n++) {
      const answer = await toSubgraph('customer', { query: 'mutation{__typename}' });
      delete answer.errors![0]!.extensions.requestId; // of which each has its own
      answers.push(answer);
    }
    expect(answers[0]).toMatchObject({
      status: 400,
      errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED', retryable: false } }],
    });
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
  });

  test.each(transports)('more wrong variables than are told of, over $name', async ({ send }) => {
    const { errors } = await send(hub, 'query($s:[ID!]!){availableToPromise(skus:$s){quantity}}', {
      s: Array.from({ length: 60 }, () => ({})),
    });
    expect(new Set(errors!.map(({ extensions }) => extensions.code))).toEqual(new Set(['BAD_USER_INPUT']));
    expect(errors!.every(({ extensions }) => extensions.retryable === false)).toBe(true);
  });

  test.each(transports)('a list without entries, over $name', async ({ send }) => {
    const { errors } = await send(hub, '{availableToPromise(skus:[]){quantity}}');
    expect(errors![0]!.extensions).toMatchObject({ code: 'LIST_EMPTY', retryable: false });
  });

  test('none of it is logged with a stack', () => {
    expect(hub.output().stdout).not.toMatch(/"level":50/);
  });
});

describe('while it runs', () => {
  const long = `{${Array.from({ length: 12 }, (_, n) => `a${n}:availableToPromise(skus:["TEA","CUP"]){projection(days:10){${Array.from({ length: 4 }, (__, k) => `x${k}_${'y'.repeat(400)}:on`).join(' ')}}}`).join(' ')}}`;

  test('an answer above the limit of bytes is no answer', async () => {
    for (const headers of [{}, {}, BY_APOLLO]) {
      const response = await post(hub, JSON.stringify({ query: long }), headers);
      const text = await response.text();
      expect(text.length).toBeLessThan(100_000);
      expect(response.status).toBe(400);
      expect((JSON.parse(text) as Answer).errors![0]!.extensions).toMatchObject({
        code: 'QUERY_TOO_COMPLEX',
        bytes: 100_000,
      });
    }
  });

  test('a socket that does not read has few answers made for it, and the others are served', async () => {
    const { socket, received } = await openSignedIn(hub);
    const query = '{ skus(first: 100) { nodes { code title } } }';
    for (let n = 0; n < 60; n++)
      socket.send(JSON.stringify({ id: String(n), type: 'subscribe', payload: { query } }));
    await until(() => received.filter(({ type }) => type === 'next').length === 60);
    socket.close();
  });
});
