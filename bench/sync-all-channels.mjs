import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { cpus, loadavg } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { connectOrm } from '../dist/src/platform/database/database.js';
import { startChangeBus } from '../dist/src/platform/bus/index.js';
import { idempotencyOf } from '../dist/src/platform/api/idempotency.js';
import { createLogger } from '../dist/src/platform/process/log.js';
import { databaseModel } from '../dist/src/model.js';
import { recordImporters } from './record-importers.mjs';
import { AtpFeed, GroupCommit, StockEngine, availabilitySource } from '../dist/src/inventory/index.js';
import { ConnectorRuntime } from '../dist/src/sync/index.js';
import { openChannel } from './sync/channel-connector.mjs';
import { freshDatabase } from './reserve/postgres.mjs';

/**
 * Small seller, large seller: how long it takes from an empty hub until every channel's products are read and every
 * channel has been told its stock; then, while orders come in, how long from the commit until the channel's API is called
 * with the new number, and whether the last number told is the right one.
 * `node bench/sync-all-channels.mjs [SKUs] [channels] [latency ms] [calls a second] [seconds of orders] [orders a second]`
 */
const [skus = 10_000, channels = 4, latencyMs = 120, rate = 10, seconds = 20, ordersASecond = 50] =
  process.argv.slice(2).map(Number);
const KEPT = 100;
const log = createLogger('error');
const codes = Array.from({ length: channels }, (_, index) => `channel-${index + 1}`);
const server = path.join(import.meta.dirname, 'sync', 'channel-server.mjs');

const database = await freshDatabase();
const orm = await connectOrm(database.url, databaseModel);
const bus = await startChangeBus({ nats: undefined, databaseUrl: database.url }, log);
const feed = new AtpFeed(bus, availabilitySource(orm.em), log);
const committer = new GroupCommit(database.url, log, ({ changed }) => feed.publish(changed));
const engine = new StockEngine((submission) => committer.submit(submission));
/** By channel and SKU: the newest number told, and when the API was called with it. */
const told = new Map();
const children = [];
const runtimes = [];
try {
  console.log(
    `${skus} SKUs, ${channels} channels, ${latencyMs} ms, ${rate} calls a second each; load ${loadavg()[0].toFixed(1)}`,
  );
  console.log(
    `PostgreSQL ${database.version}, Node ${process.version}, ${cpus().length} × ${cpus()[0].model}`,
  );
  await preparePlaces();
  for (const channel of codes) runtimes.push(await startRuntime(channel));
  await fromCold();
  await whileOrdersCome();
} finally {
  for (const runtime of runtimes) await runtime.stop();
  for (const child of children) child.kill();
  await committer.close();
  await feed.close();
  await bus.close();
  await orm.close();
  await database.stop();
}

async function preparePlaces() {
  await database.query(
    `insert into channel (code, name, pool, sells_from) select code, code, 'MAIN', 'ESCROW' from unnest($1::text[]) as code`,
    [codes],
  );
  await database.query(
    `insert into node (code, name, kind, city, pool) values ('WH', 'Warehouse', 'WAREHOUSE', 'Shanghai', 'MAIN')`,
  );
}

async function startRuntime(channel) {
  const child = fork(server, [skus, latencyMs, rate].map(String));
  children.push(child);
  const [{ port }] = await once(child, 'message');
  child.on('message', ({ at, told: some }) => {
    for (const { sku, quantity } of some) told.set(`${channel} ${sku}`, { at, quantity });
  });
  return new ConnectorRuntime({
    id: channel,
    kind: 'COMMERCE',
    source: openChannel({ url: `http://127.0.0.1:${port}`, channel, rate }),
    em: orm.em,
    bus,
    importers: recordImporters(engine, () => undefined),
    log,
    rawDays: 30,
  });
}

/** Products are read; what is in the warehouse is counted and kept for the channels; the channels are told. */
async function fromCold() {
  const began = performance.now();
  await Promise.all(runtimes.map((runtime) => runtime.sync()));
  const read = performance.now();
  await database.query(`insert into stock_level (sku, node, on_hand) select code, 'WH', 100000 from sku`);
  await database.query(
    `insert into stock_balance (sku, pool, on_hand, has_quotas) select code, 'MAIN', 100000, true from sku`,
  );
  await database.query(
    `insert into channel_quota (sku, pool, channel, exclusive)
     select sku.code, 'MAIN', channel.code, $1 from sku, channel`,
    [KEPT],
  );
  const counted = performance.now();
  for (const runtime of runtimes) await runtime.start();
  while (told.size < skus * channels) await delay(50);
  const done = performance.now();
  const s = (from, to) => ((to - from) / 1000).toFixed(1);
  console.log(
    `from cold: ${s(began, read)} s to read ${skus * channels} products, ${s(counted, done)} s to tell ` +
      `${skus * channels} stocks; ${s(began, read) * 1 + s(counted, done) * 1} s`,
  );
}

/** Orders of all channels for SKUs by Zipf, each paid. */
async function whileOrdersCome() {
  const delays = [];
  const expected = new Map();
  let orders = 0;
  const end = performance.now() + seconds * 1000;
  const waiting = [];
  while (performance.now() < end) {
    const channel = codes[orders % channels];
    const sku = `SKU-${String(Math.floor(skus ** Math.random())).padStart(5, '0')}`;
    const key = `${channel} ${sku}`;
    if ((expected.get(key) ?? 0) < KEPT) {
      orders += 1;
      expected.set(key, (expected.get(key) ?? 0) + 1);
      waiting.push(order(channel, sku).then((committed) => calledAfter(key, committed, delays)));
    }
    await delay(1000 / ordersASecond);
  }
  await Promise.all(waiting);
  delays.sort((a, b) => a - b);
  const at = (share) => delays[Math.floor(share * delays.length)];
  console.log(
    `${orders} orders in ${seconds} s: from the commit to the call of the channel's API, median ${at(0.5)} ms, ` +
      `p90 ${at(0.9)} ms, p99 ${at(0.99)} ms`,
  );
  // A call may have been under way with the number of just before; the one after it must follow.
  let wrong = await lastOnesThatAreWrong(expected);
  for (
    const patience = performance.now() + 5_000;
    wrong > 0 && performance.now() < patience;
    await delay(100)
  )
    wrong = await lastOnesThatAreWrong(expected);
  console.log(`of ${expected.size} numbers told last, ${wrong} are wrong; load ${loadavg()[0].toFixed(1)}`);
}

async function order(channel, sku) {
  const command = {
    type: 'takeOrder',
    channel,
    orderExternalId: randomUUID(),
    event: 'CONFIRM',
    lines: [{ sku, quantity: 1 }],
    shipFrom: [],
  };
  const actor = { partner: 'bench', name: 'bench', admin: true };
  await engine.takeOrder({
    command,
    actor,
    idempotency: idempotencyOf('takeOrder', { idempotencyKey: randomUUID() }),
  });
  return Date.now();
}

/** The first call about the SKU behind the commit. */
async function calledAfter(key, committed, delays) {
  while ((told.get(key)?.at ?? 0) < committed - 1) await delay(2);
  delays.push(Math.max(0, told.get(key).at - committed));
}

/** The counter is free + taken in, which orders do not change: it must still be what is kept. */
async function lastOnesThatAreWrong(expected) {
  const rows = await database.query('select connector, sku, free, taken_in from stock_publication');
  const published = new Map(rows.map((row) => [`${row.connector} ${row.sku}`, row]));
  return [...expected].filter(([key, count]) => {
    const { free, taken_in: takenIn } = published.get(key);
    return takenIn !== count || free !== KEPT - count || told.get(key).quantity !== KEPT;
  }).length;
}
