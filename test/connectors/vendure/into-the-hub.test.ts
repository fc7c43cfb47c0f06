import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { httpClient } from '../../support/client.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { startHub, type RunningHub } from '../../support/hub.ts';
import { Webhook } from 'standardwebhooks';
import { until } from '../../support/until.ts';
import { ContractShop } from './contract-shop.ts';

/** A hub as a process of its own, with a shop in its `sources.json`: orders come in, stock goes out, through a kill. */
const SECRET = `whsec_${Buffer.from('a secret for the hub as a process').toString('base64')}`;
const dataDir = path.resolve(
  import.meta.dirname,
  '../../../.cache/test-hubs',
  randomBytes(6).toString('hex'),
);
const environment = { VENDURE_KEY: 'contract:key', HINTS_SECRET: SECRET };
let shop: ContractShop;
let database: TestDatabase;
let hub: RunningHub;

const start = async () => startHub({ dataDir, databaseUrl: database.url, environment });

beforeAll(async () => {
  shop = await new ContractShop().listen();
  const folder = path.join(dataDir, 'import');
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'skus.csv'), '商品编码,商品名称\nA-1,卫衣\n');
  writeFileSync(
    path.join(folder, 'nodes.csv'),
    '节点编码,节点名称,类型,城市,省份,温层\nWH-1,上海仓,仓库,上海,上海,常温\n',
  );
  writeFileSync(path.join(folder, 'stock-levels.csv'), '商品编码,仓库编码,在库数量\nA-1,WH-1,20\n');
  const config = {
    url: shop.url,
    apiKey: { $env: 'VENDURE_KEY' },
    webhookSecret: { $env: 'HINTS_SECRET' },
    channel: 'web',
    openOrders: { everySeconds: 0 },
  };
  // Polled once an hour: within this test, news come by pushes, and at a start.
  const source = { id: 'web-shop', connector: 'vendure', pollSeconds: 3_600, config };
  writeFileSync(path.join(dataDir, 'sources.json'), JSON.stringify({ sources: [source] }));
  database = await createTestDatabase();
  hub = await start();
});
afterAll(async () => {
  await hub?.stop();
  await database?.drop();
  shop?.server.close();
  rmSync(dataDir, { recursive: true, force: true });
});

const ask = <T>(query: string, variables?: object) => httpClient(hub).request<T>(query, variables);
const states = async (): Promise<Record<string, string>> => {
  const { orders } = await ask<{ orders: { nodes: { externalId: string; state: string }[] } }>(
    '{ orders(channel: "web") { nodes { externalId state } } }',
  );
  return Object.fromEntries(orders.nodes.map(({ externalId, state }) => [externalId, state]));
};
const sellable = async () => {
  const { onHand, allocated } = await shop.stockOf('A-1');
  return onHand - allocated;
};
/** As the plugin does it. */
async function push(id: string): Promise<number> {
  const body = JSON.stringify({ hints: [{ stream: 'orders', recordIds: [id] }] });
  const [now, message] = [new Date(), `msg_${randomUUID()}`];
  const headers = {
    'webhook-id': message,
    'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
    'webhook-signature': new Webhook(SECRET).sign(message, now, body),
  };
  return (await fetch(`${hub.url}/hooks/web-shop`, { method: 'POST', headers, body })).status;
}

it('takes orders in, writes the channel’s share back, and loses nothing when it is killed', async () => {
  await until(async () => {
    const [row] = await database.query<{ count: number }>('select count(*)::int as count from stock_level');
    return row!.count === 1;
  });
  const first = (await shop.place({ 'A-1': 2 }))!;
  expect(await push(first.id)).toBe(200);
  await until(async () => first.code in (await states()));
  await ask(
    'mutation($input: SetChannelQuotasInput!) { setChannelQuotas(input: $input) { atp { quantity } } }',
    { input: { idempotencyKey: randomUUID(), channel: 'web', lines: [{ sku: 'A-1', exclusive: 6 }] } },
  );
  await until(async () => (await sellable()) < 20);
  const share = await sellable();

  await hub.kill();
  const second = (await shop.place({ 'A-1': 1 }))!;
  const third = (await shop.place({ 'A-1': 1 }))!;
  hub = await start();
  await until(async () => {
    const found = await states();
    return [second, third].every(({ code }) => code in found);
  });
  await until(async () => (await sellable()) === share - 2);

  await shop.moveFulfilment(await shop.pack(first), 'Shipped');
  expect(await push(first.id)).toBe(200);
  await until(async () => (await states())[first.code] === 'SHIPPED');
  const { stockAudit } = await ask<{ stockAudit: { consistent: boolean } }>('{ stockAudit { consistent } }');
  expect(stockAudit.consistent).toBe(true);
});
