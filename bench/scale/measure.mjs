import { createLogger } from '../../dist/src/platform/process/log.js';
import { auditChanged, GroupCommit, StockEngine, readAtp } from '../../dist/src/inventory/index.js';
import { reserveOnce } from '../reserve/reserve-once.mjs';
import { skuCode } from './generate.mjs';

const ATP_SKUS = 100;
const READ_AT_ONCE = 1_000;
const CHANGES = 1_000;
const AUDITS_A_ROUND = Number(process.env.AUDITS ?? 8);
const MANY = 64;
const log = createLogger('warn');

/**
 * Latencies in ms of each path, by database. Each round takes every path on each database in turn, so that what else
 * the machine does falls on all of them.
 */
export async function measurePaths(databases, { rounds, seconds }) {
  const shops = await Promise.all(databases.map(open));
  const results = new Map();
  const note = (path, { name }, latencies) => {
    const byName = results.get(path) ?? new Map();
    byName.set(name, [...(byName.get(name) ?? []), ...latencies]);
    results.set(path, byName);
  };
  const paths = {
    [`ATP of ${ATP_SKUS} SKUs`]: (shop) => during(seconds, 1, shop.readSome),
    'reserve, 1 caller': (shop) => during(seconds, 1, shop.reserve),
    [`reserve, ${MANY} callers`]: (shop) => during(seconds, MANY, shop.reserve),
    [`incremental audit, ${CHANGES} changes`]: incrementalAudits,
  };
  for (const shop of shops) await warmUp(shop);
  for (let round = 0; round < rounds; round++)
    for (const [path, measure] of Object.entries(paths))
      for (const shop of round % 2 ? shops.toReversed() : shops) {
        const latencies = await measure(shop);
        note(path, shop, latencies);
        const sorted = latencies.toSorted((a, b) => a - b);
        const [p50, p99] = [0.5, 0.99].map((share) => sorted[Math.floor(share * sorted.length)].toFixed(1));
        console.error(
          `round ${round + 1}: ${path}, ${shop.name}: ${sorted.length}, p50 ${p50} ms, p99 ${p99} ms`,
        );
      }
  for (const shop of shops) await shop.close();
  return results;
}

async function open(database) {
  const [{ skus }] = await database.query('select count(*)::int as skus from sku');
  const committer = new GroupCommit(database.url, log, () => undefined);
  const engine = new StockEngine((submission) => committer.submit(submission));
  const anySku = () => skuCode(1 + Math.floor(Math.random() * skus));
  return {
    name: database.name,
    readSome: () =>
      readAtp(
        database.orm.em.fork(),
        Array.from({ length: ATP_SKUS }, () => ({ sku: anySku(), pool: 'MAIN' })),
      ),
    async readAll() {
      for (let from = 1; from <= skus; from += READ_AT_ONCE)
        await readAtp(
          database.orm.em.fork(),
          Array.from({ length: Math.min(READ_AT_ONCE, skus - from + 1) }, (_, at) => ({
            sku: skuCode(from + at),
            pool: 'MAIN',
          })),
        );
    },
    reserve: () => reserve(engine, [{ sku: anySku(), quantity: 1 }]),
    audit: () => auditChanged(database.orm.em.fork()),
    close: () => committer.close(),
  };
}

async function reserve(engine, lines) {
  const outcome = await reserveOnce(engine, lines);
  if (outcome.type !== 'Reservation') throw new Error(`refused: ${JSON.stringify(outcome)}`);
}

/** Each SKU is read once, as in a shop that has run for some time. */
async function warmUp({ readAll, readSome, reserve: one }) {
  await readAll();
  await during(2, 1, readSome);
  await during(2, MANY, one);
}

async function incrementalAudits({ reserve: one, audit }) {
  await audit(); // takes in what was changed before
  const latencies = [];
  for (let sample = 0; sample < AUDITS_A_ROUND; sample++) {
    let left = CHANGES;
    await Promise.all(
      Array.from({ length: MANY }, async () => {
        while (left-- > 0) await one();
      }),
    );
    const from = performance.now();
    const { consistent } = await audit();
    latencies.push(performance.now() - from);
    if (!consistent) throw new Error('the audit is not consistent');
  }
  return latencies;
}

async function during(seconds, callers, call) {
  const latencies = [];
  const end = performance.now() + seconds * 1000;
  await Promise.all(
    Array.from({ length: callers }, async () => {
      for (let from = performance.now(); from < end; from = performance.now()) {
        await call();
        latencies.push(performance.now() - from);
      }
    }),
  );
  return latencies;
}

/** The first incremental audit looks at everything, as the full one does, and is where the next ones begin. */
export async function measureFullAudit(database) {
  const [rows] = await database.query(
    `select (select count(*) from stock_movement)::float8 as movements, (select count(*) from stock_level)::float8 as levels,
       (select count(*) from reservation_line)::float8 as lines, (select count(*) from stock_balance)::float8 as balances`,
  );
  await database.query('truncate stock_audit_fold, stock_audit_progress, stock_audit_due');
  const from = performance.now();
  const { consistent, checked } = await auditChanged(database.orm.em.fork());
  const seconds = (performance.now() - from) / 1000;
  if (!consistent) throw new Error('the audit is not consistent');
  const read = rows.movements + rows.levels + rows.lines + rows.balances;
  console.log(
    `${database.name}: full audit ${seconds.toFixed(1)} s, ${checked} counters, ${rows.movements} movements ` +
      `(${Math.round(rows.movements / seconds)}/s), ${read} rows of all tables (${Math.round(read / seconds)}/s)`,
  );
}

/** Partitions of a table are summed. In bytes. */
export function measureSizes(database) {
  return database.query(
    `select regexp_replace(relname, '_(default|\\d{4}_\\d{2})$', '') as table, sum(greatest(reltuples, 0))::float8 as rows,
       sum(pg_relation_size(oid))::float8 as heap, sum(pg_indexes_size(oid))::float8 as indexes
     from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace
     group by 1 having sum(pg_total_relation_size(oid)) > 1000000 order by sum(pg_total_relation_size(oid)) desc`,
  );
}
