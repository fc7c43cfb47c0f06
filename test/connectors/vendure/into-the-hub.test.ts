import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { until } from '../../support/until.ts';
import { startShopHub, type ShopHub } from '../../support/connectors/shop-hub.ts';
import { ContractShop } from './contract-shop.ts';

const SECRET = `whsec_${Buffer.from('a secret for the hub as a process').toString('base64')}`;
let shop: ContractShop;
let hub: ShopHub;

beforeAll(async () => {
  shop = await new ContractShop().listen();
  const config = { url: shop.url, apiKey: { $env: 'VENDURE_KEY' }, openOrders: { everySeconds: 0 } };
  hub = await startShopHub('vendure', config, { secret: SECRET, VENDURE_KEY: shop.apiKey });
});
afterAll(async () => {
  await hub?.stop();
  shop?.server.close();
});

const sellable = async () => {
  const { onHand, allocated } = await shop.stockOf('A-1');
  return onHand - allocated;
};

it('takes orders in, writes the channel’s share back, and loses nothing when it is killed', async () => {
  const first = (await shop.place({ 'A-1': 2 }))!;
  expect(await hub.push('orders', first.id)).toBe(200);
  await until(async () => first.code in (await hub.states()));
  await hub.keepForShop(6);
  await until(async () => (await sellable()) < 20);
  const share = await sellable();

  const more = await hub.killed(async () => [
    (await shop.place({ 'A-1': 1 }))!,
    (await shop.place({ 'A-1': 1 }))!,
  ]);
  await until(async () => {
    const found = await hub.states();
    return more.every(({ code }) => code in found);
  });
  await until(async () => (await sellable()) === share - 2);

  await shop.moveFulfilment(await shop.pack(first), 'Shipped');
  expect(await hub.push('orders', first.id)).toBe(200);
  await until(async () => (await hub.states())[first.code] === 'SHIPPED');
  const { stockAudit } = await hub.ask<{ stockAudit: { consistent: boolean } }>(
    '{ stockAudit { consistent } }',
  );
  expect(stockAudit.consistent).toBe(true);
});
