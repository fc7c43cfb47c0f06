import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { httpClient, socketClient } from '../../support/client.ts';
import { startHub, type RunningHub } from '../../support/hub.ts';
import { until } from '../../support/until.ts';
import { paidOrder, seed } from '../../support/routing/shop.ts';
import { takeBeside } from '../../support/routing/import-from-another-process.ts';

let database: TestDatabase;
let hub: RunningHub;
beforeAll(async () => {
  database = await createTestDatabase();
  await seed(database);
  hub = await startHub({ databaseUrl: database.url });
});
afterAll(async () => {
  await hub?.stop();
  await database?.drop();
});

const ask = <T>(query: string, variables?: object) => httpClient(hub).request<T>(query, variables);

const take = (externalId: string, totalMinor = 9_900) =>
  takeBeside(database.url, paidOrder(externalId, [['MUG', 1]], { totalMinor }));

test('the hub routes a paid order by itself and tells those who watch the node, and only them', async () => {
  const client = socketClient(hub);
  const watch = (node: string) =>
    client.iterate<{ routingDecided: { order: { externalId: string } } }>({
      query: `subscription { routingDecided(node: "${node}") { order { externalId } shipments { node { code openOrders } carrierService } cost { amountMinor currency } ruleSet { version rung } candidates { node { code } excludedBy score terms { name value } } } }`,
    });
  const ofEast = watch('EAST');
  const first = ofEast.next();
  // A subscription has no answer of its own: a query on the same socket comes after it.
  await client.iterate({ query: '{ ruleSets { version } }' }).next();
  await take('LIVE-1');
  expect((await first).value!.data!.routingDecided).toMatchObject({
    order: { externalId: 'LIVE-1' },
    shipments: [{ node: { code: 'EAST', openOrders: 1 }, carrierService: 'VAN' }],
    ruleSet: { version: 1, rung: 'ACTIVE' },
  });
  await client.dispose();
});

test('a node that does not exist is not watched without end', async () => {
  const client = socketClient(hub);
  const watching = client.iterate({ query: 'subscription { routingDecided(node: "NOPE") { id } }' });
  expect((await watching.next()).value).toMatchObject({
    errors: [{ message: 'The node does not exist.', extensions: { code: 'UNKNOWN_NODE' } }],
  });
  await client.dispose();
});

test('a rule set is checked as it is saved: mistakes are told with their place', async () => {
  const draft = (key: string, when: string) =>
    ask<{ createRuleSetDraft: object }>(
      `mutation Draft($input: RuleSetDraftInput!) { createRuleSetDraft(input: $input) {
        __typename ... on RuleSet { version rung createdBy rules { name when effect weight } }
        ... on RuleSetInvalid { problems { rule line column message } } } }`,
      { input: { idempotencyKey: key, rules: [{ name: 'near', when, effect: 'PREFER', weight: 100 }] } },
    );
  expect(await draft('d1', 'node.ciyt == order.city')).toMatchObject({
    createRuleSetDraft: {
      __typename: 'RuleSetInvalid',
      problems: [{ rule: 'near', line: 1, column: expect.any(Number) }],
    },
  });
  const saved = await draft('d2', 'sameCity(order, node)');
  expect(saved).toMatchObject({
    createRuleSetDraft: {
      __typename: 'RuleSet',
      version: 2,
      rung: 'DRAFT',
      rules: [{ name: 'near', weight: 100 }],
    },
  });
  expect(await draft('d2', 'sameCity(order, node)')).toEqual(saved);
  expect(await ask('{ ruleSets { version rung } }')).toEqual({
    ruleSets: [
      { version: 2, rung: 'DRAFT' },
      { version: 1, rung: 'ACTIVE' },
    ],
  });
});

test('an order of high value answers with the task of the person who decides', async () => {
  await take('LIVE-2', 2_000_000);
  const order = () =>
    ask<{ orderByExternalId: { id: string; state: string } }>(
      '{ orderByExternalId(channel: "shop", externalId: "LIVE-2") { id state } }',
    );
  await until(async () => (await order()).orderByExternalId.state === 'HELD_FOR_REVIEW');
  const { reviewTasks } = await ask<{ reviewTasks: { nodes: { id: string; defaultAction: string }[] } }>(
    '{ reviewTasks { nodes { id kind defaultAction } } }',
  );
  expect(reviewTasks.nodes).toMatchObject([{ kind: 'ROUTING_REVIEW', defaultAction: 'HOLD_AND_ALERT' }]);
  await ask(
    `mutation { resolveReviewTask(input: { taskId: "${reviewTasks.nodes[0]!.id}", action: "APPROVE" }) { status } }`,
  );
  await until(async () => (await order()).orderByExternalId.state === 'ROUTED');
});

test.each([
  [
    'an unknown order',
    'routeOrder(input: { idempotencyKey: "e1", orderId: "x" }) { __typename }',
    'UNKNOWN_ORDER',
  ],
  [
    'an unknown shipment',
    'recordFulfilment(input: { idempotencyKey: "e2", shipmentId: "x", answer: SHIPPED }) { __typename }',
    'UNKNOWN_SHIPMENT',
  ],
  [
    'a rejection without a reason',
    'recordFulfilment(input: { idempotencyKey: "e3", shipmentId: "x", answer: REJECTED }) { __typename }',
    'BAD_USER_INPUT',
  ],
])('%s is refused', async (_, mutation, code) => {
  await expect(ask(`mutation { ${mutation} }`)).rejects.toMatchObject({
    response: { errors: [{ extensions: { code } }] },
  });
});
