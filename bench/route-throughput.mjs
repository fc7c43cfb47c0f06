import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { connectOrm } from '../dist/src/platform/database/database.js';
import { createLogger } from '../dist/src/platform/process/log.js';
import { databaseModel } from '../dist/src/model.js';
import { recordImporters } from './record-importers.mjs';
import { GroupCommit, StockEngine } from '../dist/src/inventory/index.js';
import { ensureStarterRules } from '../dist/src/routing/index.js';
import { freshDatabase } from './reserve/postgres.mjs';
import { linesOf, nodesOf, numbers, servicesOf, skusOf } from './route-throughput/shop.mjs';

/**
 * How late a live hub's event loop is while it routes orders of many lines over many nodes, and how many it routes in a
 * second. The orders are taken in before, held, and released at once; baseline of the same run: the same hub at rest.
 * The delay is what Node measures inside the hub's process (`monitorEventLoopDelay` at 1 ms, which is part of each figure).
 * With open shipments, that many others lie at the nodes already: the time of a decision must not grow with them.
 * `node bench/route-throughput.mjs [orders] [nodes] [lines] [units] [open shipments] [workers]`
 */
const [orders = 1_000, nodes = 50, lines = 20, units = 10, open = 0, workers = 1] = process.argv
  .slice(2)
  .map(Number);
const SKUS = 200;
const AT_REST_MS = 10_000;
const DEADLINE_MS = 1_800_000;
const root = path.resolve(import.meta.dirname, '..');
const next = numbers(1);
const database = await freshDatabase();
let hub;
try {
  const load = () => loadavg()[0].toFixed(1);
  console.log(
    `PostgreSQL ${database.version}, Node ${process.version}, ${cpus().length} × ${cpus()[0].model}, load ${load()}`,
  );
  console.log(
    `${orders} orders of ${lines} lines × ${units} units over ${nodes} nodes, ${open} open shipments, ${workers} worker(s)`,
  );
  await seed();
  hub = await startHub();
  await delay(AT_REST_MS / 5); // until it has started up
  await hub.lateness();
  await delay(AT_REST_MS);
  print('at rest', await hub.lateness());
  const began = performance.now();
  await database.query(`update sales_order set state = 'PAID' where state = 'HELD_FOR_REVIEW'`);
  await untilRouted(began);
  const seconds = (performance.now() - began) / 1000;
  print('routing', await hub.lateness());
  const [row] = await database.query(
    `select count(*) as decisions, count(*) filter (where outcome->>'method' = 'BOUNDED') as bounded,
       count(*) filter (where outcome->>'outcome' = 'PLANNED') as planned,
       percentile_cont(0.5) within group (order by duration_ms) as p50,
       percentile_cont(0.99) within group (order by duration_ms) as p99
     from routing_decision where status = 'FINAL' and decided_at > (select max(placed_at) from sales_order)`,
  );
  console.log(
    `${(orders / seconds).toFixed(1)} orders a second (${seconds.toFixed(1)} s); ${row.planned} of ${row.decisions} planned, ` +
      `${row.bounded} by the budget; a decision in its worker p50 ${row.p50.toFixed(0)} ms, p99 ${row.p99.toFixed(0)} ms; load ${load()}`,
  );
} finally {
  await hub?.stop();
  await database.stop();
}

function print(when, { p50, p99, max, memoryMb }) {
  const ms = (value) => `${value.toFixed(1)} ms`;
  console.log(
    `event loop ${when}: p50 ${ms(p50)}, p99 ${ms(p99)}, max ${ms(max)}; ${memoryMb.toFixed(0)} MB with its workers`,
  );
}

async function seed() {
  const [places, goods] = [nodesOf(nodes, next), skusOf(SKUS, next)];
  await database.query(`insert into channel (code, name, pool) values ('bench', 'Bench', 'MAIN')`);
  await database.query(
    `insert into node (code, name, kind, city, province, pool, handling_cost_minor, fallback_node)
     select code, code, kind, city, province, 'MAIN', "handlingCostMinor", null
     from jsonb_to_recordset($1::jsonb) as n (code text, kind text, city text, province text, "handlingCostMinor" int)`,
    [JSON.stringify(places)],
  );
  await database.query(
    `insert into sku (code, title, weight_grams, length_mm, width_mm, height_mm, temperature_class)
     select code, code, "weightGrams", "lengthMm", "widthMm", "heightMm", 'AMBIENT'
     from jsonb_to_recordset($1::jsonb)
       as s (code text, "weightGrams" int, "lengthMm" int, "widthMm" int, "heightMm" int)`,
    [JSON.stringify(goods)],
  );
  for (const service of servicesOf('CNY'))
    await database.query('insert into carrier_service (code, facts) values ($1, $2)', [
      service.code,
      JSON.stringify(service),
    ]);
  // Every node has three of five goods; a third of these nearly sold out.
  const levels = places.flatMap(({ code: node }) =>
    goods.flatMap(({ code: sku }) =>
      next() < 0.6
        ? [{ node, sku, units: next() < 0.3 ? 1 + Math.floor(next() * units) : 1_000 * units }]
        : [],
    ),
  );
  await database.query(
    `with given as (select * from jsonb_to_recordset($1::jsonb) as l (node text, sku text, units int)),
       level as (insert into stock_level (sku, node, on_hand) select sku, node, units from given),
       balance as (insert into stock_balance (sku, pool, on_hand) select sku, 'MAIN', sum(units) from given group by sku)
     insert into stock_movement (at, sku, pool, node, counter, delta, cause, actor)
     select hub_now(), sku, 'MAIN', node, 'ON_HAND', units, 'ADJUST', 'bench' from given`,
    [JSON.stringify(levels)],
  );
  await takeOrders(goods);
  if (open > 0) await openShipments();
}

async function takeOrders(goods) {
  const orm = await connectOrm(database.url, databaseModel);
  const committer = new GroupCommit(database.url, createLogger('error'), () => undefined);
  const importers = recordImporters(new StockEngine((command) => committer.submit(command)), () => undefined);
  const placedAt = new Date(Date.now() - 3_600_000).toISOString();
  const order = (index) => ({
    channel: 'bench',
    externalId: `B${index}`,
    state: 'PAID',
    placedAt,
    buyer: {},
    currency: 'CNY',
    totalMinor: 9_900,
    deliveryMethod: 'DELIVERY',
    shipTo: { province: '浙江', city: '杭州' },
    lines: linesOf(goods, lines, units, next).map(({ sku: { code }, quantity }, line) => ({
      externalId: `${line + 1}`,
      sku: code,
      quantity,
      unitPriceMinor: 100,
    })),
  });
  for (let index = 0; index < orders; index += 50) {
    const some = Array.from({ length: Math.min(50, orders - index) }, (_, at) => order(index + at));
    const { rejected } = await orm.em
      .fork()
      .transactional((em) => importers.order(em, some, { connector: 'files', stream: 'orders' }));
    if (rejected.length > 0) throw new Error(rejected[0].reason);
  }
  await committer.close();
  await orm.close();
  await database.query(`update sales_order set state = 'HELD_FOR_REVIEW'`);
}

/** As many orders that were routed before, whose shipments wait at the nodes. */
async function openShipments() {
  const orm = await connectOrm(database.url, databaseModel);
  await ensureStarterRules(orm.em.fork());
  await orm.close();
  await database.query(
    `insert into sales_order
     select (jsonb_populate_record(o, jsonb_build_object('id', gen_random_uuid(), 'external_id', 'OPEN' || n, 'state', 'ROUTED'))).*
     from (select o from sales_order o limit 1) first (o), generate_series(1, $1::int) n`,
    [open],
  );
  await database.query(
    `insert into routing_decision (id, order_id, rule_set_id, cohort, mode, engine_version, input, outcome, reservation_ids,
       shipment_ids, status, decided_at, duration_ms)
     select gen_random_uuid(), o.id, r.id, 'ACTIVE', 'NORMAL', '1', '{}', '{}', '{}', '{}', 'FINAL', hub_now() - interval '1 day', 0
     from sales_order o, rule_set r where o.state = 'ROUTED'`,
  );
  await database.query(
    `insert into shipment (id, decision_id, order_id, node, state, lines, estimated_arrival, counts_towards, created_at)
     select gen_random_uuid(), d.id, d.order_id, 'N' || lpad((row_number() over () % $1)::text, 2, '0'), 'PLANNED', '[]',
       hub_now(), '{}', hub_now()
     from routing_decision d`,
    [nodes],
  );
  await database.query('analyze');
}

async function startHub() {
  const dataDir = path.join(root, '.cache', `bench-route-${process.pid}`);
  mkdirSync(dataDir, { recursive: true });
  const probe = path.join(import.meta.dirname, 'route-throughput', 'loop-delay.mjs');
  const child = spawn(process.execPath, ['--import', probe, path.join(root, 'dist/src/main.js')], {
    env: {
      PATH: process.env.PATH,
      PORT: '0',
      DATABASE_URL: database.url,
      HUB_DATA_DIR: dataDir,
      HUB_ADMIN_KEY: 'bench-admin-key-0123456789',
      HUB_SAMPLE: 'off',
      HUB_ROUTING_WORKERS: String(workers),
      LOG_LEVEL: 'warn',
    },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit');
  for await (const chunk of child.stdout) if (/ready at/.test(String(chunk))) break;
  return {
    async lateness() {
      const answer = once(child, 'message');
      child.send('read');
      return (await answer)[0];
    },
    async stop() {
      child.kill('SIGTERM');
      await ended;
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

async function untilRouted(began) {
  for (;;) {
    const [{ waiting }] = await database.query(
      `select count(*)::int as waiting from sales_order where state = 'PAID'`,
    );
    if (waiting === 0) return;
    if (performance.now() - began > DEADLINE_MS) throw new Error(`${waiting} orders still wait`);
    await delay(250);
  }
}
