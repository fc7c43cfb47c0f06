import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { GraphQLClient } from 'graphql-request';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { paidOrder, seed } from '../routing-service/shop.ts';
import { takeBeside } from '../routing-service/take-beside.ts';
import { httpClient } from '../support/client.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { startHub, type RunningHub } from '../support/hub.ts';
import { until } from '../support/until.ts';

const dataDir = path.resolve(import.meta.dirname, '../../.cache/test-hubs', `tracking-${process.pid}`);
const folder = path.join(dataDir, 'import');
let database: TestDatabase;
let hub: RunningHub;
beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  database = await createTestDatabase();
  await seed(database);
  hub = await startHub({ databaseUrl: database.url, dataDir });
});
afterAll(async () => {
  await hub?.stop();
  await database?.drop();
  rmSync(dataDir, { recursive: true, force: true });
});

interface Answer {
  orderByExternalId: {
    state: string;
    routingDecisions: { shipments: { id: string; tracking: object | null }[] }[];
  };
}
const QUERY = `{ orderByExternalId(channel: "shop", externalId: "GRAPH-1") { state routingDecisions { shipments {
  id tracking { status deliveredAt asOf events { at status text place } } } } } }`;
const ask = <T>(query: string, variables?: object) => httpClient(hub).request<T>(query, variables);
const order = async () => (await ask<Answer>(QUERY)).orderByExternalId;

test('what a file says of a parcel stands on its shipment; its text only for those who may know people', async () => {
  await takeBeside(database.url, paidOrder('GRAPH-1', [['MUG', 1]]));
  await until(async () => (await order()).state === 'ROUTED');
  const [{ shipments }] = (await order()).routingDecisions as [
    Answer['orderByExternalId']['routingDecisions'][0],
  ];
  expect(shipments).toMatchObject([{ tracking: null }]);
  await ask(
    `mutation ($id: ID!) { recordFulfilment(input: { idempotencyKey: "s", shipmentId: $id, answer: SHIPPED,
      trackingNumber: "SF1" }) { __typename } }`,
    { id: shipments[0]!.id },
  );
  writeFileSync(
    path.join(folder, 'tracking.csv'),
    '运单号,时间,状态,描述,地点\nSF1,2026-11-24 09:30,派送中,派送中,杭州市\nSF1,2026-11-24 12:00,已签收,已签收：张三,\n',
  );
  await until(async () => (await order()).state === 'DELIVERED');
  const tracking = {
    status: 'DELIVERED',
    deliveredAt: '2026-11-24T04:00:00.000Z',
    asOf: expect.any(String),
    events: [
      { at: '2026-11-24T01:30:00.000Z', status: 'OUT_FOR_DELIVERY', text: '派送中', place: '杭州市' },
      { at: '2026-11-24T04:00:00.000Z', status: 'DELIVERED', text: '已签收：张三', place: null },
    ],
  };
  expect((await order()).routingDecisions[0]!.shipments).toMatchObject([{ tracking }]);

  const { createApiKey } = await ask<{ createApiKey: { key: string } }>(
    'mutation { createApiKey(input: { name: "till", partner: "till", scopes: ["order:read"] }) { key } }',
  );
  const till = new GraphQLClient(`${hub.url}/graphql`, {
    headers: { authorization: `Bearer ${createApiKey.key}` },
  });
  const seen = (await till.request<Answer>(QUERY)).orderByExternalId.routingDecisions[0]!.shipments;
  const events = tracking.events.map((event) => ({ ...event, text: '***' }));
  expect(seen).toMatchObject([{ tracking: { ...tracking, events } }]);
});
