import { readFileSync } from 'node:fs';
import { connectOrm } from '../../dist/src/platform/database/database.js';
import { databaseModel } from '../../dist/src/model.js';
import { startChangeBus } from '../../dist/src/platform/bus/index.js';
import { createLogger } from '../../dist/src/platform/process/log.js';
import { AtpFeed, GroupCommit, StockEngine, availabilitySource } from '../../dist/src/inventory/index.js';
import { basketsOf } from './baskets.mjs';
import { reserveOnce } from './reserve-once.mjs';

/**
 * One process with an engine, composed as the hub composes it (bus and live feed included), and callers that each
 * reserve, wait for the answer and reserve again. Told over IPC what to do; answers with what came of it.
 */
const databaseUrl = process.env.BENCH_DATABASE_URL;
const log = createLogger('warn');
const orm = await connectOrm(databaseUrl, databaseModel);
const bus = await startChangeBus({ nats: undefined, databaseUrl }, log);
const feed = new AtpFeed(bus, availabilitySource(orm.em), log);
let batches = 0;
const committer = new GroupCommit(databaseUrl, log, ({ changed }) => {
  batches += 1;
  feed.publish(changed);
});
const engine = new StockEngine((submission) => committer.submit(submission));
/** @returns counts and CPU of `seconds`; answers of the `warmUpSeconds` before them are not counted */
async function load({ callers, seconds, shape, warmUpSeconds = 0.5 }) {
  const nextBasket = basketsOf(shape);
  const latencies = [];
  let measuring = false;
  let refused = 0;
  const warmUpMs = warmUpSeconds * 1000;
  const end = performance.now() + warmUpMs + seconds * 1000;
  let start;
  const begin = setTimeout(() => {
    measuring = true;
    batches = 0;
    start = { at: performance.now(), cpu: process.cpuUsage() };
  }, warmUpMs);
  await Promise.all(
    Array.from({ length: callers }, async () => {
      while (performance.now() < end) {
        const began = performance.now();
        const outcome = await reserveOnce(engine, nextBasket());
        if (!measuring) continue;
        if (outcome.type === 'Reservation') latencies.push(performance.now() - began);
        else refused += 1;
      }
    }),
  );
  clearTimeout(begin);
  const elapsed = (performance.now() - start.at) / 1000;
  const cpu = process.cpuUsage(start.cpu);
  latencies.sort((a, b) => a - b);
  const at = (share) => latencies[Math.min(latencies.length - 1, Math.floor(share * latencies.length))];
  return {
    perSecond: latencies.length / elapsed,
    refused,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    meanBatch: latencies.length / batches,
    cpuMicros: (cpu.user + cpu.system) / latencies.length,
  };
}

process.on('message', async (message) => {
  if (message === 'end') {
    await committer.close();
    await feed.close();
    await bus.close();
    await orm.close();
    process.disconnect();
  } else process.send(await load(message));
});
process.send({
  ready: true,
  rssBytes: Number(readFileSync('/proc/self/statm', 'utf8').split(' ')[1]) * 4096,
});
