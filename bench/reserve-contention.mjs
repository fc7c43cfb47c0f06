import { loadavg, cpus } from 'node:os';
import { findPgbench, preparePgbench, runPgbench } from './reserve/pgbench.mjs';
import { freshDatabase, seed } from './reserve/postgres.mjs';
import { startEngines } from './reserve/engines.mjs';
import { startHub } from './reserve/whole-stack.mjs';

/**
 * Reservations under contention: the promise engine, with all it keeps (keys, replies, ledger, events), against
 * PostgreSQL alone on one hot row, in the same run, on a fresh database with fsync and synchronous_commit on. Figures of
 * one run compare; across machines only the ratios do. All that is compared is measured in turn, for a short time each,
 * because the machine is not the same from minute to minute. Our processes run for a while before they are measured,
 * until V8 has compiled what is hot: a shop's hub runs for weeks.
 * `node bench/reserve-contention.mjs [rounds] [seconds a measurement] [parts: pgbench,hot,http,shapes,processes]`
 */
const rounds = Number(process.argv[2] ?? 7);
const seconds = Number(process.argv[3] ?? 2);
const parts = new Set((process.argv[4] ?? 'pgbench,hot,http,shapes,processes').split(','));
const CLIENTS = [1, 2, 4, 8, 16, 64];
const WARM_UP_SECONDS = 12;

const ENGINE = (callers) => `engine, one hot SKU, ${callers} callers`;
const OVER_HTTP = (connections) => `whole stack over HTTP, ${connections} connections`;
const NOTHING = (connections) => `mutation that does nothing, ${connections} connections`;
const shapeNames = {
  uniform: '1,000 SKUs uniform, 64 callers',
  five: 'baskets of five of 1,000 SKUs, 64 callers',
  zipf: 'Zipf over 1,000 SKUs, 64 callers',
};

/** @returns for each measurement the results of its rounds */
async function measure() {
  const results = new Map();
  const note = (name, result) => {
    results.set(name, [...(results.get(name) ?? []), result]);
    console.error(`${name}: ${Math.round(result.perSecond)}/s`);
  };
  const running = [];
  const keep = (started) => {
    running.push(started);
    return started;
  };
  try {
    const inTurn = [];
    if (parts.has('pgbench')) inTurn.push(() => baselines(note));
    if (parts.has('hot') || parts.has('shapes')) {
      const engines = keep(await startEngines(await newShop(), 1));
      if (parts.has('hot')) inTurn.push(await hotSku(engines, note));
      if (parts.has('shapes')) inTurn.push(await otherShapes(engines, note));
    }
    if (parts.has('http')) inTurn.push(await wholeStack(keep(await startHub(await newShop())), note));
    if (parts.has('processes'))
      for (const count of [1, 2, 4])
        inTurn.push(await severalProcesses(keep(await startEngines(await newShop(), count)), count, note));
    for (let round = 0; round < rounds; round++) for (const measureAll of inTurn) await measureAll();
  } finally {
    for (const each of running) await each.stop();
  }
  return results;
}

/** A database of its own, so that who is not measured sleeps. @returns its address */
async function newShop() {
  const { url, query } = await database.another();
  await seed(query);
  await query('analyze');
  return url;
}

async function hotSku({ load }, note) {
  await load({ callers: 64, seconds: 1, shape: 'hot', warmUpSeconds: WARM_UP_SECONDS });
  return async () => {
    for (const callers of [64, 256]) note(ENGINE(callers), await load({ callers, seconds, shape: 'hot' }));
  };
}

async function otherShapes({ load }, note) {
  await load({ callers: 64, seconds: 1, shape: 'uniform', warmUpSeconds: WARM_UP_SECONDS });
  return async () => {
    for (const [shape, name] of Object.entries(shapeNames))
      note(name, await load({ callers: 64, seconds, shape }));
  };
}

async function wholeStack({ load }, note) {
  for (const body of ['nothing', 'reserve'])
    await load({ callers: 64, seconds: 1, body, warmUpSeconds: WARM_UP_SECONDS });
  return async () => {
    for (const callers of [64, 256]) {
      note(OVER_HTTP(callers), await load({ callers, seconds, body: 'reserve' }));
      note(NOTHING(callers), await load({ callers, seconds, body: 'nothing' }));
    }
  };
}

async function severalProcesses({ load }, count, note) {
  await load({ callers: 64, seconds: 1, shape: 'hot', warmUpSeconds: WARM_UP_SECONDS });
  return async () =>
    note(`hot SKU, 64 callers, ${count} process(es)`, await load({ callers: 64, seconds, shape: 'hot' }));
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
  for (const callers of [64, 256]) reportCpu(results, callers, median);
}

/** What the way between the protocol and the engine costs, in terms of the engine; round by round as well. */
function reportCpu(results, callers, median) {
  const [engine, stack, nothing] = [ENGINE, OVER_HTTP, NOTHING].map((name) => results.get(name(callers)));
  if (!engine || !stack) return;
  const between = stack.map(
    ({ cpuMicros }, round) => (cpuMicros - nothing[round].cpuMicros) / engine[round].cpuMicros,
  );
  const all = between.toSorted((a, b) => a - b).map((value) => value.toFixed(2));
  console.log(
    `CPU of a reserve over HTTP less that of nothing, ${callers} connections: ` +
      `${median(between).toFixed(2)} × the engine's (rounds: ${all.join(', ')})`,
  );
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
