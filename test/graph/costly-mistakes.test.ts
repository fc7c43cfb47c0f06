import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { RunningHub } from '../support/hub.ts';
import { RESERVE, SKUS, reserveInput, startShop, stateOf } from '../support/graph/fixture.ts';
import { overHttp, overSocket } from '../support/graph/transports.ts';

let hub: RunningHub;

beforeAll(async () => {
  hub = await startShop();
});
afterAll(() => hub?.stop());

const codesOf = ({ errors }: { errors?: readonly { extensions?: { code?: unknown } }[] }) =>
  errors?.map(({ extensions }) => extensions?.code);

test.each([
  ['HTTP', overHttp],
  ['WebSocket', overSocket],
])('over %s, what is wrong with a large input is told once, and shortly', async (_name, transport) => {
  const before = await stateOf(hub);
  const wrong = Object.fromEntries(Array.from({ length: 40_000 }, (_, n) => [`chanel${n}`, 1]));
  const answer = await transport.send(hub, RESERVE, { input: { ...reserveInput(), ...wrong } });
  expect(codesOf(answer)).toEqual(['BAD_USER_INPUT']);
  expect(JSON.stringify(answer).length).toBeLessThan(1_000);
  expect(await stateOf(hub)).toEqual(before);
});

test('a text to search for is short', async () => {
  const search = (text: string) =>
    overHttp.send<{ skus: { nodes: { code: string }[] } }>(
      hub,
      'query ($s: String) { skus(search: $s) { nodes { code } } }',
      {
        s: text,
      },
    );
  expect(codesOf(await search('%_'.repeat(150)))).toEqual(['TEXT_TOO_LONG']);
  expect((await search(SKUS[0]!)).data?.skus.nodes).toEqual([{ code: SKUS[0] }]);
});

test.each([
  ['literally', 'subscription { atp(skus: ["TEA"]) @skip(if: true) { kind } }'],
  ['by a variable', 'subscription ($b: Boolean = true) { atp(skus: ["TEA"]) @skip(if: $b) { kind } }'],
  [
    'by a fragment',
    'subscription { ...f @skip(if: true) } fragment f on Subscription { atp(skus: ["TEA"]) { kind } }',
  ],
])(
  'a subscription whose field is left out %s is refused, and nothing else on its socket ends',
  async (_how, query) => {
    expect(codesOf(await overSocket.send(hub, query))).toEqual(['BAD_USER_INPUT']);
    expect(codesOf(await overHttp.send(hub, query))).toEqual(['BAD_USER_INPUT']);
    expect(hub.output().stderr + hub.output().stdout).not.toMatch(/internal error|defect/i);
  },
);
