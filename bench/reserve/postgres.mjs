import { rmSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { startEmbeddedPostgres } from '../../dist/src/platform/database/embedded-postgres.js';
import { migrate } from '../../dist/src/platform/database/database.js';
import { databaseModel } from '../../dist/src/model.js';

const root = path.resolve(import.meta.dirname, '../..');

/**
 * A fresh, migrated database with default durability: on the project's own PostgreSQL, or on the server of DATABASE_URL
 * (a new database there; it is dropped at the end).
 */
export async function freshDatabase() {
  const server = process.env.DATABASE_URL ? given(process.env.DATABASE_URL) : await own();
  const clients = [];
  /** One more on the same server, whose notifications reach none of the others. */
  const another = async () => {
    const url = await server.newDatabase(`orderweave_bench_${process.pid}_${clients.length}`);
    await migrate(url, databaseModel);
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    clients.push(client);
    return { url, query: async (text, values) => (await client.query(text, values)).rows };
  };
  const first = await another();
  const [settings] = await first.query(
    `select current_setting('server_version') as version, current_setting('fsync') as fsync,
       current_setting('synchronous_commit') as "synchronousCommit"`,
  );
  if (settings.fsync !== 'on' || settings.synchronousCommit !== 'on')
    throw new Error(`not durable: ${JSON.stringify(settings)}`);
  return {
    ...first,
    version: settings.version,
    another,
    async stop() {
      for (const client of clients) await client.end();
      await server.stop();
    },
  };
}

async function own() {
  const folder = path.join(root, '.cache', `bench-reserve-${process.pid}`);
  const settings = JSON.parse(process.env.BENCH_PG_SETTINGS ?? '{}');
  const embedded = await startEmbeddedPostgres({ folder, settings: { max_connections: '200', ...settings } });
  return {
    newDatabase: (name) => embedded.databaseUrl(name),
    async stop() {
      await embedded.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function given(serverUrl) {
  const made = [];
  const once = async (text) => {
    const client = new pg.Client({ connectionString: serverUrl });
    await client.connect();
    await client.query(text).finally(() => client.end());
  };
  return {
    async newDatabase(name) {
      await once(`create database ${name}`);
      made.push(name);
      const url = new URL(serverUrl);
      url.pathname = `/${name}`;
      return url.href;
    },
    async stop() {
      for (const name of made) await once(`drop database ${name} with (force)`);
    },
  };
}

export const SKUS = 1_000;
export const skuCode = (index) => `SKU-${String(index).padStart(4, '0')}`;

/** A catalogue of 1,000 SKUs or as many as wanted, each with far more units than a run can sell. */
export async function seed(query, skus = SKUS) {
  await query(
    `insert into channel (code, name, pool) values ('douyin', 'Douyin', 'MAIN'), ('jd', 'JD', 'MAIN')`,
  );
  await query(
    `insert into node (code, name, kind, city, pool) values ('WH', 'Warehouse', 'WAREHOUSE', 'Shanghai', 'MAIN')`,
  );
  const codes = Array.from({ length: skus }, (_, index) => skuCode(index));
  await query('insert into sku (code, title) select code, code from unnest($1::text[]) as code', [codes]);
  await query(`insert into stock_level (sku, node, on_hand) select code, 'WH', 100000000 from sku`);
  await query(`insert into stock_balance (sku, pool, on_hand) select code, 'MAIN', 100000000 from sku`);
  await query(
    `insert into stock_movement (at, sku, pool, node, counter, delta, cause, actor)
     select hub_now(), code, 'MAIN', 'WH', 'ON_HAND', 100000000, 'ADJUST', 'bench' from sku`,
  );
}
