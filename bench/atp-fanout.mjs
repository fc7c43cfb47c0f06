import { cpus, loadavg } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { startWatchers } from './atp-fanout/clients.mjs';
import { countersOf, reserveAtRate } from './atp-fanout/reserving.mjs';
import { KEY, startHub, startOther } from './atp-fanout/servers.mjs';
import { freshDatabase, seed, skuCode } from './reserve/postgres.mjs';

/**
 * Live ATP to many sockets. Three servers, each a process of its own, with the same clients in another process: the hub
 * with real reservations at a fixed rate; `ws` alone, broadcasting the same bytes as often (the limit); and stock
 * type-graphql with createPubSub on graphql-ws, publishing the same as often. CPU is that of the server process by
 * /proc (so on Linux only), less what it takes for the same without watchers; on a machine that others use too, its
 * ratios are the figures to keep.
 * `node bench/atp-fanout.mjs [sockets] [seconds] [rounds] [shapes: one,own,zipf]`, after `npm run build`.
 */
const [sockets, seconds, rounds] = [10_000, 10, 3].map((usual, at) => Number(process.argv[2 + at] ?? usual));
const shapes = (process.argv[5] ?? 'one,own,zipf').split(',');
const SETTLE_MS = 1_500;
const WATCHED_BASKET = 20;
const ZIPF_SKUS = 1_000;

const zipf = zipfOf(ZIPF_SKUS);
const shapesByName = {
  one: {
    title: 'all on one SKU',
    perSecond: 5,
    baskets: () => Array.from({ length: sockets }, () => [skuCode(0)]),
    nextSkus: () => [skuCode(0)],
  },
  own: {
    title: 'each on its own SKU',
    perSecond: 20,
    baskets: () => Array.from({ length: sockets }, (_, at) => [skuCode(at)]),
    nextSkus: () => distinct(WATCHED_BASKET, () => skuCode(Math.floor(Math.random() * sockets))),
  },
  zipf: {
    title: `baskets of ${WATCHED_BASKET}, Zipf over ${ZIPF_SKUS} SKUs`,
    perSecond: 20,
    baskets: () => Array.from({ length: sockets }, () => distinct(WATCHED_BASKET, zipf)),
    nextSkus: () => [zipf()],
  },
};

const database = await freshDatabase();
try {
  await seed(database.query, Math.max(sockets, ZIPF_SKUS));
  console.log(
    `${sockets} sockets, ${seconds} s, ${rounds} round(s), ${cpus().length} × ${cpus()[0].model}, Node ${process.version}, PostgreSQL ${database.version}, load ${loadavg()[0].toFixed(1)}`,
  );
  for (const name of shapes) await compare(shapesByName[name]);
  await showFailure();
} finally {
  await database.stop();
}

async function compare(shape) {
  const results = { hub: [], raw: [], stock: [] };
  for (let round = 0; round < rounds; round++) {
    const hub = await measureHub(shape);
    results.hub.push(hub);
    for (const kind of ['raw', 'stock']) results[kind].push(await measureOther(kind, shape, hub));
  }
  console.log(`\n${shape.title}, ${shape.perSecond} reservations a second (load ${loadavg()[0].toFixed(1)})`);
  for (const [kind, found] of Object.entries(results)) console.log(line(kind, found, results));
}

async function measureHub(shape) {
  const hub = await startHub(database.url);
  const watchers = startWatchers();
  try {
    const codes = Array.from({ length: Math.max(sockets, ZIPF_SKUS) }, (_, at) => skuCode(at));
    const counters = await countersOf(hub.url, codes);
    const traffic = (length) => reserveAtRate(hub.url, { ...shape, seconds: length, counters });
    await traffic(2); // warm
    const alone = await cpuOf(hub, () => traffic(seconds));
    const memory = await connect(hub, watchers, shape.baskets());
    await traffic(2);
    await delay(SETTLE_MS);
    await watchers.ask('forget');
    const before = await watchers.ask('count');
    const told = await cpuOf(hub, async () => {
      const instants = await traffic(seconds);
      await delay(SETTLE_MS);
      return instants;
    });
    const after = await watchers.ask('count');
    const deliveries = after.deliveries - before.deliveries;
    return {
      deliveries,
      cpuMicros: ((told.cpu - (alone.cpu / alone.seconds) * told.seconds) * 1e6) / deliveries,
      wholeMicros: (told.cpu * 1e6) / deliveries,
      memory,
      instants: told.answer,
      sample: after.sample,
      latencies: latenciesOf(await watchers.ask('arrivals'), told.answer),
    };
  } finally {
    await watchers.stop();
    await hub.stop();
  }
}

/** The same changes, as often. */
async function measureOther(kind, shape, { instants, sample }) {
  const server = await startOther(kind);
  const watchers = startWatchers();
  try {
    const memory = await connect(server, watchers, shape.baskets());
    const changes = [...instants.keys()].map((key) => key.split(' ')[0]);
    const update = sample.payload.data.atp;
    const text = JSON.stringify(sample);
    const publish = async (skus, perSecond) => {
      const began = performance.now();
      for (const [at, sku] of skus.entries()) {
        await delay(Math.max(0, began + (at * 1000) / perSecond - performance.now()));
        server.tell(kind === 'raw' ? { sku, text } : { sku, update });
      }
    };
    const perSecond = changes.length / seconds;
    await publish(changes.slice(0, Math.ceil(2 * perSecond)), perSecond); // warm
    await delay(SETTLE_MS);
    const before = await watchers.ask('count');
    const { cpu } = await cpuOf(server, async () => {
      await publish(changes, perSecond);
      await delay(SETTLE_MS);
    });
    const deliveries = (await watchers.ask('count')).deliveries - before.deliveries;
    return { deliveries, cpuMicros: (cpu * 1e6) / deliveries, memory };
  } finally {
    await watchers.stop();
    await server.stop();
  }
}

/** @returns bytes a socket: what is held after collecting garbage, and resident */
async function connect(server, watchers, baskets) {
  const url = `${server.url.replace('http', 'ws')}/graphql`;
  const few = Math.min(50, baskets.length - 1);
  await watchers.ask('open', { url, key: KEY, baskets: baskets.slice(0, few) }); // what the first ones bring is no part
  await delay(SETTLE_MS);
  const before = await server.memory();
  await watchers.ask('open', { url, key: KEY, baskets: baskets.slice(few) });
  await delay(SETTLE_MS);
  const after = await server.memory();
  const each = (name) => Math.round((after[name] - before[name]) / (baskets.length - few));
  return { held: each('held'), rss: each('rss') };
}

async function cpuOf(server, work) {
  const [began, cpu] = [performance.now(), server.cpuSeconds()];
  const answer = await work();
  return { answer, cpu: server.cpuSeconds() - cpu, seconds: (performance.now() - began) / 1000 };
}

function latenciesOf(arrivals, instants) {
  return arrivals
    .flatMap(([key, times]) => (instants.has(key) ? times.map((time) => time - instants.get(key)) : []))
    .sort((a, b) => a - b);
}

/** A burst at one subscriber of the stock server, of more events than its queue holds. */
async function showFailure() {
  const server = await startOther('stock');
  const watchers = startWatchers();
  const url = `${server.url.replace('http', 'ws')}/graphql`;
  await watchers.ask('open', { url, key: KEY, baskets: [[skuCode(0)]] });
  await delay(SETTLE_MS);
  const atp = { sku: { code: skuCode(0) }, quantity: 1, version: '1', asOf: '', terms: [] };
  server.tell({ sku: skuCode(0), update: { kind: 'CHANGE', coalesced: 0, atp }, times: 2_000 });
  const ended = await Promise.race([server.ended, delay(5_000)]);
  console.log(
    `\nstock, 2,000 events at once to one subscriber: ${ended ? `the process ended with ${ended.code}` : 'lives'}`,
  );
  await watchers.stop();
  await server.stop();
}

function line(kind, found, { raw, stock }) {
  const cpu = median(found.map(({ cpuMicros }) => cpuMicros));
  const of = (others) => median(others.map(({ cpuMicros }) => cpuMicros)) / cpu;
  const held = median(found.map(({ memory }) => memory.held));
  const rss = median(found.map(({ memory }) => memory.rss));
  const all = found.flatMap(({ latencies }) => latencies ?? []).sort((a, b) => a - b);
  const at = (share) => all[Math.floor(share * all.length)]?.toFixed(1);
  const parts = [
    kind.padEnd(6),
    `${cpu.toFixed(2)} µs CPU a delivery (${found.map(({ cpuMicros }) => cpuMicros.toFixed(2)).join(', ')})`,
    `${(100 * of(raw)).toFixed(0)} % of raw ws a CPU second, ${of(stock).toFixed(1)} × stock`,
    `${held} bytes held and ${rss} resident a subscriber`,
    `${median(found.map(({ deliveries }) => deliveries))} deliveries`,
  ];
  if (kind === 'hub') parts.push(`from the command to the socket p50 ${at(0.5)}, p99 ${at(0.99)} ms`);
  return parts.join('; ');
}

function median(values) {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

function distinct(count, next) {
  const found = new Set();
  while (found.size < count) found.add(next());
  return [...found];
}

function zipfOf(count) {
  const sums = [];
  for (let rank = 1, sum = 0; rank <= count; rank++) sums.push((sum += 1 / rank));
  return () => {
    const at = Math.random() * sums.at(-1);
    return skuCode(sums.findIndex((sum) => at < sum));
  };
}
