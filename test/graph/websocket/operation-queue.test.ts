import { expect, test } from '@jest/globals';
import { EventEmitter } from 'node:events';
import { OperationQueue } from '../../../src/graph/websocket/operation-queue.ts';

class FakeSocket extends EventEmitter {
  writableLength = 0;
}
const turn = () => new Promise(setImmediate);

test('operations that cost more together than one may wait for each other', async () => {
  const queue = new OperationQueue(new FakeSocket(), 10);
  const started: number[] = [];
  const finish: (() => void)[] = [];
  const run = (n: number, cost: number) =>
    queue.run(cost, () => {
      started.push(n);
      return new Promise<void>((resolve) => finish.push(resolve));
    });
  const all = [run(0, 4), run(1, 4), run(2, 4), run(3, 20), run(4, 1)];
  await turn();
  expect(started).toEqual([0, 1]);
  finish[0]!();
  await turn();
  await turn();
  expect(started).toEqual([0, 1, 2]);
  finish[1]!();
  finish[2]!();
  await turn();
  await turn();
  expect(started).toEqual([0, 1, 2, 3]); // dear as it is, it runs alone
  finish[3]!();
  await turn();
  await turn();
  finish[4]!();
  await Promise.all(all);
  expect(started).toEqual([0, 1, 2, 3, 4]);
});

test('nothing is begun, and no answer handed over, while the client has not read', async () => {
  const socket = new FakeSocket();
  const queue = new OperationQueue(socket, 10);
  let handed = 0;
  const first = queue.run(1, () => (socket.writableLength = 1_000_000)).then(() => (handed += 1));
  await turn();
  expect(handed).toBe(0);
  let began = false;
  const second = queue.run(1, () => (began = true));
  await turn();
  expect(began).toBe(false);
  socket.writableLength = 0;
  socket.emit('drain');
  await Promise.all([first, second]);
  expect([handed, began]).toEqual([1, true]);
});

test('what waits when the socket closes is not run', async () => {
  const socket = new FakeSocket();
  socket.writableLength = 1_000_000;
  const queue = new OperationQueue(socket, 10);
  let ran = false;
  const waiting = queue.run(1, () => (ran = true));
  queue.close();
  expect(await waiting).toBeUndefined();
  expect(ran).toBe(false);
});
