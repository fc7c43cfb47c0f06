import pg from 'pg';
import { startEmbeddedPostgres } from '../../dist/src/platform/database/embedded-postgres.js';
import { connectOrm, migrate } from '../../dist/src/platform/database/database.js';
import { databaseModel } from '../../dist/src/model.js';

/** A PostgreSQL of the bench's own, with a machine's ordinary settings, and databases on it. */
export async function startScaleDatabase(folder) {
  const server = await startEmbeddedPostgres({
    folder,
    settings: {
      max_connections: '100',
      shared_buffers: '8GB',
      effective_cache_size: '14GB',
      max_wal_size: '8GB',
      maintenance_work_mem: '1GB',
      random_page_cost: '1.1',
      synchronous_commit: 'off', // while loading; durable() turns it on
    },
  });
  const admin = await connect(await server.databaseUrl('postgres'));
  const { rows } = await admin.query(`select current_setting('server_version') as version`);
  return {
    version: rows[0].version,
    async database(name) {
      const url = await server.databaseUrl(name);
      await migrate(url, databaseModel);
      const orm = await connectOrm(url, databaseModel);
      const client = await connect(url);
      return {
        name,
        url,
        orm,
        query: async (text, values) => (await client.query(text, values)).rows,
        async close() {
          await client.end();
          await orm.close();
        },
      };
    },
    async durable() {
      // A setting of the command line cannot be changed for the server; sessions of a database take its own.
      const { rows: names } = await admin.query(
        `select datname from pg_database where datname like 'scale_%'`,
      );
      for (const { datname } of names)
        await admin.query(`alter database ${datname} set synchronous_commit = on`);
      await admin.query('checkpoint');
    },
    async stop() {
      await admin.end();
      await server.stop();
    },
  };
}

async function connect(connectionString) {
  const client = new pg.Client({ connectionString });
  await client.connect();
  return client;
}
