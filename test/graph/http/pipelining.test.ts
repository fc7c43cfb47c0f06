import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { RunningHub } from '../../support/hub.ts';
import { RESERVE, SKUS, reserveInput, startShop, stateOf } from '../../support/graph/fixture.ts';
import { post } from '../../support/graph/transports.ts';

/** Together more than the buffers of a connection hold. */
const LONG_ANSWERS = 60;

let hub: RunningHub;

beforeAll(async () => {
  hub = await startShop();
});
afterAll(() => hub?.stop());

const long = {
  query: `query ($skus: [ID!]!) { availableToPromise(skus: $skus) { projection(days: 366) {
    on quantity onHand demand shortfall safetyBuffer channelQuota inTransit presale expectedReturns futureDraw } } }`,
  variables: { skus: SKUS },
};
const reserve = { query: RESERVE, variables: { input: reserveInput() } };

function request(body: object): string {
  const text = JSON.stringify(body);
  return (
    `POST /graphql HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${hub.adminKey}\r\ncontent-type: application/json\r\n` +
    `content-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`
  );
}

test('what is pipelined is served in its order, one after the other, as far as the client reads', async () => {
  const socket = connect(Number(new URL(hub.url).port), '127.0.0.1').pause();
  socket.write(request(long).repeat(LONG_ANSWERS) + request(reserve));
  const before = await stateOf(hub);
  for (let n = 0; n < 50; n++) expect((await post(hub, JSON.stringify(long))).status).toBe(200);
  expect(await stateOf(hub)).toEqual(before);
  let received = '';
  const reserved = new Promise((resolve) =>
    socket.on('data', (chunk) => {
      received = (received + String(chunk)).slice(-1_000_000);
      if (received.includes('"__typename":"Reservation"')) resolve(undefined);
    }),
  );
  socket.resume();
  await reserved;
  expect(await stateOf(hub)).not.toEqual(before);
  socket.destroy();
});
