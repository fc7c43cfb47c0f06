import { fork } from 'node:child_process';
import { once } from 'node:events';
import { cpus, loadavg } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { KEY, startHub } from './atp-fanout/servers.mjs';
import { freshDatabase, seed, skuCode } from './reserve/postgres.mjs';

/**
 * A hub is killed under its watchers; some SKUs change; another hub starts on the same database and all watchers come to
 * it at once with `resume`. How long until everyone shows the newest versions, what it costs the hub, and how many
 * statements the database is asked: one each would be as many as there are watchers.
 * `node bench/reconnect-storm.mjs [sockets] [SKUs] [SKUs a socket] [changed SKUs]`, after `npm run build`
 */
const [sockets, skus, watched, changed] = [10_000, 1_000, 20, 200].map((usual, at) =>
  Number(process.argv[2 + at] ?? usual),
);
const clients = fork(path.join(import.meta.dirname, 'reconnect-storm', 'clients.mjs'));
const ask = async (what, more = {}) => {
  clients.send({ what, ...more });
  const [{ answer, error }] = await once(clients, 'message');
  if (error) throw new Error(error);
  return answer;
};
const database = await freshDatabase();
try {
  await seed(database.query, skus);
  console.log(
    `${sockets} sockets × ${watched} of ${skus} SKUs, ${changed} changed; ${cpus().length} × ${cpus()[0].model}, Node ${process.version}, load ${loadavg()[0].toFixed(1)}`,
  );
  const baskets = Array.from({ length: sockets }, (_, at) =>
    Array.from({ length: watched }, (_unused, line) => skuCode((at * 7 + line * 31) % skus)),
  );
  await ask('make', { baskets });
  const first = await startHub(database.url);
  await ask('connect', { url: socketUrl(first), key: KEY, atOnce: 200 });
  await until(async () => (await ask('told')) >= sockets * watched);
  process.kill(first.pid, 'SIGKILL');
  await first.ended;

  const rows = await database.query(
    `update stock_balance set on_hand = on_hand - 1, commit_counter = commit_counter + 1
     where sku in (select code from sku order by code limit $1) returning sku, commit_counter::text as counter`,
    [changed],
  );
  const versions = rows.map(({ sku, counter }) => [sku, counter.padStart(16, '0')]);
  const second = await startHub(database.url);
  await delay(1_500); // what a start costs is over
  const statements = await transactions();
  const cpu = second.cpuSeconds();
  const began = performance.now();
  await ask('connect', { url: socketUrl(second), key: KEY, atOnce: sockets });
  const acknowledged = performance.now();
  await until(async () => (await ask('behind', { versions })) === 0);
  const shown = performance.now();
  const asked = (await transactions()) - statements;
  const s = (to) => ((to - began) / 1000).toFixed(2);
  console.log(
    `all acknowledged after ${s(acknowledged)} s, all show the newest versions after ${s(shown)} s; ` +
      `${await ask('told')} messages, ${asked} transactions on the database, ` +
      `${(((second.cpuSeconds() - cpu) * 1e6) / sockets).toFixed(0)} µs of the hub's CPU a client; load ${loadavg()[0].toFixed(1)}`,
  );
  await ask('close');
  await second.stop();
} finally {
  clients.disconnect();
  await database.stop();
}

/** Of this database, those of the bench itself included (a handful); statements of their own are transactions. */
async function transactions() {
  await delay(1_200); // sessions tell what they have done within a second
  const [{ count }] = await database.query(
    'select (xact_commit + xact_rollback)::int as count from pg_stat_database where datname = current_database()',
  );
  return count;
}

function socketUrl({ url }) {
  return `${url.replace('http', 'ws')}/graphql`.replace('/graphql/graphql', '/graphql');
}

async function until(isSo) {
  while (!(await isSo())) await delay(50);
}
