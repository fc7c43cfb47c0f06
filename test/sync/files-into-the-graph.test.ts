import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { appendFileSync, copyFileSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { generateSampleShop, type SampleShopManifest } from '../../connectors/files/sample-shop/index.ts';
import { httpClient } from '../support/client.ts';
import { startHub, type RunningHub } from '../support/hub.ts';
import { ownFolder } from '../support/own-folder.ts';
import { until } from '../support/until.ts';

/** The whole way of a merchant's export: dropped into the folder, read, mapped, linked, shown, repaired. */
const { folder: dataDir, remove } = ownFolder();
const folder = path.join(dataDir, 'import');
/** Every mapping that ships is a stream. */
const STREAMS = readdirSync(path.resolve(import.meta.dirname, '../../connectors/files/mappings')).length;
let manifest: SampleShopManifest;
let hub: RunningHub;

const ask = <T>(query: string, variables?: object) => httpClient(hub).request<T>(query, variables);
interface Letter {
  id: string;
  origin: string;
  reason: string;
  attempts: number;
}
const deadLetters = async (): Promise<Letter[]> =>
  (
    await ask<{ deadLetters: { nodes: Letter[] } }>(
      '{ deadLetters(first: 100) { nodes { id origin reason attempts } } }',
    )
  ).deadLetters.nodes;
const total = async (table: string) => {
  const [row] = await query<{ count: number }>(`select count(*)::int as count from ${table}`);
  return row!.count;
};
let query: <Row extends object>(text: string) => Promise<Row[]>;

beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  manifest = await generateSampleShop({ folder, anchor: new Date('2026-11-22T04:00:00Z') });
  hub = await startHub({ dataDir });
  const { default: pg } = await import('pg');
  const pool = new pg.Pool({ connectionString: hub.databaseUrl });
  pool.on('error', () => undefined);
  query = async (text) => (await pool.query(text)).rows as never;
  endPool = () => pool.end();
  await until(async () => {
    const { connectors } = await ask<{
      connectors: { streams: { name: string; lastReadAt: string | null }[] }[];
    }>('{ connectors { streams { name lastReadAt } } }');
    return connectors[0]!.streams.filter(({ lastReadAt }) => lastReadAt).length === STREAMS;
  });
});
let endPool: () => Promise<void>;
afterAll(async () => {
  await endPool?.();
  await hub?.stop();
  remove();
});

test('everything sound is in the graph, and exactly the broken rows are dead letters', async () => {
  expect(await total('sku')).toBe(manifest.expected.skus);
  expect(await total('node')).toBe(manifest.expected.nodes);
  expect(await total('sales_order')).toBe(manifest.expected.orders);
  expect(await total('ticket')).toBe(manifest.expected.tickets);
  const letters = await deadLetters();
  const broken = manifest.expected.brokenRows.map(
    ({ file, row }) => `${file} ${file.endsWith('.jsonl') ? 'line' : 'row'} ${row}`,
  );
  expect(letters.map(({ origin }) => origin).sort()).toEqual(broken.sort());
  expect(letters.every(({ reason }) => reason.length > 5)).toBe(true);
  const { stockAudit } = await ask<{ stockAudit: { consistent: boolean } }>('{ stockAudit { consistent } }');
  expect(stockAudit.consistent).toBe(true);
});

test('a customer is assembled from CRM, the orders of four channels, tickets and returns', async () => {
  const { screenPop } = await ask<{
    screenPop: {
      customer: {
        orders: { nodes: { channel: string }[] };
        tickets: { nodes: object[] };
        sources: { source: string }[];
      };
    };
  }>(
    `query ($phone: String!) { screenPop(phone: $phone) { customer {
      orders(first: 100) { nodes { channel } } tickets { nodes { id } } sources { source } } } }`,
    { phone: manifest.caller.phone },
  );
  const { orders, tickets, sources } = screenPop.customer;
  expect(orders.nodes).toHaveLength(manifest.caller.orders.length);
  expect(new Set(orders.nodes.map(({ channel }) => channel))).toEqual(
    new Set(['douyin', 'jd', 'tmall', 'store']),
  );
  expect(tickets.nodes.length).toBeGreaterThan(0);
  expect(sources.map(({ source }) => source)).toEqual(
    expect.arrayContaining(['crm-customers', 'orders-jd', 'tickets']),
  );
});

test('a changed file is synchronised by itself, and nothing is taken twice', async () => {
  const orders = await total('sales_order');
  const tickets = await total('ticket');
  const line = readFileSync(path.join(folder, 'tickets.jsonl'), 'utf8').split('\n')[0]!;
  const ticket = JSON.parse(line) as Record<string, unknown>;
  const idField = Object.keys(ticket).find((name) => ticket[name] === Object.values(ticket)[0])!;
  appendFileSync(
    path.join(folder, 'tickets.jsonl'),
    `${JSON.stringify({ ...ticket, [idField]: 'T-NEW' })}\n`,
  );
  await until(async () => (await total('ticket')) === tickets + 1);
  expect(await total('sales_order')).toBe(orders);
  expect(await deadLetters()).toHaveLength(manifest.expected.brokenRows.length);
});

test('a mended row is no dead letter any more', async () => {
  const letter = (await deadLetters()).find(({ origin }) => origin.startsWith('inbound-purchase-orders.csv'));
  const file = path.join(folder, 'inbound-purchase-orders.csv');
  const mended = path.join(dataDir, 'mended.csv');
  writeFileSync(mended, readFileSync(file, 'utf8').replace('下周三', '2026-12-02'));
  copyFileSync(mended, file);
  await until(async () => !(await deadLetters()).some(({ origin }) => origin === letter!.origin));
});

test('what cannot be taken yet is kept, and taken on a retry once its cause is mended', async () => {
  appendFileSync(
    path.join(folder, 'stock-levels.csv'),
    readFileSync(path.join(folder, 'stock-levels.csv'), 'utf8')
      .split(/\r?\n/)[1]!
      .replace(/^[^,]*/, 'LATE-SKU') + '\r\n',
  );
  await until(async () => (await deadLetters()).some(({ reason }) => reason.includes('LATE-SKU')));
  const letter = (await deadLetters()).find(({ reason }) => reason.includes('LATE-SKU'))!;
  const retry = () =>
    ask<{ retryDeadLetters: { resolved: number; remaining: Letter[] } }>(
      `mutation ($ids: [ID!]!) { retryDeadLetters(input: { ids: $ids }) { resolved remaining { id attempts } } }`,
      { ids: [letter.id] },
    );
  expect((await retry()).retryDeadLetters).toMatchObject({ resolved: 0, remaining: [{ id: letter.id }] });
  await query(`insert into sku (code, title) values ('LATE-SKU', 'Late')`);
  expect((await retry()).retryDeadLetters).toMatchObject({ resolved: 1, remaining: [] });
});
