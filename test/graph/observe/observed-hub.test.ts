import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { gateTo, type DatabaseGate } from '../../support/database-gate.ts';
import { RESERVE, newKey, reserveInput, startShop } from '../../support/graph/fixture.ts';
import { openSignedIn, post, transports } from '../../support/graph/transports.ts';
import type { RunningHub } from '../../support/hub.ts';
import { postGraphql } from '../../support/post-graphql.ts';
import { until } from '../../support/until.ts';

/** What an operator sees of a hub: request ids, slow operations, metrics. */
let database: TestDatabase;
let gate: DatabaseGate;
let hub: RunningHub;
beforeAll(async () => {
  database = await createTestDatabase();
  gate = await gateTo(database.url);
  hub = await startShop({
    databaseUrl: gate.url,
    environment: { HUB_SLOW_OPERATION_MS: '1', HUB_METRICS_PORT: '0', LOG_LEVEL: 'info' },
  });
});
afterAll(async () => {
  await hub?.stop();
  await gate?.shut();
  await database?.drop();
});

const lines = (): Record<string, unknown>[] =>
  hub
    .output()
    .stderr.split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
const metricsUrl = () => String(lines().find(({ msg }) => msg === 'metrics are served without a key')!.url);
const scrape = async () => (await fetch(metricsUrl())).text();
const valueOf = (text: string, series: string): number | undefined => {
  const line = text.split('\n').find((one) => one.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
};

describe('the id of a request', () => {
  const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';

  test.each<[string, Record<string, string>, RegExp]>([
    ['is that of its client', { 'x-request-id': 'order-17/a' }, /^order-17\/a$/],
    [
      'is its trace',
      { traceparent: `00-${TRACE}-00f067aa0ba902b7-01`, 'x-request-id': 'x' },
      /^4bf92f3577b34da6a3ce929d0e0e4736$/,
    ],
    ['is made where there is none', {}, /^[\da-f]{10}-[\da-z]+$/],
    ['is made for one with other characters', { 'x-request-id': 'a b' }, /^[\da-f]{10}-[\da-z]+$/],
    ['is made for one that is too long', { 'x-request-id': 'a'.repeat(129) }, /^[\da-f]{10}-[\da-z]+$/],
    [
      'is made for a trace that is none',
      { traceparent: `00-${'0'.repeat(32)}-00f067aa0ba902b7-01` },
      /^[\da-f]{10}-[\da-z]+$/,
    ],
  ])('%s', async (_what, headers, id) => {
    const response = await post(hub, JSON.stringify({ query: '{ channels { code } }' }), headers);
    expect(response.headers.get('x-request-id')).toMatch(id);
    const stream = await fetch(`${hub.url}/graphql/stream`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${hub.adminKey}`,
        'content-type': 'application/json',
        accept: 'text/event-stream',
        ...headers,
      },
      body: JSON.stringify({ query: '{ nothing }' }),
    });
    const streamId = stream.headers.get('x-request-id');
    expect(streamId).toMatch(id);
    expect(await stream.text()).toContain(`"requestId":"${streamId}"`);
  });

  test('is in errors of every kind', async () => {
    for (const [body, key] of [
      ['{ nothing }', hub.adminKey],
      ['{', hub.adminKey],
      ['{ channels { code } }', 'no-key'],
      ['{ sku(code: "") { code } reservation(id: "x") { id } }', hub.adminKey],
      ['query ($input: Int!) { __typename @skip(if: $input) }', hub.adminKey],
    ] as const) {
      const response = await post({ url: hub.url, adminKey: key }, JSON.stringify({ query: body }), {
        'x-request-id': 'mine',
      });
      const { errors = [] } = (await response.json()) as { errors?: { extensions: { requestId: string } }[] };
      expect(errors.map(({ extensions }) => extensions.requestId)).toEqual(errors.map(() => 'mine'));
    }
    const torn = await post(hub, '{', { 'x-request-id': 'mine' });
    expect(await torn.json()).toMatchObject({
      errors: [{ extensions: { code: 'BODY_INVALID', requestId: 'mine' } }],
    });
  });

  test('is of an operation on a socket the connection with a number', async () => {
    const { socket, received } = await openSignedIn(hub);
    const ask = (id: string, query: string) =>
      socket.send(JSON.stringify({ id, type: 'subscribe', payload: { query } }));
    ask('a', '{ nothing }');
    ask('b', '{ channels { code } }');
    ask('c', '{ nothing }');
    await until(() => received.filter(({ type }) => type === 'error').length === 2);
    const ids = received
      .filter(({ type }) => type === 'error')
      .map(({ payload }) => (payload as { extensions: { requestId: string } }[])[0]!.extensions.requestId);
    const [first, third] = ids as [string, string];
    expect(first).toMatch(/-1$/);
    expect(third).toBe(first.replace(/1$/, '3'));
    socket.terminate();
  });

  test.each(transports)('is stored with a command: $name', async (transport) => {
    const input = reserveInput();
    const { errors } = await transport.send(hub, RESERVE, { input });
    expect(errors).toBeUndefined();
    const stored = await database.query<{ id: string | null }>(
      'select request_id as id from idempotency_key where key = $1',
      [input.idempotencyKey],
    );
    expect(stored).toEqual([{ id: expect.stringMatching(/-/) }]);
  });

  test('is stored as its client named it, by the first of several of a key', async () => {
    const input = reserveInput();
    for (const id of ['first', 'second'])
      await post(hub, JSON.stringify({ query: RESERVE, variables: { input } }), { 'x-request-id': id });
    const other = { idempotencyKey: newKey() };
    await post(
      hub,
      JSON.stringify({
        query: `mutation { setSafetyBuffers(input: { idempotencyKey: "${other.idempotencyKey}", lines: [{ sku: "TEA", fixed: 0 }] }) { __typename } }`,
      }),
      { 'x-request-id': 'third' },
    );
    const stored = await database.query<{ id: string | null }>(
      'select request_id as id from idempotency_key where key = any($1) order by 1',
      [[input.idempotencyKey, other.idempotencyKey]],
    );
    expect(stored.map(({ id }) => id)).toEqual(['first', 'third']);
  });
});

test('an operation that takes long is one line, without its variables', async () => {
  await post(
    hub,
    JSON.stringify({
      query: 'query Slowly($skus: [ID!]!) { availableToPromise(skus: $skus) { quantity } }',
      variables: { skus: ['TEA'] },
    }),
    { 'x-request-id': 'slow-one' },
  );
  await until(() => lines().some(({ requestId }) => requestId === 'slow-one'));
  const [line, ...more] = lines().filter(({ requestId }) => requestId === 'slow-one');
  expect(more).toEqual([]);
  expect(line).toEqual({
    level: 40,
    time: expect.any(Number),
    msg: 'slow operation',
    operation: 'Slowly',
    type: 'query',
    transport: 'http',
    cost: expect.any(Number),
    durationMs: expect.any(Number),
    partner: 'admin',
    key: 'admin',
    outcome: 'ok',
    requestId: 'slow-one',
  });
});

describe('metrics', () => {
  test('are for keys that may read them', async () => {
    const made = await postGraphql(hub, {
      query: `mutation { a: createApiKey(input: { name: "a", partner: "p", scopes: ["metrics:read"] }) { key }
        b: createApiKey(input: { name: "b", partner: "p", scopes: ["stock:read"] }) { key } }`,
    });
    const { a, b } = made.data as Record<'a' | 'b', { key: string }>;
    const statusWith = async (key?: string) =>
      (await fetch(`${hub.url}/metrics`, { headers: key ? { authorization: `Bearer ${key}` } : {} })).status;
    expect([
      await statusWith(),
      await statusWith(b.key),
      await statusWith(a.key),
      await statusWith(hub.adminKey),
    ]).toEqual([401, 403, 200, 200]);
  });

  test('count operations by type, transport and outcome, not by what clients name', async () => {
    const series = (labels: string) => `orderweave_operations_total{${labels}}`;
    const before = await scrape();
    const query = 'query NamedByAClient { channels { code } }';
    for (let round = 0; round < 3; round++) await post(hub, JSON.stringify({ query }));
    await post(hub, JSON.stringify({ query: '{ reservation(id: "x") { id } nothing }' }));
    await post({ url: hub.url, adminKey: 'none' }, '{}');
    const after = await scrape();
    const grown = (labels: string) =>
      (valueOf(after, series(labels)) ?? 0) - (valueOf(before, series(labels)) ?? 0);
    expect(grown('type="query",transport="http",outcome="ok"')).toBe(3);
    expect(grown('type="none",transport="http",outcome="GRAPHQL_VALIDATION_FAILED"')).toBe(1);
    expect(grown('type="none",transport="http",outcome="UNAUTHENTICATED"')).toBe(1);
    const durations = 'orderweave_operation_duration_seconds_count{type="query",transport="http"}';
    expect(valueOf(after, durations)! - valueOf(before, durations)!).toBe(3);
    expect(after).not.toContain('NamedByAClient');
  });

  test('count commands of the engine by outcome, batches and live subscribers', async () => {
    const before = await scrape();
    const { socket, received } = await openSignedIn(hub);
    socket.send(
      JSON.stringify({
        id: 'a',
        type: 'subscribe',
        payload: { query: 'subscription { atp(skus: ["TEA"]) { kind } }' },
      }),
    );
    await until(() => received.some(({ type }) => type === 'next'));
    await post(hub, JSON.stringify({ query: RESERVE, variables: { input: reserveInput() } }));
    await post(
      hub,
      JSON.stringify({
        query: RESERVE,
        variables: { input: reserveInput({ lines: [{ sku: 'TEA', quantity: 1_000_000 }] }) },
      }),
    );
    await until(() => received.filter(({ type }) => type === 'next').length >= 2);
    const after = await scrape();
    const grown = (series: string) => (valueOf(after, series) ?? 0) - (valueOf(before, series) ?? 0);
    expect(grown('orderweave_engine_commands_total{command="reserve",outcome="Reservation"}')).toBe(1);
    expect(grown('orderweave_engine_commands_total{command="reserve",outcome="InsufficientStock"}')).toBe(1);
    expect(grown('orderweave_atp_subscribers')).toBe(1);
    expect(grown('orderweave_sockets_open')).toBe(1);
    expect(grown('orderweave_atp_lag_seconds_count')).toBeGreaterThanOrEqual(1);
    const batches = after.match(/^orderweave_engine_batch_commands_count\{path="\w+"\} \d+$/gm)!;
    expect(batches.reduce((sum, line) => sum + Number(line.split(' ')[1]), 0)).toBeGreaterThanOrEqual(2);
    socket.terminate();
    await until(async () => valueOf(await scrape(), 'orderweave_atp_subscribers') === 0);
    expect(valueOf(await scrape(), 'orderweave_sockets_open')).toBe(
      valueOf(before, 'orderweave_sockets_open'),
    );
  });

  test('have Node’s own, the jobs’ and those of the database', async () => {
    await until(
      async () => (valueOf(await scrape(), 'orderweave_job_runs_total{job="review-deadlines"}') ?? 0) > 0,
    );
    const text = await scrape();
    for (const name of [
      'nodejs_eventloop_lag_p50_seconds',
      'nodejs_eventloop_lag_p99_seconds',
      'nodejs_heap_size_used_bytes',
      'orderweave_engine_queue_length',
      'orderweave_event_streams_open',
      'orderweave_atp_coalesced_total',
    ])
      expect({ name, value: valueOf(text, name) }).toEqual({ name, value: expect.any(Number) });
    expect(valueOf(text, 'orderweave_database_up')).toBe(1);
    expect(valueOf(text, 'orderweave_routing_backlog{state="waiting"}')).toBe(0);
    expect(valueOf(text, 'orderweave_webhook_deliveries{state="pending"}')).toBe(0);
    expect(valueOf(text, 'orderweave_job_failures_total{job="housekeeping"}')).toBe(0);
  });

  test('are there without the database, but for what is counted in it', async () => {
    await gate.shut();
    try {
      await until(async () => valueOf(await scrape(), 'orderweave_database_up') === 0);
      const text = await scrape();
      expect(text).not.toMatch(/^orderweave_routing_backlog\{/m);
      expect(valueOf(text, 'nodejs_heap_size_used_bytes')).toEqual(expect.any(Number));
    } finally {
      await gate.open();
    }
  });
});
