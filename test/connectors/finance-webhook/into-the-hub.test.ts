import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { httpClient } from '../../support/client.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { startHub, type RunningHub } from '../../support/hub.ts';
import { ownFolder } from '../../support/own-folder.ts';
import { until } from '../../support/until.ts';
import { refundTold, SECRET, signedHeaders } from './finance-system.ts';

/** A hub as a process of its own: a pushed refund frees stock once, whatever is repeated, refused or killed. */
const { folder: dataDir, remove } = ownFolder();
const ORDER = 'S-1001';
let database: TestDatabase;
let hub: RunningHub;

const start = () => startHub({ dataDir, databaseUrl: database.url, environment: { FINANCE_SECRET: SECRET } });

beforeAll(async () => {
  const folder = path.join(dataDir, 'import');
  mkdirSync(folder, { recursive: true });
  const files = {
    'skus.csv': '商品编码,商品名称\nA-1,卫衣\n',
    'nodes.csv': '节点编码,节点名称,类型,城市,省份,温层\nWH-1,上海仓,仓库,上海,上海,常温\n',
    'stock-levels.csv': '商品编码,仓库编码,在库数量\nA-1,WH-1,20\n',
    'orders-store.csv':
      '小票号,状态,开单时间,会员姓名,会员手机,合计,提货方式,门店,行号,商品条码,数量,单价\n' +
      `${ORDER},待取货,2026-11-25 10:00,林晓雨,13800138000,300.00,送货上门,上海静安店,1,A-1,6,50.00\n`,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
  // Polled once an hour: what is pushed must come by itself.
  const source = {
    id: 'finance',
    connector: 'finance-webhook',
    pollSeconds: 3_600,
    config: { secret: { $env: 'FINANCE_SECRET' } },
  };
  writeFileSync(path.join(dataDir, 'sources.json'), JSON.stringify({ sources: [source] }));
  database = await createTestDatabase();
  hub = await start();
});
afterAll(async () => {
  await hub?.stop();
  await database?.drop();
  remove();
});

const ask = <T>(query: string) => httpClient(hub).request<T>(query);
const free = async () => {
  const { availableToPromise } = await ask<{ availableToPromise: { quantity: number }[] }>(
    '{ availableToPromise(skus: ["A-1"]) { quantity } }',
  );
  return availableToPromise[0]?.quantity;
};
const refund = (refundNo: string, change: Record<string, unknown> = {}) =>
  JSON.stringify(
    refundTold(refundNo, {
      channel: 'store',
      order_no: ORDER,
      items: [{ line_id: `${ORDER}-1`, quantity: 1 }],
      ...change,
    }),
  );
const push = async (body: string, headers = signedHeaders(body)) =>
  (await fetch(`${hub.url}/hooks/finance`, { method: 'POST', headers, body })).status;
const taken = async () => {
  const [row] = await database.query<{ count: number }>(
    'select count(*)::int as count from push_hint where taken_at is not null',
  );
  return row!.count;
};
const reasons = async () => {
  const { deadLetters } = await ask<{ deadLetters: { nodes: { stream: string; reason: string }[] } }>(
    '{ deadLetters(first: 10) { nodes { stream reason } } }',
  );
  return deadLetters.nodes;
};

it('frees what a pushed refund names, once; a push of somebody else is refused', async () => {
  await until(async () => (await database.query('select from sku')).length === 1);
  await until(async () => (await free()) === 14);
  const body = refund('R-1');
  expect(await push(body, signedHeaders(body, new Date(), 'of somebody else 0123'))).toBe(401);
  const headers = signedHeaders(body);
  expect(await push(body, headers)).toBe(200);
  await until(async () => (await free()) === 15);
  // A replay is known as such; sent anew, it is another push of the same refund.
  expect(await push(body, headers)).toBe(200);
  expect(await push(body, signedHeaders(body, new Date(Date.now() - 60_000)))).toBe(200);
  await until(async () => (await taken()) === 2);
  expect(await free()).toBe(15);
});

it('loses no refund to a hub that is killed between its answer and taking it in', async () => {
  await ask('mutation { pauseConnector(id: "finance") { id } }');
  expect(await push(refund('R-2'))).toBe(200);
  await hub.kill();
  hub = await start();
  expect(await free()).toBe(15);
  await ask('mutation { resumeConnector(id: "finance") { id } }');
  await until(async () => (await free()) === 16);
});

it('keeps a refund of an order that nobody knows as a dead letter', async () => {
  expect(await push(refund('R-3', { order_no: 'S-9999' }))).toBe(200);
  await until(async () => (await reasons()).length === 1);
  expect(await reasons()).toEqual([
    { stream: 'refunds', reason: 'Order S-9999 of channel store does not exist.' },
  ]);
  const { stockAudit } = await ask<{ stockAudit: { consistent: boolean } }>('{ stockAudit { consistent } }');
  expect(stockAudit.consistent).toBe(true);
});
