import { expect, test } from '@jest/globals';
import { rawStream, streamClient } from '../../../support/event-stream.ts';
import { until } from '../../../support/until.ts';
import { liveAtpCases } from '../../../support/inventory/live-atp-cases.ts';

/** Live ATP over server-sent events: the cases of sockets, and a reader that pauses. */
const live = liveAtpCases(streamClient);

test('a paused reader gets the latest number when it wakes, and what it slept through is skipped', async () => {
  await live.count(live.hubs[0], 'L8', 1);
  // A large selection fills the buffers of the connection after some hundred changes.
  const terms = Array.from({ length: 60 }, (_, at) => `t${at}: terms { kind quantity }`).join(' ');
  const query = `subscription { atp(skus: ["L8"]) { coalesced atp { quantity ${terms} } } }`;
  const socket = rawStream(live.hubs[0], { query });
  let told = '';
  socket.on('data', (chunk: Buffer) => (told += chunk.toString()));
  const quantities = () =>
    [...told.matchAll(/"quantity":(\d+),"t0"/g)].map(([, quantity]) => Number(quantity));
  await until(() => quantities().includes(1));
  socket.pause();
  const last = 400;
  for (let counted = 2; counted <= last; counted++) await live.count(live.hubs[0], 'L8', counted);
  socket.resume();
  await until(() => quantities().includes(last));
  const coalesced = [...told.matchAll(/"coalesced":(\d+)/g)].map(([, skipped]) => Number(skipped));
  expect(Math.max(...coalesced)).toBeGreaterThan(0);
  expect(quantities()).toEqual(quantities().toSorted((a, b) => a - b));
  socket.destroy();
});
