import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import WebSocket from 'ws';
import {
  createLiveSocket,
  watchAtp,
  type AtpUpdate,
  type HubFailure,
  type SocketState,
} from '../../client/live-atp/index.ts';
import { packageRoot } from '../../src/platform/process/package-root.ts';
import { until } from '../support/until.ts';
import { startLiveShop, type LiveShop } from '../support/live-shop.ts';

let shop: LiveShop;

beforeAll(async () => {
  shop = await startLiveShop(['A', 'B', 'C']);
});
afterAll(() => shop?.stop());

function watching(skus: string[], key = shop.hub().adminKey) {
  const seen: AtpUpdate[] = [];
  const states: SocketState[] = [];
  const refused: (readonly HubFailure[])[] = [];
  let keyRefused = 0;
  const socket = createLiveSocket({
    url: `${shop.hub().url.replace('http', 'ws')}/graphql`,
    key,
    webSocketImpl: WebSocket,
    onState: (state) => states.push(state),
    onKeyRefused: () => (keyRefused += 1),
  });
  const stop = watchAtp(
    socket,
    { skus },
    { onUpdate: (update) => seen.push(update), onRefused: (failures) => refused.push(failures) },
  );
  return { seen, states, refused, stop, socket, keyRefused: () => keyRefused };
}

const told = ({ kind, atp }: AtpUpdate) => [kind, atp.sku.code, atp.quantity];

test('a snapshot, changes, and after the hub was killed only what has moved meanwhile', async () => {
  await shop.count('A', 5);
  const { seen, states, stop } = watching(['A', 'B']);
  await until(() => seen.length === 2);
  await shop.count('A', 6);
  await until(() => seen.length === 3);
  expect(seen.slice(0, 2).map(told).sort()).toEqual([
    ['SNAPSHOT', 'A', 5],
    ['SNAPSHOT', 'B', 0],
  ]);
  expect(told(seen[2]!)).toEqual(['CHANGE', 'A', 6]);

  await shop.restart();
  await shop.count('A', 7);
  await until(() => seen.some((update) => update.atp.quantity === 7));
  await shop.count('B', 1);
  await until(() => seen.at(-1)!.atp.sku.code === 'B' && seen.at(-1)!.atp.quantity === 1);
  const after = seen.slice(3);
  // B has not moved while the hub was away: it was not told of again until it did.
  expect(after.map(told)).toEqual([
    [expect.any(String), 'A', 7],
    ['CHANGE', 'B', 1],
  ]);
  expect(after[0]!.previousVersion).toBe(seen[2]!.atp.version);
  expect(states[0]).toBe('connecting');
  expect(states).toContain('reconnecting');
  expect(states.at(-1)).toBe('live');
  stop();
});

test('once stopped nothing is told any more, and the socket closes', async () => {
  const { seen, stop, socket } = watching(['C']);
  await until(() => seen.length === 1);
  const closed = new Promise((resolve) => socket.on('closed', resolve));
  stop();
  await closed;
  await shop.count('C', 9);
  expect(seen).toHaveLength(1);
});

test('what the hub will never tell is refused with its code, and not asked again', async () => {
  const { refused, seen } = watching(['A', 'NONE']);
  await until(() => refused.length === 1);
  expect(refused[0]).toMatchObject([{ extensions: { code: 'UNKNOWN_SKU', skus: ['NONE'] } }]);
  expect(seen).toEqual([]);
});

test('a key that the hub does not know is told of, and the socket does not come back', async () => {
  const { keyRefused, refused, states } = watching(['A'], 'a-wrong-key');
  await until(() => refused.length === 1);
  expect(keyRefused()).toBe(1);
  expect(refused[0]![0]!.message).toMatch(/^The socket was closed: 4403/);
  expect(states).toEqual(
    ['connecting', 'live', 'reconnecting'].filter((state) => states.includes(state as never)),
  );
});

test('the published entry of the package runs in Node by itself', async () => {
  await shop.count('C', 4);
  const script = `
    import { createLiveSocket, watchAtp } from 'orderweave/live-atp';
    const [, url, key] = process.argv;
    const stop = watchAtp(createLiveSocket({ url, key }), { skus: ['C'] }, {
      onUpdate: ({ atp }) => { console.log(atp.sku.code, atp.quantity); stop(); },
    });`;
  const { url, adminKey } = shop.hub();
  const printed = execFileSync(
    process.execPath,
    ['--input-type=module', '-e', script, `${url.replace('http', 'ws')}/graphql`, adminKey],
    { cwd: packageRoot(), encoding: 'utf8' },
  );
  expect(printed).toBe('C 4\n');
});
