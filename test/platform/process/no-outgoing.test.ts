import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { httpClient } from '../../support/client.ts';
import { onServer } from '../../support/database.ts';
import { ownFolder } from '../../support/own-folder.ts';
import { startHub, type RunningHub } from '../../support/hub.ts';
import { connect } from '../../support/inventory/engine.ts';
import { until } from '../../support/until.ts';
import { SECRET_KEY } from '../../support/webhooks/fixture.ts';
import { startReceiver, type Receiver } from '../../support/webhooks/receiver.ts';

/** A hub that lives, and a copy of its database beside it, as from a backup that is tried out. */
const server = process.env.TEST_DATABASE_SERVER!;
const ADMIN_KEY = `test-${randomUUID()}`;
const hubs: RunningHub[] = [];
const databases: string[] = [];
let receiver: Receiver;
const shops: { calls: number; url: string; server: Server }[] = [];
const folders: ReturnType<typeof ownFolder>[] = [];

beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(async () => {
  await Promise.all(hubs.map((hub) => hub.stop()));
  for (const name of databases) await onServer(server, `drop database if exists ${name} with (force)`);
  await receiver.close();
  for (const shop of shops) shop.server.close();
  for (const { remove } of folders) remove();
});

async function createDatabase(template: string): Promise<string> {
  const name = `orderweave_test_${randomBytes(6).toString('hex')}`;
  databases.push(name);
  await onServer(server, `create database ${name} template ${template}`);
  return name;
}

const addressOf = (name: string) => {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
};

async function query<Row extends object>(name: string, text: string): Promise<Row[]> {
  const client = await connect(addressOf(name));
  const { rows } = await client.query<Row>(text);
  await client.end();
  return rows;
}

/** A shop that counts who asks. */
async function startShop() {
  const shop = { calls: 0, url: '', server: createServer() };
  shop.server.on('request', (_request, response) => {
    shop.calls += 1;
    response.writeHead(503).end();
  });
  shop.server.listen(0, '127.0.0.1');
  await once(shop.server, 'listening');
  shop.url = `http://127.0.0.1:${(shop.server.address() as AddressInfo).port}/`;
  shops.push(shop);
  return shop;
}

/** A data folder with a source and a file to import. */
function furnish(url: string): string {
  const own = ownFolder();
  folders.push(own);
  const config = { url, apiKey: { $env: 'SHOP_KEY' }, channel: 'web' };
  const sources = [{ id: 'shop', connector: 'vendure', pollSeconds: 5, config }];
  writeFileSync(path.join(own.folder, 'sources.json'), JSON.stringify({ sources }));
  mkdirSync(path.join(own.folder, 'import'));
  writeFileSync(
    path.join(own.folder, 'import/skus.csv'),
    '商品编码,商品名称,重量,长,宽,高,温层\nFROM-FILE,卫衣,650g,32cm,26cm,6cm,常温\n',
  );
  return own.folder;
}

async function start(name: string, dataDir: string, environment: Record<string, string> = {}) {
  const hub = await startHub({
    databaseUrl: addressOf(name),
    dataDir,
    adminKey: ADMIN_KEY,
    environment: {
      HUB_SECRET_KEY: SECRET_KEY,
      HUB_WEBHOOK_TARGETS: 'any',
      SHOP_KEY: 'shop-key-0123456789',
      ...environment,
    },
  });
  hubs.push(hub);
  return hub;
}

async function reserve(hub: RunningHub): Promise<string> {
  const { reserve: made } = await httpClient(hub).request<{ reserve: { id: string } }>(
    'mutation ($input: ReserveInput!) { reserve(input: $input) { ... on Reservation { id } } }',
    {
      input: {
        idempotencyKey: randomUUID(),
        channel: 'jd',
        reference: randomUUID(),
        lines: [{ sku: 'S0', quantity: 1 }],
      },
    },
  );
  return made.id;
}

const wasTold = (id: string) =>
  receiver.received.some(({ data }) => (data.reservation as { id: string }).id === id);

test('a restored copy without outgoing effects sends, reads and writes nothing, until it may', async () => {
  const living = await createDatabase('orderweave_test_template');
  await query(
    living,
    `insert into channel (code, name, pool) values ('jd', 'JD', 'MAIN');
     insert into node (code, name, kind, city, pool) values ('WH', 'WH', 'WAREHOUSE', 'Shanghai', 'MAIN');
     insert into sku (code, title) values ('S0', 'S0')`,
  );
  const [livingShop, copiedShop] = [await startShop(), await startShop()];
  const livingFolder = furnish(livingShop.url);
  const first = await start(living, livingFolder);
  await httpClient(first).request(
    `mutation ($input: CreateWebhookEndpointInput!) { createWebhookEndpoint(input: $input) { secret } }`,
    { input: { description: 'a partner', url: receiver.url, eventTypes: ['reservation.created'] } },
  );
  await httpClient(first).request(
    'mutation ($input: AdjustStockInput!) { adjustStock(input: $input) { __typename } }',
    { input: { idempotencyKey: 'k', node: 'WH', reason: 'count', lines: [{ sku: 'S0', counted: 9 }] } },
  );
  await first.terminate();
  await query(living, `delete from connector_stream; delete from sku where code = 'FROM-FILE'`);
  livingShop.calls = 0;

  const restored = await createDatabase(living);
  const copyFolder = furnish(copiedShop.url);
  const copy = await start(restored, copyFolder, { HUB_OUTGOING: 'off' });
  const onCopy = await reserve(copy);
  await query(
    restored,
    `insert into source_write (id, connector, kind, subject, payload, queued_at, due_at)
     values (gen_random_uuid(), 'shop', 'FULFILMENT', 's', '{}', hub_now(), hub_now())`,
  );

  // The hub that lives does all of it meanwhile, in the same time.
  const alive = await start(living, livingFolder);
  const onLiving = await reserve(alive);
  const imported = (name: string) => query(name, `select 1 from sku where code = 'FROM-FILE'`);
  await until(async () => wasTold(onLiving) && livingShop.calls > 1 && (await imported(living)).length === 1);

  expect(wasTold(onCopy)).toBe(false);
  expect(copiedShop.calls).toBe(0);
  expect(await imported(restored)).toEqual([]);
  expect(await query(restored, 'select state, attempts from source_write')).toEqual([
    { state: 'PENDING', attempts: 0 },
  ]);
  expect(await query(restored, 'select state, attempts from webhook_delivery')).toEqual([
    { state: 'PENDING', attempts: 0 },
  ]);

  await copy.terminate();
  await start(restored, copyFolder);
  await until(async () => wasTold(onCopy) && copiedShop.calls > 0 && (await imported(restored)).length === 1);
});
