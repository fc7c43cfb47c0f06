import { loadavg, cpus } from 'node:os';
import { findPgbench, preparePgbench, runPgbench } from './reserve/pgbench.mjs';
import { freshDatabase, seed } from './reserve/postgres.mjs';
import { startEngines } from './reserve/engines.mjs';
import { startHub } from './reserve/whole-stack.mjs';

/**
 * Reservations under contention: the promise engine, with all it keeps (keys, replies, ledger, events), against
 * PostgreSQL alone on one hot row, in the same run, in alternating rounds, on a fresh database with fsync and
 * synchronous_commit on. Figures of one run compare; across machines only the ratios do.
 * `node bench/reserve-contention.mjs [rounds] [seconds a measurement] [parts: pgbench,hot,http,shapes,processes]`
 */
const rounds = Number(process.argv[2] ?? 3);
const seconds = Number(process.argv[3] ?? 4);
const parts = new Set((process.argv[4] ?? 'pgbench,hot,http,shapes,processes').split(','));
const CLIENTS = [1, 2, 4, 8, 16, 64];

/** @returns for each measurement the results of its rounds */
async function measure() {
  const results = new Map();
  const note = (name, result) => {
    results.set(name, [...(results.get(name) ?? []), result]);
    console.error(`${name}: ${Math.round(result.perSecond)}/s`);
  };
  for (let round = 0; round < rounds; round++) {
    if (parts.has('pgbench')) await baselines(note);
    if (parts.has('hot'))
      await withEngines(1, async ({ load }) => {
        for (const callers of [64, 256])
          note(`hot SKU, ${callers} callers`, await load({ callers, seconds, shape: 'hot' }));
      });
    if (parts.has('http'))
      await withHub(async ({ load }) => {
        for (const callers of [64, 256])
          note(
            `hot SKU over HTTP, ${callers} connections`,
            await load({ callers, seconds, body: 'reserve' }),
          );
        note('nothing over HTTP, 64 connections', await load({ callers: 64, seconds, body: 'nothing' }));
      });
    if (parts.has('shapes'))
      await withEngines(1, async ({ load }) => {
        for (const shape of ['uniform', 'five', 'zipf'])
          note(shapeNames[shape], await load({ callers: 64, seconds, shape }));
      });
    if (parts.has('processes'))
      for (const processes of [1, 2, 4])
        await withEngines(processes, async ({ load }) =>
          note(
            `hot SKU, 64 callers, ${processes} process(es)`,
            await load({ callers: 64, seconds, shape: 'hot' }),
          ),
        );
  }
  return results;
}

/** The best client count is searched in the first round at each count; later rounds repeat the best and 64. */
const best = {};
async function baselines(note) {
  for (const script of ['statements', 'one']) {
    const counts = best[script] ? [best[script], 64] : CLIENTS;
    const found = [];
    for (const clients of new Set(counts)) {
      const result = await runPgbench(pgbench, database.url, script, clients, seconds);
      note(`pgbench ${script}, ${clients} client(s)`, result);
      found.push({ clients, ...result });
    }
    best[script] ??= found.toSorted((a, b) => b.perSecond - a.perSecond)[0].clients;
  }
}

const shapeNames = {
  uniform: '1,000 SKUs uniform, 64 callers',
  five: 'baskets of five of 1,000 SKUs, 64 callers',
  zipf: 'Zipf over 1,000 SKUs, 64 callers',
};

async function withEngines(count, use) {
  const engines = await startEngines(database.url, count);
  try {
    await use(engines);
  } finally {
    await engines.stop();
  }
}

async function withHub(use) {
  const hub = await startHub(database.url);
  try {
    await use(hub);
  } finally {
    await hub.stop();
  }
}

function report(results) {
  const median = (list) => {
    const sorted = list.toSorted((a, b) => a - b);
    const middle = (sorted.length - 1) / 2;
    return (sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2;
  };
  const rates = (name) => (results.get(name) ?? []).map(({ perSecond }) => perSecond);
  const bestOne = rates(`pgbench one, ${best.one} client(s)`);
  const one64 = rates('pgbench one, 64 client(s)');
  // Round by round: what disturbs a round disturbs both sides of its ratio.
  const times = (values, base) =>
    base.length > 0 ? `${median(values.map((value, round) => value / base[round])).toFixed(1)} ×` : '';
  const rows = [...results].map(([name, list]) => {
    const values = rates(name);
    const middle = (field, digits) =>
      list[0][field] === undefined ? '' : median(list.map((result) => result[field])).toFixed(digits);
    return [
      name,
      Math.round(median(values)),
      times(values, bestOne),
      times(values, one64),
      middle('p50Ms', 1) || middle('meanMs', 1),
      middle('p99Ms', 1),
      middle('cpuMicros', 0),
      middle('meanBatch', 0),
    ];
  });
  const header = ['', 'per s', '× best one', '× one@64', 'p50 ms', 'p99 ms', 'CPU µs', 'batch'];
  const widths = header.map((_, column) =>
    Math.max(...[header, ...rows].map((row) => String(row[column]).length)),
  );
  const print = (row) =>
    console.log(`| ${row.map((cell, column) => String(cell).padEnd(widths[column])).join(' | ')} |`);
  print(header);
  print(widths.map((width) => '-'.repeat(width)));
  rows.forEach(print);
}

const pgbench = findPgbench();
if (parts.has('pgbench') && !pgbench) {
  console.error(
    'pgbench is missing: install it (Debian: apt-get install postgresql-15), or leave out the part "pgbench".',
  );
  process.exit(1);
}
const database = await freshDatabase();
try {
  await seed(database.query);
  await preparePgbench(database.query);
  await database.query('analyze');
  const load = () => loadavg()[0].toFixed(1);
  console.log(
    `PostgreSQL ${database.version}, Node ${process.version}, ${cpus().length} × ${cpus()[0].model}, load ${load()}`,
  );
  report(await measure());
  console.log(`load at the end ${load()}`);
} finally {
  await database.stop();
}
