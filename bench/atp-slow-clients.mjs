import { cpus, loadavg } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { startWatchers } from './atp-fanout/clients.mjs';
import { countersOf, reserveUntil } from './atp-fanout/reserving.mjs';
import { KEY, startHub } from './atp-fanout/servers.mjs';
import { freshDatabase, seed, skuCode } from './reserve/postgres.mjs';

/**
 * Clients that do not read, beside healthy ones: first the healthy ones alone, then with the paused ones, under the
 * same load of reservations. What is kept: the hub's memory on the way, the lag of the healthy ones (how long after the
 * first of them got a version the others got it), and what the paused ones are told on waking.
 * `node bench/atp-slow-clients.mjs [paused] [healthy] [changes]`, after `npm run build`.
 */
const [paused, healthy, changes] = [1_000, 100, 100_000].map((usual, at) =>
  Number(process.argv[2 + at] ?? usual),
);
const WATCHED = Array.from({ length: 20 }, (_, at) => skuCode(at));
const CALLERS = 32;
const MEMORY_EVERY = 10;

const database = await freshDatabase();
await seed(database.query);
const hub = await startHub(database.url);
const [quick, slow] = [startWatchers(), startWatchers()];
try {
  console.log(
    `${paused} paused, ${healthy} healthy, ${changes} changes of ${WATCHED.length} SKUs; ${cpus().length} × ${cpus()[0].model}, Node ${process.version}, load ${loadavg()[0].toFixed(1)}`,
  );
  const url = `${hub.url.replace('http', 'ws')}/graphql`;
  const baskets = (count) => Array.from({ length: count }, () => WATCHED);
  await quick.ask('open', { url, key: KEY, baskets: baskets(healthy) });
  await change(changes / 10);
  report('healthy alone', await change(changes / 10));
  await slow.ask('open', { url, key: KEY, baskets: baskets(paused) });
  await delay(1_000);
  await slow.ask('pause');
  const before = await slow.ask('count');
  report('with paused ones', await change(changes));
  await slow.ask('resume');
  const after = await untilQuiet();
  console.log(
    `on waking: ${(after.deliveries - before.deliveries) / paused} messages a client, ${after.coalesced} versions skipped and counted, ${after.closed} closed`,
  );
  const versions = await countersOf(hub.url, WATCHED);
  const { wrong } = await slow.ask('compare', { versions: [...versions] });
  console.log(`clients without the newest of each SKU: ${wrong}`);
} finally {
  await Promise.all([quick.stop(), slow.stop()]);
  await hub.stop();
  await database.stop();
}

/** Until the woken clients have read all that there was. */
async function untilQuiet() {
  for (let last = await slow.ask('count'); ;) {
    await delay(2_000);
    const now = await slow.ask('count');
    if (now.deliveries === last.deliveries) return now;
    last = now;
  }
}

/** Reserves until the SKUs have moved so often. */
async function change(wanted) {
  await quick.ask('forget');
  const total = async () =>
    [...(await countersOf(hub.url, WATCHED)).values()].reduce((sum, each) => sum + each, 0);
  const start = await total();
  const memory = [hub.residentBytes()];
  let moved = 0;
  let enough = false;
  const watch = async () => {
    while (!enough) {
      await delay(500);
      moved = (await total()) - start;
      enough = moved >= wanted;
      if (moved > (memory.length * wanted) / MEMORY_EVERY) memory.push(hub.residentBytes());
    }
  };
  const began = performance.now();
  const watching = watch();
  const reserved = await reserveUntil(hub.url, {
    callers: CALLERS,
    nextSkus: () => [WATCHED[Math.floor(Math.random() * WATCHED.length)]],
    isEnough: () => enough,
  });
  await watching;
  const seconds = (performance.now() - began) / 1000;
  return { moved, reserved, seconds, memory, arrivals: await quick.ask('arrivals') };
}

function report(title, { moved, reserved, seconds, memory, arrivals }) {
  const lags = arrivals
    .flatMap(([, times]) => times.map((time) => time - Math.min(...times)))
    .sort((a, b) => a - b);
  const at = (share) => lags[Math.floor(share * lags.length)]?.toFixed(1);
  console.log(
    `${title}: ${moved} changes by ${reserved} reservations in ${seconds.toFixed(0)} s; behind the first: p50 ${at(0.5)}, p99 ${at(0.99)} ms; memory MB: ${memory.map((bytes) => (bytes / 1e6).toFixed(0)).join(' ')}`,
  );
}
