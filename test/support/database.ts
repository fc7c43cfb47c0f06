import { randomBytes } from 'node:crypto';
import pg from 'pg';

export interface TestDatabase {
  url: string;
  /** One statement on a connection of its own. */
  query: <Row extends pg.QueryResultRow>(text: string, values?: unknown[]) => Promise<Row[]>;
  /** Sets the clock of SQL; undefined lets it run again. */
  setClock: (instant: Date | undefined) => Promise<void>;
  /** Has the clock of SQL run on from an instant. */
  runClockFrom: (instant: Date) => Promise<void>;
  drop: () => Promise<void>;
}

/** A fresh, migrated and empty database: a copy of the template that the global set-up made. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = process.env.TEST_DATABASE_SERVER!;
  const name = `orderweave_test_${randomBytes(6).toString('hex')}`;
  await onServer(server, `create database ${name} template orderweave_test_template`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const pool = new pg.Pool({ connectionString: url.href, max: 4 });
  pool.on('error', () => undefined); // the database is dropped under it
  const query: TestDatabase['query'] = async (text, values) => (await pool.query(text, values)).rows as never;
  return {
    url: url.href,
    query,
    async setClock(instant) {
      const now = instant ? `'${instant.toISOString()}'::timestamptz` : 'clock_timestamp()';
      await query(
        `create or replace function hub_now() returns timestamptz language sql volatile as $$select ${now}$$`,
      );
    },
    async runClockFrom(instant) {
      await query(
        `create or replace function hub_now() returns timestamptz language sql volatile as $$
           select clock_timestamp() + interval '${instant.getTime() - Date.now()} ms' $$`,
      );
    },
    async drop() {
      await pool.end();
      await onServer(server, `drop database if exists ${name} with (force)`);
    },
  };
}

/** Copying a template needs it to have no other sessions for a moment: concurrent test files wait for each other. */
export async function onServer(server: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock(1)');
    await client.query(statement);
  } finally {
    await client.end();
  }
}
