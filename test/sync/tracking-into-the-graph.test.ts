import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { GraphQLClient } from 'graphql-request';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { paidOrder, seed } from '../support/routing/shop.ts';
import { startDhl, type DhlBed } from '../connectors/dhl/contract-server.ts';
import { takeBeside } from '../support/routing/import-from-another-process.ts';
import { httpClient } from '../support/client.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { startHub, type RunningHub } from '../support/hub.ts';
import { ownFolder } from '../support/own-folder.ts';
import { until } from '../support/until.ts';

const { folder: dataDir, remove } = ownFolder();
const folder = path.join(dataDir, 'import');
let database: TestDatabase;
let hub: RunningHub;
let dhl: DhlBed;
const start = () =>
  startHub({ databaseUrl: database.url, dataDir, environment: { DHL_KEY: dhl.secrets[0]! } });

beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  database = await createTestDatabase();
  await seed(database);
  dhl = await startDhl();
  const config = { ...(dhl.config as object), apiKey: { $env: 'DHL_KEY' }, carriers: ['VAN'] };
  const sources = [{ id: 'dhl', connector: 'dhl', config }];
  writeFileSync(path.join(dataDir, 'sources.json'), JSON.stringify({ sources }));
  hub = await start();
});
afterAll(async () => {
  await hub?.stop();
  await database?.drop();
  await dhl?.stop();
  remove();
});

interface Answer {
  orderByExternalId: {
    state: string;
    routingDecisions: { shipments: { id: string; tracking: object | null }[] }[];
  };
}
const QUERY = `query ($externalId: String!) { orderByExternalId(channel: "shop", externalId: $externalId) { state
  routingDecisions { shipments { id tracking { status deliveredAt asOf events { at status text place } } } } } }`;
const ask = <T>(query: string, variables?: object) => httpClient(hub).request<T>(query, variables);
const order = async (externalId: string) => (await ask<Answer>(QUERY, { externalId })).orderByExternalId;

/** An order that has left with a number. */
async function sent(externalId: string, trackingNumber: string): Promise<void> {
  await takeBeside(database.url, paidOrder(externalId, [['MUG', 1]]));
  await until(async () => (await order(externalId)).state === 'ROUTED');
  const [shipment] = (await order(externalId)).routingDecisions[0]!.shipments;
  expect(shipment).toMatchObject({ tracking: null });
  await ask(
    `mutation ($id: ID!, $number: String!) { recordFulfilment(input: { idempotencyKey: $number, shipmentId: $id,
      answer: SHIPPED, trackingNumber: $number }) { __typename } }`,
    { id: shipment!.id, number: trackingNumber },
  );
}

test('a carrier is asked where a parcel is, and says that it has arrived', async () => {
  dhl.shipments.set('DHL1', [
    {
      id: 'DHL1',
      service: 'express',
      events: [{ timestamp: '2026-11-24T12:00:00Z', statusCode: 'delivered', description: 'Done' }],
    },
  ]);
  await sent('ASKED-1', 'DHL1');
  // Parcels are looked for once a minute: this one is there at the first look after a start.
  await hub.terminate();
  hub = await start();
  await until(async () => (await order('ASKED-1')).state === 'DELIVERED');
  expect((await order('ASKED-1')).routingDecisions[0]!.shipments).toMatchObject([
    { tracking: { status: 'DELIVERED', events: [{ status: 'DELIVERED', text: 'Done' }] } },
  ]);
});

test('what a file says of a parcel stands on its shipment; its text only for those who may know people', async () => {
  await sent('GRAPH-1', 'SF1');
  writeFileSync(
    path.join(folder, 'tracking.csv'),
    '运单号,时间,状态,描述,地点\nSF1,2026-11-24 09:30,派送中,派送中,杭州市\nSF1,2026-11-24 12:00,已签收,已签收：张三,\n',
  );
  await until(async () => (await order('GRAPH-1')).state === 'DELIVERED');
  const tracking = {
    status: 'DELIVERED',
    deliveredAt: '2026-11-24T04:00:00.000Z',
    asOf: expect.any(String),
    events: [
      { at: '2026-11-24T01:30:00.000Z', status: 'OUT_FOR_DELIVERY', text: '派送中', place: '杭州市' },
      { at: '2026-11-24T04:00:00.000Z', status: 'DELIVERED', text: '已签收：张三', place: null },
    ],
  };
  expect((await order('GRAPH-1')).routingDecisions[0]!.shipments).toMatchObject([{ tracking }]);

  const { createApiKey } = await ask<{ createApiKey: { key: string } }>(
    'mutation { createApiKey(input: { name: "till", partner: "till", scopes: ["order:read"] }) { key } }',
  );
  const till = new GraphQLClient(`${hub.url}/graphql`, {
    headers: { authorization: `Bearer ${createApiKey.key}` },
  });
  const seen = (await till.request<Answer>(QUERY, { externalId: 'GRAPH-1' })).orderByExternalId
    .routingDecisions[0]!.shipments;
  const events = tracking.events.map((event) => ({ ...event, text: '***' }));
  expect(seen).toMatchObject([{ tracking: { ...tracking, events } }]);
});
