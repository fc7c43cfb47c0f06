import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { Actor } from '../../../src/platform/api/actor.ts';
import { until } from '../../support/until.ts';
import { startLiveServer, type LiveServer } from '../../support/graph/live-server.ts';
import { openSignedIn, openSocket, type RawSocket } from '../../support/graph/transports.ts';

interface Told {
  kind: string;
  sku: string;
  onHand: number;
  version: string;
  previousVersion: string | null;
  coalesced: number;
  channel: string | null;
  partner: string;
}

const FIELDS = 'kind sku onHand version previousVersion coalesced channel partner';
const WATCH = `subscription Watch($skus: [ID!]!, $resume: [Seen!], $channel: ID) {
  atp(skus: $skus, resume: $resume, channel: $channel) { ${FIELDS} }
}`;

const actors: Record<string, Actor> = {
  one: { partner: 'shop', name: 'one', admin: false, scopes: new Set(['a', 'b']) },
  two: { partner: 'shop', name: 'two', admin: false, scopes: new Set(['b', 'a']) },
  other: { partner: 'other', name: 'other', admin: false, scopes: new Set(['a', 'b']) },
  less: { partner: 'shop', name: 'less', admin: false, scopes: new Set(['a']) },
};

let server: LiveServer;
const sockets: RawSocket[] = [];

beforeAll(async () => {
  server = await startLiveServer(
    { operations: 5 },
    { authenticate: (key) => actors[String(key).replace('Bearer ', '')]! },
  );
});
afterAll(async () => {
  for (const { socket } of sockets) socket.terminate();
  await server?.stop();
});

async function signedIn(key = 'one'): Promise<RawSocket> {
  const raw = await openSignedIn({ url: server.url, adminKey: key });
  sockets.push(raw);
  return raw;
}

function subscribe(
  { socket }: RawSocket,
  variables: object,
  query = WATCH,
  id: string = randomUUID(),
): string {
  socket.send(JSON.stringify({ id, type: 'subscribe', payload: { query, variables } }));
  return id;
}

const toldTo = ({ received }: RawSocket, id?: string): Told[] =>
  received
    .filter((message) => message.type === 'next' && (id === undefined || message.id === id))
    .map(({ payload }) => (payload as { data: { atp: Told } }).data.atp);

/** Waits until each has been told so often. */
const told = (watchers: RawSocket[], times: number) =>
  until(() => watchers.every((watcher) => toldTo(watcher).length === times));

const sku = () => `S-${randomUUID()}`;

test('fifty sockets in step: one reading, one execution and the same payload for each change', async () => {
  const watchers = await Promise.all(Array.from({ length: 50 }, () => signedIn()));
  const watched = sku();
  const before = { executions: server.executions(), reads: server.reads() };
  for (const watcher of watchers) subscribe(watcher, { skus: [watched] });
  await told(watchers, 1);
  for (let change = 1; change <= 3; change++) {
    server.change(watched);
    await told(watchers, 1 + change);
  }
  expect(server.executions() - before.executions).toBe(4);
  expect(server.reads() - before.reads).toBe(4);
  const [first] = watchers;
  for (const watcher of watchers) expect(toldTo(watcher)).toEqual(toldTo(first!));
  expect(toldTo(first!).map(({ kind, onHand }) => [kind, onHand])).toEqual([
    ['SNAPSHOT', 0],
    ['CHANGE', 1],
    ['CHANGE', 2],
    ['CHANGE', 3],
  ]);
});

test('different baskets share the messages of what they have in common', async () => {
  const [common, mine, yours] = [sku(), sku(), sku()];
  const watchers = [await signedIn(), await signedIn()];
  subscribe(watchers[0]!, { skus: [common, mine] });
  subscribe(watchers[1]!, { skus: [yours, common] });
  await told(watchers, 2);
  const before = server.executions();
  server.change(common);
  await told(watchers, 3);
  expect(server.executions() - before).toBe(1);
});

test.each([
  ['another channel', { channel: 'jd' }, undefined, 'one', 2],
  [
    'another document',
    {},
    `subscription Watch($skus: [ID!]!) { atp(skus: $skus) { sku ${FIELDS} } }`,
    'one',
    2,
  ],
  ['the key of another partner', {}, undefined, 'other', 2],
  ['a key of fewer scopes', {}, undefined, 'less', 2],
  ['another key of the same partner and scopes', {}, undefined, 'two', 1],
])(
  '%s: executions for a change are as many as there are different ones',
  async (_what, more, query, key, times) => {
    const watched = sku();
    const watchers = [await signedIn('one'), await signedIn(key)];
    subscribe(watchers[0]!, { skus: [watched] });
    subscribe(watchers[1]!, { skus: [watched], ...more }, query);
    await told(watchers, 1);
    const before = server.executions();
    server.change(watched);
    await told(watchers, 2);
    expect(server.executions() - before).toBe(times);
    expect(toldTo(watchers[1]!).at(-1)).toMatchObject({
      channel: null,
      partner: actors[key]!.partner,
      ...more,
    });
  },
);

test('who resumes gets what is missing, and then the messages of all others', async () => {
  const [moved, still] = [sku(), sku()];
  const first = await signedIn();
  subscribe(first, { skus: [moved, still] });
  await told([first], 2);
  const resume = toldTo(first).map(({ sku: code, version }) => ({ sku: code, version }));
  server.change(moved);
  await told([first], 3);
  const second = await signedIn();
  subscribe(second, { skus: [moved, still], resume });
  await told([second], 1);
  const known = resume.find((seen) => seen.sku === moved)!.version;
  expect(toldTo(second)).toMatchObject([
    { kind: 'SNAPSHOT', sku: moved, previousVersion: known, onHand: 1, coalesced: 0 },
  ]);
  const before = server.executions();
  server.change(still);
  await told([second], 2);
  await told([first], 4);
  expect(toldTo(second)[1]).toEqual(toldTo(first)[3]);
  expect(server.executions() - before).toBe(1);
});

test('an error of a field is masked in the shared message as anywhere', async () => {
  const watcher = await signedIn();
  subscribe(watcher, { skus: [sku()] }, 'subscription ($skus: [ID!]!) { atp(skus: $skus) { kind failure } }');
  await until(() => watcher.received.length > 1);
  expect(watcher.received[1]).toMatchObject({
    type: 'next',
    payload: {
      data: { atp: { kind: 'SNAPSHOT', failure: null } },
      errors: [{ path: ['atp', 'failure'], extensions: { code: 'INTERNAL' } }],
    },
  });
  expect(JSON.stringify(watcher.received)).not.toMatch(/secret/);
});

test('ids are told as they were given, whatever characters they have', async () => {
  const watcher = await signedIn();
  for (const id of ['"quoted\\"', 'é-ÿ', '订阅\u{1F6D2}', '\u2028', 'x'.repeat(70_000)]) {
    const watched = sku();
    subscribe(watcher, { skus: [watched] }, WATCH, id);
    await until(() => toldTo(watcher, id).length === 1);
    expect(toldTo(watcher, id)[0]).toMatchObject({ sku: watched });
    watcher.socket.send(JSON.stringify({ id, type: 'complete' }));
  }
});

test('completed by the client: nothing more comes, the id is free again, and nothing is kept', async () => {
  const watcher = await signedIn();
  const [watched, other] = [sku(), sku()];
  subscribe(watcher, { skus: [watched] }, WATCH, 'a');
  subscribe(watcher, { skus: [other] }, WATCH, 'b');
  await told([watcher], 2);
  watcher.socket.send(JSON.stringify({ id: 'a', type: 'complete' }));
  subscribe(watcher, { skus: [other] }, WATCH, 'a');
  await until(() => toldTo(watcher, 'a').length === 2);
  server.change(watched);
  server.change(other);
  await until(() => toldTo(watcher, 'b').length === 2 && toldTo(watcher, 'a').length === 3);
  expect(toldTo(watcher, 'a').map((update) => update.sku)).toEqual([watched, other, other]);
  expect(watcher.received.filter(({ type }) => type === 'complete')).toEqual([]);
});

test('an id that is in use closes the socket with 4409', async () => {
  const watcher = await signedIn();
  subscribe(watcher, { skus: [sku()] }, WATCH, 'a');
  await told([watcher], 1);
  subscribe(watcher, { skus: [sku()] }, WATCH, 'a');
  expect(await watcher.closed).toEqual({ code: 4409, reason: 'Subscriber for a already exists' });
});

test('a socket has so many operations at once and no more; one that ends makes room', async () => {
  const watcher = await signedIn();
  const ids = Array.from({ length: 5 }, () => subscribe(watcher, { skus: [sku()] }));
  await told([watcher], 5);
  const refused = subscribe(watcher, { skus: [sku()] });
  await until(() => watcher.received.some(({ id }) => id === refused));
  expect(watcher.received.find(({ id }) => id === refused)).toMatchObject({
    type: 'error',
    payload: [{ extensions: { code: 'TOO_MANY_OPERATIONS', retryable: true, limit: 5 } }],
  });
  watcher.socket.send(JSON.stringify({ id: ids[0], type: 'complete' }));
  const again = subscribe(watcher, { skus: [sku()] });
  await until(() => toldTo(watcher, again).length === 1);
});

test('what a socket watched is forgotten when it closes', async () => {
  const halls = (server.audiences as unknown as { halls: Map<unknown, unknown> }).halls;
  for (const { socket } of sockets) socket.close();
  await until(() => halls.size === 0);
});

test('a socket that is not signed in cannot subscribe', async () => {
  const raw = await openSocket(server);
  subscribe(raw, { skus: [sku()] });
  expect((await raw.closed).code).toBe(4401);
});
