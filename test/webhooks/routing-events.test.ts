import { expect, test } from '@jest/globals';
import { paidOrder, seed } from '../support/routing/shop.ts';
import { takeBeside } from '../support/routing/import-from-another-process.ts';
import { until } from '../support/until.ts';
import { partnersFixture } from '../support/webhooks/fixture.ts';

const partners = partnersFixture([], 1);
const { ask, partner } = partners;

const take = (externalId: string, totalMinor = 9_900) =>
  takeBeside(partners.database.url, paidOrder(externalId, [['MUG', 1]], { totalMinor }));

test('an order, its decision and its shipment are told as they go, each in its own order', async () => {
  await seed(partners.database);
  const { received } = await partner(['order.state_changed', 'routing.decided', 'shipment.state_changed']);
  await take('HOOK-1');
  const of = (type: string) => received.filter((message) => message.type === type);
  await until(() => of('shipment.state_changed').length === 1 && of('order.state_changed').length === 2);
  const [decided] = of('routing.decided');
  expect(decided!.data).toMatchObject({
    orderExternalId: 'HOOK-1',
    outcome: 'PLANNED',
    reasons: [],
    shipments: [{ node: 'EAST', carrierService: 'VAN', lines: [{ sku: 'MUG', quantity: 1 }] }],
  });
  const [planned] = of('shipment.state_changed');
  const [{ id: shipmentId }] = decided!.data.shipments as [{ id: string }];
  expect(planned!.data).toMatchObject({ shipmentId, node: 'EAST', state: 'PLANNED', previousState: null });
  for (const answer of ['ACKNOWLEDGED', 'SHIPPED'])
    await ask(
      `mutation ($id: ID!, $answer: FulfilmentAnswer!) { recordFulfilment(input: { idempotencyKey: "${answer}", shipmentId: $id, answer: $answer }) { __typename } }`,
      { id: shipmentId, answer },
    );
  await until(() => of('shipment.state_changed').length === 3 && of('order.state_changed').length === 4);
  const states = (type: string) => of(type).map(({ data }) => [data.previousState, data.state]);
  expect(states('order.state_changed')).toEqual([
    [null, 'PAID'],
    ['PAID', 'ROUTED'],
    ['ROUTED', 'ACKNOWLEDGED'],
    ['ACKNOWLEDGED', 'SHIPPED'],
  ]);
  expect(states('shipment.state_changed')).toEqual([
    [null, 'PLANNED'],
    ['PLANNED', 'ACKNOWLEDGED'],
    ['ACKNOWLEDGED', 'SHIPPED'],
  ]);
  // No personal data: of the buyer nothing is told.
  for (const { text } of received) expect(text).not.toMatch(/buyer|phone|name"/);
});

test('an order that a person must look at: decided, and held; a dry run of it is not told', async () => {
  const { received } = await partner(['routing.decided', 'order.state_changed']);
  await take('HOOK-2', 2_000_000);
  await until(() => received.length === 3);
  const decided = received.find(({ type }) => type === 'routing.decided')!;
  expect(decided.data).toMatchObject({ orderExternalId: 'HOOK-2', outcome: 'NEEDS_REVIEW' });
  expect(received.at(-1)!.data).toMatchObject({ previousState: 'PAID', state: 'HELD_FOR_REVIEW' });
  await partners.database.query(`update sales_order set state = 'UNROUTABLE' where external_id = 'HOOK-2'`);
  await ask(
    `mutation ($id: ID!) { routeOrder(input: { idempotencyKey: "dry", orderId: $id, dryRun: true }) { __typename } }`,
    { id: decided.data.orderId },
  );
  await until(() => received.length === 4); // what somebody wrote by hand is told as well
  expect(received.at(-1)).toMatchObject({ type: 'order.state_changed', data: { state: 'UNROUTABLE' } });
  const rows = await partners.database.query<{ rows: number }>(
    `select count(*)::int as rows from webhook_delivery where type = 'routing.decided' and payload->'data'->>'orderId' = $1`,
    [decided.data.orderId],
  );
  expect(rows).toEqual([{ rows: 1 }]);
});
