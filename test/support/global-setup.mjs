import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { makeRunFolder, runFolder } from './run-folder.mjs';

/**
 * One PostgreSQL for the whole run and a migrated template database, of which each test file takes copies. The
 * server of DATABASE_URL is used when it is set. Without fsync: what is tested here is not the disk.
 */
export default async function setUp() {
  const root = path.resolve(import.meta.dirname, '../..');
  const built = spawnSync(process.execPath, [path.join(root, 'scripts/build-if-stale.mjs')], {
    stdio: 'inherit',
  });
  if (built.status !== 0) throw new Error('the build failed');

  makeRunFolder();
  process.env.TEST_RUN_FOLDER = runFolder;
  // Some 200 hubs are started: what the first has compiled, the others need not.
  process.env.NODE_COMPILE_CACHE = path.join(runFolder, 'compiled');

  const { startEmbeddedPostgres } = await import('../../dist/src/platform/database/embedded-postgres.js');
  const { migrate } = await import('../../dist/src/platform/database/database.js');
  const { databaseModel } = await import('../../dist/src/model.js');

  let server = process.env.DATABASE_URL;
  if (!server) {
    const embedded = await startEmbeddedPostgres({
      folder: path.join(runFolder, 'postgres'),
      settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '300' },
    });
    globalThis.stopTestPostgres = () => embedded.stop();
    server = await embedded.databaseUrl('postgres');
  }
  process.env.TEST_DATABASE_SERVER = server;

  const { default: pg } = await import('pg');
  const admin = new pg.Client({ connectionString: server });
  await admin.connect();
  const { rows } = await admin.query(
    "select datname from pg_database where datname like 'orderweave_test_%'",
  );
  for (const { datname } of rows) await admin.query(`drop database "${datname}" with (force)`);
  await admin.query('create database orderweave_test_template');
  await admin.end();

  const template = new URL(server);
  template.pathname = '/orderweave_test_template';
  await migrate(template.href, databaseModel);
}
