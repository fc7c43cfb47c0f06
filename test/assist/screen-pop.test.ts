import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { importCustomers } from '../../src/customer/index.ts';
import { openTestGraph, type TestGraph } from '../support/customer/test-graph.ts';

let graph: TestGraph;
beforeAll(async () => {
  graph = await openTestGraph();
});
afterAll(() => graph.close());
beforeEach(() => graph.reset());

const POP = readFileSync(
  new URL('../../schema/operations/agents/ScreenPop.graphql', import.meta.url),
  'utf8',
);
const take = (names: string[], source = 'crm') =>
  graph.take((em) =>
    importCustomers(
      em,
      names.map((name) => ({
        externalId: name,
        name,
        phones: ['13912345670'],
        emails: [],
        channelUsers: [],
      })),
      { source },
    ),
  );

test('the caller is shown, with the sources that may hide something', async () => {
  await take(['张伟']);
  const { data, codes } = await graph.ask(POP, { phone: '139 1234 5670' });
  expect(codes).toEqual([]);
  expect(data.screenPop).toMatchObject({
    matches: [{ displayName: '张伟' }],
    customer: { displayName: '张伟', orders: { nodes: [] }, tickets: { nodes: [] }, returns: { nodes: [] } },
    degradedSources: [{ source: 'slow', degraded: true, reason: 'It does not answer.' }],
  });
  expect(data.screenPop.tookMs).toBeGreaterThan(0);
});

test('of a household nobody is chosen for the agent', async () => {
  await take(['张伟', '李娜'], 'gone');
  const { data } = await graph.ask(POP, { phone: '+8613912345670' });
  expect(data.screenPop.matches.map(({ displayName }: { displayName: string }) => displayName)).toEqual([
    '张伟',
    '李娜',
  ]);
  expect(data.screenPop.customer).toBeNull();
  expect(data.screenPop.degradedSources).toMatchObject([
    { source: 'gone', reason: 'No connector reads this source.' },
    { source: 'slow' },
  ]);
});

test('an unknown number matches nobody, a withheld one is refused', async () => {
  expect((await graph.ask(POP, { phone: '13912345679' })).data.screenPop).toMatchObject({
    matches: [],
    customer: null,
  });
  expect((await graph.ask(POP, { phone: 'anonymous' })).codes).toEqual(['INVALID_IDENTITY']);
});
