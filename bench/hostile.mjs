import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { byFiles } from './hostile/by-files.mjs';
import { HostileClient } from './hostile/client.mjs';
import { overHttp } from './hostile/over-http.mjs';
import { overSockets } from './hostile/over-sockets.mjs';
import { freshDatabase } from './reserve/postgres.mjs';

/**
 * What a neighbour of a hostile client has of it: another key asks ATP and reserves in a loop, in a process of its own,
 * while each hostile client or file does its worst, with a key of its own. Baseline: the same neighbour alone, before
 * each row. A row holds if the neighbour's p99 is at most three times its p99 alone or 100 ms, at most one of 1,000
 * samples is above 250 ms, none of its calls fails, the hub's memory with its workers and children stays within 300 MB
 * of that at rest, and the process lives. Nothing but the hub's defaults protects it.
 * `node bench/hostile.mjs [samples a row] [which]`, after `npm run build`; `which` is a part of a row's name or transport.
 */
const SAMPLES = Number(process.argv[2] ?? 2_000);
const which = process.argv[3] ?? '';
const LEAST_MS = 5_000;
/** An endless row would say nothing: so long a neighbour that gets no samples has failed. */
const MOST_MS = 60_000;
const ALONE_MS = 2_000;
const [MOST_P99_MS, SLOW_MS, MOST_SLOW_SHARE, MOST_MEGABYTES] = [100, 250, 0.001, 300];
const root = path.resolve(import.meta.dirname, '..');
const dataDir = path.join(root, '.cache', 'bench-hostile');
const adminKey = 'bench-hostile-admin-key';
/** Of each hostile key. */
const ALL_BUT_ADMIN = [
  'customer:read',
  'order:read',
  'stock:read',
  'stock:reserve',
  'routing:read',
  'routing:write',
  'connector:read',
  'webhook:read',
];
const MOVING_SKU = 'HOSTILE-BENCH';

rmSync(dataDir, { recursive: true, force: true });
mkdirSync(dataDir, { recursive: true });
const database = await freshDatabase();
const hub = await startHub();
let victim;
try {
  const skus = await prepare();
  victim = fork(path.join(import.meta.dirname, 'hostile/victim.mjs'), [
    `${hub.url}/graphql`,
    await keyOf('neighbour', ['stock:read', 'stock:reserve']),
    MOVING_SKU,
  ]);
  await delay(3_000); // until it has warmed up
  const idle = megabytes();
  console.log(
    `PostgreSQL ${database.version}, Node ${process.version}, ${cpus().length} × ${cpus()[0].model}, load ${loadavg()[0].toFixed(1)}; hub at rest ${idle.toFixed(0)} MB`,
  );
  const rows = [
    ...overHttp([MOVING_SKU, ...skus]).map((row) => ({ transport: 'HTTP', ...row })),
    ...overSockets([MOVING_SKU, ...skus]).map((row) => ({ transport: 'WebSocket', ...row })),
    ...byFiles.map((row) => ({ transport: 'file', ...row })),
  ].filter(({ name, transport }) => `${transport} ${name}`.includes(which));
  console.log(
    '| hostile client | over | alone p99 | p99 | max | above 250 ms | memory | was answered | held |',
  );
  console.log('| --- | --- | --- | --- | --- | --- | --- | --- | --- |');
  for (const row of rows) row.key = await keyOf(row.name, ALL_BUT_ADMIN);
  let held = 0;
  for (const row of rows) held += (await measure(row, idle)) ? 1 : 0;
  console.log(
    `${held} of ${rows.length} held; the hub ${hub.process.exitCode === null ? 'lives' : 'has died'}`,
  );
} finally {
  if (victim?.connected) victim.disconnect();
  await end(hub.process);
  await database.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

async function measure({ name, transport, run, key }, idle) {
  const alone = await sampled(ALONE_MS, 200);
  const stop = new AbortController();
  const client = new HostileClient(hub, key, stop.signal);
  const begun = transport === 'file' ? new Promise((resolve) => (client.ready = resolve)) : undefined;
  const running = Promise.resolve(run(client)).catch((error) => client.count(error.message));
  if (!name.includes('small files')) await begun;
  let most = 0;
  const watch = setInterval(() => (most = Math.max(most, megabytes())), 50);
  const under = await sampled(LEAST_MS, SAMPLES);
  clearInterval(watch);
  stop.abort();
  client.close();
  await running;
  const [p99Alone, p99] = [at(alone.samples, 0.99), at(under.samples, 0.99)];
  const slow = under.samples.filter((ms) => ms > SLOW_MS).length;
  const isHeld =
    p99 <= Math.max(3 * p99Alone, MOST_P99_MS) &&
    slow <= Math.max(under.samples.length * MOST_SLOW_SHARE, 0) &&
    under.failed === 0 &&
    most - idle <= MOST_MEGABYTES &&
    under.samples.length >= SAMPLES &&
    hub.process.exitCode === null;
  const answers = [...client.answers].sort(([, a], [, b]) => b - a).slice(0, 4);
  console.log(
    `| ${name} | ${transport} | ${p99Alone.toFixed(1)} | ${p99.toFixed(1)} | ${Math.max(...under.samples).toFixed(0)} | ${slow} of ${under.samples.length} | ` +
      `${(most - idle).toFixed(0)} MB | ${answers.map(([answer, count]) => `${answer} × ${count}`).join(', ')} | ${isHeld ? 'yes' : 'NO'}${under.failed ? ` (${under.failed} failed: ${under.failures.slice(0, 2).join(', ')})` : ''} |`,
  );
  await untilCalm();
  return isHeld;
}

/** What the neighbour had, over at least a time and a number of samples. */
async function sampled(leastMs, least) {
  victim.send('start');
  const began = performance.now();
  for (;;) {
    await delay(100);
    const elapsed = performance.now() - began;
    if (elapsed < leastMs) continue;
    if (elapsed > MOST_MS || (await told('count')).count >= least) break;
  }
  return told('stop');
}

async function told(what) {
  const answer = once(victim, 'message');
  victim.send(what);
  return (await answer)[0];
}

/** Until what a row has left behind (files half read, connections that close) is over. */
async function untilCalm() {
  const began = performance.now();
  while (performance.now() - began < 30_000) {
    const before = cpuTicks();
    await delay(500);
    if (cpuTicks() - before < 40 && at((await sampled(300, 50)).samples, 0.99) < 50) return;
  }
}

async function keyOf(name, scopes) {
  const { createApiKey } = await ask(
    'mutation($input: CreateApiKeyInput!) { createApiKey(input: $input) { key } }',
    {
      input: { name: name.slice(0, 60), partner: `p${Math.random().toString(36).slice(2)}`, scopes },
    },
  );
  // Used once, so that the hub knows it: behind an address that guesses keys, one that it has not seen has to wait.
  await ask('{ __typename }', {}, createApiKey.key);
  return createApiKey.key;
}

/** Waits for the sample shop, and gives the neighbour goods. @returns the codes of the shop */
async function prepare() {
  let skus = [];
  while (skus.length < 50) {
    await delay(200);
    skus = (
      await ask('{ skus(first: 60) { nodes { code } } orders(first: 1) { nodes { id } } }')
    ).skus.nodes.map(({ code }) => code);
  }
  await database.query(`insert into sku (code, title) values ('${MOVING_SKU}', 'moving')`);
  const node = (await database.query('select code from node where pool is not null order by code limit 1'))[0]
    .code;
  await ask('mutation($input: AdjustStockInput!) { adjustStock(input: $input) { __typename } }', {
    input: {
      node,
      reason: 'count',
      idempotencyKey: 'hostile',
      lines: [{ sku: MOVING_SKU, counted: 1_000_000 }],
    },
  });
  return skus;
}

async function ask(query, variables, key = adminKey) {
  const response = await fetch(`${hub.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

async function startHub() {
  const child = spawn(process.execPath, [path.join(root, 'dist/src/main.js')], {
    env: {
      PATH: process.env.PATH,
      PORT: '0',
      DATABASE_URL: database.url,
      HUB_DATA_DIR: dataDir,
      HUB_ADMIN_KEY: adminKey,
      HUB_SUBGRAPHS: 'all',
      LOG_LEVEL: 'fatal',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  for await (const chunk of child.stdout) {
    printed += chunk;
    if (/ready at/.test(printed)) break;
  }
  return {
    process: child,
    url: /ready at (\S+)/.exec(printed)[1],
    importFolder: path.join(dataDir, 'import'),
  };
}

async function end(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  await exit;
}

/** Resident memory of the hub with its children. */
function megabytes() {
  return family().reduce(
    (sum, pid) => sum + Number(/VmRSS:\s+(\d+)/.exec(read(`/proc/${pid}/status`))?.[1] ?? 0) / 1024,
    0,
  );
}

function cpuTicks() {
  return family().reduce((sum, pid) => {
    const fields = read(`/proc/${pid}/stat`).split(') ').at(-1).split(' ');
    return sum + (Number(fields[11]) + Number(fields[12]) || 0);
  }, 0);
}

function family() {
  const pids = [hub.process.pid];
  for (const pid of pids)
    for (const task of entries(`/proc/${pid}/task`))
      pids.push(...read(`/proc/${pid}/task/${task}/children`).split(' ').filter(Boolean).map(Number));
  return pids;
}

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // it has ended meanwhile
  }
}

function entries(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function at(list, share) {
  return (
    list.toSorted((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * share))] ?? Infinity
  );
}
