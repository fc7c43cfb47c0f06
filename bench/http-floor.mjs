import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { cpuSeconds, hubNodeArguments, keepAsking } from './http-load.mjs';

/**
 * What the hub's HTTP and GraphQL layer costs: mutations that do nothing, against a bare node:http server that parses
 * the same body and answers JSON of the same size (bench/http-floor-server.mjs says what the two are). Rounds in turn,
 * in one run; this process makes the load, over keep-alive connections. CPU is that of the server process by /proc (so
 * on Linux only), and the figure to keep on a machine that others use too.
 * `node bench/http-floor.mjs [seconds a round] [rounds] [connections] [which]`, after `npm run build`; `which` is a part
 * of the names of the rows to measure. HUB_NODE_ARGUMENTS are given to the hubs, e.g. `--cpu-prof --cpu-prof-dir=…`.
 *
 * BESIDE=<folder of another built checkout> measures its hub too, in the same rounds, and prints by how much the CPU of
 * this one differs: the mean over the rounds and its 95 % interval.
 *
 * UNMEASURED=1 measures the hub also while it observes no operation (metrics, slow log, spans), in the same process: V8
 * collects garbage by what a process met when it was young, and two of them differ by a quarter for that alone.
 */
const [seconds, rounds, connections] = [1, 15, 64].map((usual, at) => Number(process.argv[2 + at] ?? usual));
const which = process.argv[5] ?? '';
const server = path.join(import.meta.dirname, 'http-floor-server.mjs');
const beside = process.env.BESIDE && path.resolve(process.env.BESIDE, 'bench/http-floor-server.mjs');
const unmeasured = process.env.UNMEASURED === '1';
const WARM_UP_ROUNDS = 3;
/** Two-sided 95 % point of Student's t for 14 pairs or more: a little wide for many, which errs to the safe side. */
const STUDENT_95 = 2.15;

const reserve = {
  query: `mutation Reserve($input: ReserveInput!) {
  reserve(input: $input) {
    __typename
    ... on Reservation { id state expiresAt }
    ... on InsufficientStock { shortages { sku requested available availableOn } }
  }
}`,
  variables: {
    input: {
      idempotencyKey: 'checkout-5f0b8f2e-6c1d-4d7e-9a53-7f1b64a0c111',
      channel: 'douyin',
      reference: 'CHECKOUT-20261127-000001',
      ttlSeconds: 900,
      lines: [{ sku: 'HOODIE-BLK-M', quantity: 1 }],
    },
  },
  operationName: 'Reserve',
};
/** Nothing but the protocol: no field of ours is reached. */
const typename = {
  query: 'mutation Nothing($no: Boolean = false) { __typename @skip(if: $no) }',
  variables: { no: false },
};

const children = [];
try {
  const hub = () => start(['hub'], hubNodeArguments);
  const first = await hub();
  const besideHub = () => start(['hub'], hubNodeArguments, beside);
  const [held, nothing] = [await ask(first, reserve), await ask(first, typename)];
  const bare = (expects) => () => start(['bare', expects]);
  const apollo = { 'apollo-require-preflight': '1' }; // asks for Apollo Server
  const ways = {
    'bare, answer of reserve': { server: bare(held), body: reserve, expects: held.trimEnd() },
    'hub, reserve': { server: hub, body: reserve, expects: held },
    ...(unmeasured && {
      'hub unmeasured, reserve': { sharedWith: 'hub, reserve', body: reserve, expects: held },
    }),
    ...(beside && { 'hub beside, reserve': { server: besideHub, body: reserve, expects: '' } }),
    'Apollo, reserve': { server: hub, body: reserve, expects: held, headers: apollo },
    'bare, answer of __typename': { server: bare(nothing), body: typename, expects: nothing.trimEnd() },
    'hub, __typename': { server: hub, body: typename, expects: nothing },
    ...(unmeasured && {
      'hub unmeasured, __typename': { sharedWith: 'hub, __typename', body: typename, expects: nothing },
    }),
    ...(beside && { 'hub beside, __typename': { server: besideHub, body: typename, expects: nothing } }),
    'Apollo, __typename': { server: hub, body: typename, expects: nothing, headers: apollo },
  };
  const chosen = Object.entries(ways).filter(([name]) => name.startsWith('bare') || name.includes(which));
  // A process for each, so that none warms another up.
  for (const [, way] of chosen)
    way.server = await (way.sharedWith ? ways[way.sharedWith].server : way.server());
  report(await measure(Object.fromEntries(chosen)));
} finally {
  for (const child of children) {
    const exit = once(child, 'exit');
    child.disconnect();
    await exit;
  }
}

async function start(args, execArgv = [], script = server) {
  const child = fork(script, args, { execArgv, env: { PATH: process.env.PATH } });
  children.push(child);
  const [told] = await once(child, 'message');
  return { ...told, child, pid: child.pid };
}

async function ask({ url, key }, body) {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${key}` };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  const text = await response.text();
  if (response.status !== 200 || JSON.parse(text).errors) throw new Error(text);
  return text;
}

/** All ways in turn, so that what else the machine does meets all. @returns the figures of each round */
async function measure(ways) {
  const figures = Object.fromEntries(Object.keys(ways).map((name) => [name, []]));
  for (let round = -WARM_UP_ROUNDS; round < rounds; round++)
    for (const [name, way] of round % 2 ? Object.entries(ways) : Object.entries(ways).toReversed()) {
      if (unmeasured && name.startsWith('hub')) await toggle(way);
      const [cpu, began] = [cpuSeconds(way.server.pid), performance.now()];
      const latencies = await load(way, began + seconds * 1000);
      const rate = (latencies.length * 1000) / (performance.now() - began);
      const cpuMicros = ((cpuSeconds(way.server.pid) - cpu) * 1e6) / latencies.length;
      if (round >= 0) figures[name].push({ latencies, rate, cpuMicros });
    }
  return figures;
}

async function toggle({ server: { child }, sharedWith }) {
  const done = once(child, 'message');
  child.send({ measured: sharedWith === undefined });
  await done;
}

/** Keeps every connection busy until `until`. @returns the latencies in milliseconds */
async function load({ server: { url, key }, body, headers = {}, expects }, until) {
  const text = JSON.stringify(body);
  const { port, host, pathname } = new URL(url);
  const lines = Object.entries({
    host,
    authorization: `Bearer ${key ?? 'owk_0123456789_01234567890123456789012345678901'}`,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  const request = Buffer.from(`POST ${pathname} HTTP/1.1\r\n${lines.join('')}\r\n${text}`);
  const latencies = [];
  const worker = () =>
    keepAsking({
      port,
      host: '127.0.0.1',
      nextRequest: () => request,
      isRight: (response) => !expects || response.endsWith(expects),
      until,
      latencies,
    });
  await Promise.all(Array.from({ length: connections }, worker));
  return latencies;
}

/** Medians over the rounds; a share is the median of those that the rounds had. */
function report(figures) {
  const at = (list, share) => list.toSorted((a, b) => a - b)[Math.floor(list.length * share)];
  const median = (list) => at(list, 0.5);
  let base;
  for (const [name, list] of Object.entries(figures)) {
    if (name.startsWith('bare')) base = list;
    const shares = (part) => `${(median(list.map(part)) * 100).toFixed(1)} %`.padStart(7);
    const latencies = list.flatMap((round) => round.latencies);
    console.log(
      `${name.padEnd(26)} ${median(list.map(({ rate }) => rate))
        .toFixed(0)
        .padStart(6)} requests/s ` +
        `(${shares(({ rate }, round) => rate / base[round].rate)} of bare), ` +
        `p50 ${at(latencies, 0.5).toFixed(1)} ms, p99 ${at(latencies, 0.99).toFixed(1)} ms, ` +
        `CPU ${median(list.map(({ cpuMicros }) => cpuMicros)).toFixed(1)} µs a request ` +
        `(bare needs ${shares(({ cpuMicros }, round) => base[round].cpuMicros / cpuMicros)} of it)`,
    );
  }
  for (const [name, list] of Object.entries(figures))
    for (const how of ['beside', 'unmeasured'])
      compare(name, list, how, figures[name.replace('hub,', `hub ${how},`)]);
}

/** By how much the CPU of a request differs from that of another hub, in pairs of a round. */
function compare(name, list, how, other) {
  if (other === list || !other) return;
  const logs = list.map(({ cpuMicros }, round) => Math.log(cpuMicros / other[round].cpuMicros));
  const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
  const variance = logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / (logs.length - 1);
  const margin = STUDENT_95 * Math.sqrt(variance / logs.length);
  const percent = (log) => `${log < 0 ? '' : '+'}${((Math.exp(log) - 1) * 100).toFixed(1)} %`;
  console.log(
    `${name}: CPU a request ${percent(mean)} against the hub ${how} ` +
      `(95 % interval ${percent(mean - margin)} to ${percent(mean + margin)}, ${logs.length} pairs)`,
  );
}
