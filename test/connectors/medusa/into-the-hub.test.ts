import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { until } from '../../support/until.ts';
import { startShopHub, type ShopHub } from '../../support/connectors/shop-hub.ts';
import { SECRET } from './config-of.ts';
import { ContractShop } from './contract-shop.ts';

let shop: ContractShop;
let hub: ShopHub;

beforeAll(async () => {
  shop = await new ContractShop().listen();
  const config = { url: shop.url, apiKey: { $env: 'MEDUSA_KEY' } };
  hub = await startShopHub('medusa', config, { secret: SECRET, MEDUSA_KEY: shop.apiKey });
});
afterAll(async () => {
  await hub?.stop();
  shop?.server.close();
});

const sellable = async () => {
  const { stocked, reserved } = await shop.stockOf('A-1');
  return stocked - reserved;
};

interface OrderNow {
  externalId: string;
  state: string;
  tickets: { externalId: string; status: string }[];
  returns: { externalId: string; status: string }[];
}
const orderNow = async (number: string) => {
  const { orders } = await hub.ask<{ orders: { nodes: OrderNow[] } }>(
    `{ orders(channel: "web") { nodes {
         externalId state tickets { externalId status } returns { externalId status } } } }`,
  );
  return orders.nodes.find(({ externalId }) => externalId === number);
};

it('takes orders and what follows them in, and writes the channel’s share back through a kill', async () => {
  const first = (await shop.place({ 'A-1': 2 }))!;
  expect(await hub.push('orders', first.id)).toBe(200);
  await until(async () => first.number in (await hub.states()));
  await hub.keepForShop(6);
  const share = 4; // two are the first order's
  await until(async () => (await sellable()) === share);

  const second = await hub.killed(async () => (await shop.place({ 'A-1': 1 }))!);
  await until(async () => second.number in (await hub.states()));
  await until(async () => (await sellable()) === share - 1);

  // Paid back before it has left, it is free again.
  await shop.refund(second, second.total);
  expect(await hub.push('refunds', second.id)).toBe(200);
  await until(async () => (await sellable()) === share);

  await shop.pack(first);
  await shop.deliver(first);
  const returned = await shop.requestReturn(first, 'A-1', 1);
  const claim = await shop.claim(first, 'A-1', 1);
  await hub.push('orders', first.id);
  await hub.push('returns', returned);
  await hub.push('claims', claim);
  await until(async () => {
    const order = await orderNow(first.number);
    return order?.state === 'DELIVERED' && order.tickets.length > 0 && order.returns.length > 0;
  });
  expect(await orderNow(first.number)).toMatchObject({
    tickets: [{ externalId: claim, status: 'OPEN' }],
    returns: [{ externalId: returned, status: 'REQUESTED' }],
  });
  const { stockAudit, deadLetters } = await hub.ask<{
    stockAudit: { consistent: boolean };
    deadLetters: { nodes: unknown[] };
  }>('{ stockAudit { consistent } deadLetters(first: 5) { nodes { reason } } }');
  expect(stockAudit.consistent).toBe(true);
  expect(deadLetters.nodes).toEqual([]);
});

it('tells the shop of a parcel when it leaves', async () => {
  const order = (await shop.place({ 'A-1': 1 }))!;
  expect(await hub.push('orders', order.id)).toBe(200);
  await until(async () => (await hub.states())[order.number] === 'ROUTED');
  const shipment = await plannedShipment(order.number);
  await hub.ask(
    `mutation($input: RecordFulfilmentInput!) { recordFulfilment(input: $input) { __typename } }`,
    { input: { idempotencyKey: 'ship', shipmentId: shipment, answer: 'SHIPPED', trackingNumber: 'SF1' } },
  );
  await until(async () => (await shop.parcelsOf(order)).some(({ isShipped }) => isShipped));
  expect(await shop.parcelsOf(order)).toMatchObject([
    {
      metadata: { orderweave_key: shipment },
      trackingNumbers: ['SF1'],
      units: { [order.lines['A-1']!.id]: 1 },
    },
  ]);
});

async function plannedShipment(number: string): Promise<string> {
  const { orderByExternalId: order } = await hub.ask<{
    orderByExternalId: { routingDecisions: { shipments: { id: string }[] }[] };
  }>(
    `{ orderByExternalId(channel: "web", externalId: "${number}") { routingDecisions { shipments { id } } } }`,
  );
  return order.routingDecisions[0]!.shipments[0]!.id;
}
