import { afterEach, expect, test } from '@jest/globals';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { until } from '../../support/until.ts';
import { startLiveServer, type LiveServer } from '../../support/graph/live-server.ts';
import { initMessage, openSignedIn, openSocket, type RawSocket } from '../../support/graph/transports.ts';

interface Told {
  sku: string;
  onHand: number;
  coalesced: number;
}

/** Large messages, so that the buffers of the operating system are soon full. */
const WATCH = `subscription ($skus: [ID!]!) {
  atp(skus: $skus) { sku onHand coalesced filler(characters: 20000) }
}`;
const CHANGES = 5_000;

let server: LiveServer;
let sockets: RawSocket[] = [];

afterEach(async () => {
  for (const { socket } of sockets) socket.terminate();
  sockets = [];
  await server.stop();
});

async function signedIn(): Promise<RawSocket> {
  const raw = await openSignedIn(server);
  sockets.push(raw);
  return raw;
}

function watch({ socket }: RawSocket, skus: string[]): void {
  socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: WATCH, variables: { skus } } }));
}

const toldOf = ({ received }: RawSocket, sku: string): Told[] =>
  received
    .filter(({ type }) => type === 'next')
    .map(({ payload }) => (payload as { data: { atp: Told } }).data.atp)
    .filter((told) => told.sku === sku);

const newest = (watcher: RawSocket, sku: string) => toldOf(watcher, sku).at(-1)?.onHand ?? -1;

test('fifty clients that do not read cost a bounded backlog, hold up nobody, and wake to the newest of each SKU', async () => {
  // Who is paused answers no pings either, and on a busy machine all this takes longer than two of them.
  server = await startLiveServer({ pingMs: 300_000 });
  const healthy = await signedIn();
  watch(healthy, ['A', 'B']);
  const paused = await Promise.all(Array.from({ length: 50 }, () => signedIn()));
  for (const watcher of paused) watch(watcher, ['A', 'B']);
  await until(() => [healthy, ...paused].every(({ received }) => received.length === 3));
  for (const { socket } of paused) socket.pause();
  for (let change = 1; change <= CHANGES; change++) {
    server.change(change % 10 === 0 ? 'B' : 'A');
    await nextTurn();
  }
  await until(() => newest(healthy, 'A') === 4_500 && newest(healthy, 'B') === 500);
  for (const { socket } of paused) socket.resume();
  await until(() => paused.every((one) => newest(one, 'A') === 4_500 && newest(one, 'B') === 500));
  for (const watcher of paused) {
    // Far fewer than there were: what the operating system had taken, one under way, and the newest of each SKU.
    expect(watcher.received.length).toBeLessThan(CHANGES / 2);
    for (const [sku, changes] of [
      ['A', 4_500],
      ['B', 500],
    ] as const) {
      const [snapshot, ...told] = toldOf(watcher, sku);
      expect(snapshot!.onHand).toBe(0);
      // Told in order, and whatever was not told is counted.
      let last = 0;
      for (const { onHand } of told) {
        expect(onHand).toBeGreaterThan(last);
        last = onHand;
      }
      expect(told.some(({ coalesced }) => coalesced > 0)).toBe(true);
      expect(last).toBe(changes);
    }
  }
});

const READ_MUCH = JSON.stringify({
  type: 'subscribe',
  payload: { query: '{ text(characters: 1000000) }' },
});

test('a client that asks for much and reads nothing is cut with 4291, and the hub serves on', async () => {
  server = await startLiveServer({ unsentBytes: 65_536 });
  const hostile = await signedIn();
  hostile.socket.pause();
  for (let id = 0; id < 60; id++) {
    hostile.socket.send(READ_MUCH.replace('{', `{"id":"${id}",`));
    await nextTurn();
  }
  const healthy = await signedIn();
  watch(healthy, ['A']);
  await until(() => toldOf(healthy, 'A').length === 1);
  hostile.socket.resume();
  expect(await hostile.closed).toEqual({
    code: 4291,
    reason: 'The client reads too slowly: send buffer full. Reconnect.',
  });
  // It was closed when the first answers could not leave, not when all of them were made.
  expect(hostile.received.length).toBeLessThan(50);
});

test('a key has so many sockets and no more; one that closes makes room', async () => {
  server = await startLiveServer({ ofOneKey: 2 });
  const [first] = [await signedIn(), await signedIn()];
  const third = await openSocket(server);
  sockets.push(third);
  third.socket.send(initMessage({ authorization: `Bearer ${server.adminKey}` }));
  expect(await third.closed).toEqual({
    code: 4290,
    reason: 'This key has 2 sockets and streams open, the most it may have.',
  });
  expect(third.received).toEqual([]);
  first!.socket.close();
  await first!.closed;
  await until(async () => {
    const again = await openSocket(server);
    sockets.push(again);
    again.socket.send(initMessage({ authorization: `Bearer ${server.adminKey}` }));
    await Promise.race([again.closed, until(() => again.received.length > 0)]);
    return again.received.length > 0;
  });
});

test('a socket that does not answer a ping is cut by the next', async () => {
  server = await startLiveServer({ pingMs: 100 });
  const [dead, alive] = [await signedIn(), await signedIn()];
  let pings = 0;
  alive.socket.on('ping', () => (pings += 1));
  dead.socket.pause();
  await until(() => pings >= 4);
  dead.socket.resume();
  expect((await dead.closed).code).toBe(1006);
  expect(alive.socket.readyState).toBe(alive.socket.OPEN);
});
