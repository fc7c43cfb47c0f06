import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { httpClient } from '../client.ts';
import { createTestDatabase } from '../database.ts';
import { startHub } from '../hub.ts';
import { ownFolder } from '../own-folder.ts';
import { until } from '../until.ts';
import { signedPush } from './signed-push.ts';

/** Carries parcels anywhere. */
const VAN = {
  code: 'VAN',
  type: 'standard',
  zones: [
    {
      match: 'ANY',
      baseMinor: 800,
      baseGrams: 1_000,
      perStepMinor: 100,
      transitDaysP50: 1,
      transitDaysP90: 2,
    },
  ],
  step_grams: 1_000,
  volumetric_divisor: 6_000,
  rounding_grams: 100,
  temperature: ['AMBIENT'],
  currency: 'CNY',
};

/** A hub as a process of its own, with 20 units of A-1 in a warehouse, a carrier and a shop in its `sources.json`. */
export interface ShopHub {
  ask<T>(query: string, variables?: object): Promise<T>;
  /** As the shop's extension does it. @returns the status of the answer */
  push(stream: string, id: string): Promise<number>;
  /** Order numbers of the shop's channel with their states. */
  states(): Promise<Record<string, string>>;
  /** Keeps so many units of A-1 for the shop. */
  keepForShop(units: number): Promise<void>;
  /** kill -9; another process takes over when `meanwhile` is done. */
  killed<T>(meanwhile: () => Promise<T>): Promise<T>;
  stop(): Promise<void>;
}

/** @param environment holds the secrets that `config` refers to */
export async function startShopHub(
  connector: string,
  config: Record<string, unknown>,
  { secret, ...environment }: { secret: string } & Record<string, string>,
): Promise<ShopHub> {
  const { folder: dataDir, remove } = ownFolder();
  furnish(dataDir, { ...config, channel: 'web', webhookSecret: { $env: 'HINTS_SECRET' } }, connector);
  const database = await createTestDatabase();
  const start = () =>
    startHub({
      dataDir,
      databaseUrl: database.url,
      environment: { ...environment, HINTS_SECRET: secret },
    });
  let hub = await start();
  await until(async () => {
    const [row] = await database.query<{ count: number }>('select count(*)::int as count from stock_level');
    return row!.count === 1;
  });
  const ask = <T>(query: string, variables?: object) => httpClient(hub).request<T>(query, variables);
  return {
    ask,
    async push(stream, id) {
      const { headers, body } = signedPush(secret, [{ stream, recordIds: [id] }]);
      return (await fetch(`${hub.url}/hooks/web-shop`, { method: 'POST', headers, body })).status;
    },
    async states() {
      const { orders } = await ask<{ orders: { nodes: { externalId: string; state: string }[] } }>(
        '{ orders(channel: "web") { nodes { externalId state } } }',
      );
      return Object.fromEntries(orders.nodes.map(({ externalId, state }) => [externalId, state]));
    },
    async keepForShop(units) {
      await ask(
        'mutation($input: SetChannelQuotasInput!) { setChannelQuotas(input: $input) { atp { quantity } } }',
        {
          input: { idempotencyKey: randomUUID(), channel: 'web', lines: [{ sku: 'A-1', exclusive: units }] },
        },
      );
    },
    async killed(meanwhile) {
      await hub.kill();
      const done = await meanwhile();
      hub = await start();
      return done;
    },
    async stop() {
      await hub.stop();
      await database.drop();
      remove();
    },
  };
}

function furnish(dataDir: string, config: Record<string, unknown>, connector: string): void {
  const folder = path.join(dataDir, 'import');
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    path.join(folder, 'skus.csv'),
    '商品编码,商品名称,重量,长,宽,高,温层\nA-1,卫衣,650g,32cm,26cm,6cm,常温\n',
  );
  writeFileSync(
    path.join(folder, 'nodes.csv'),
    '节点编码,节点名称,类型,省份,城市,纬度,经度,日处理单量,温层,自提,大件,截单时间,备用仓,操作费\n' +
      'WH-1,上海仓,自营仓,上海,上海,31.23,121.47,900单,常温,否,否,16:00,,2.00元\n',
  );
  writeFileSync(path.join(folder, 'stock-levels.csv'), '商品编码,仓库编码,在库数量\nA-1,WH-1,20\n');
  writeFileSync(path.join(folder, 'carrier-services.jsonl'), `${JSON.stringify(VAN)}\n`);
  // Polled once an hour: within a test, news come by pushes, and at a start.
  const source = { id: 'web-shop', connector, pollSeconds: 3_600, config };
  writeFileSync(path.join(dataDir, 'sources.json'), JSON.stringify({ sources: [source] }));
}
