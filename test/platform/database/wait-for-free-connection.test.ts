import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { waitForFreeConnection } from '../../../src/platform/database/wait-for-free-connection.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';

let database: TestDatabase;
let url: string;

beforeAll(async () => {
  database = await createTestDatabase();
  const role = new URL(database.url).pathname.slice(1);
  await database.query(`create role ${role} login password 'secret' connection limit 2`);
  const limited = new URL(database.url);
  limited.username = role;
  limited.password = 'secret';
  url = limited.href;
});
afterAll(async () => {
  await database?.query(`drop role if exists ${new URL(url).username}`);
  await database?.drop();
});

const poolOf = () => new pg.Pool({ connectionString: url, max: 10 });
async function oneSelect(pool: pg.Pool): Promise<void> {
  const client = await pool.connect();
  await client.query('select pg_sleep(0.01)');
  client.release();
}
const many = (pool: pg.Pool) =>
  Promise.allSettled(Array.from({ length: 20 }, () => oneSelect(pool))).then((results) =>
    results.filter(({ status }) => status === 'rejected'),
  );

test('a pool that may have no more connections makes do with those it has', async () => {
  const pool = poolOf();
  waitForFreeConnection(pool, 10_000);
  expect(await many(pool)).toEqual([]);
  await pool.end();
});

test('without it the same load is refused', async () => {
  const pool = poolOf();
  expect(await many(pool)).toContainEqual({
    status: 'rejected',
    reason: expect.objectContaining({ code: '53300' }),
  });
  await pool.end();
});

test('when no connection is to be had in time, the refusal of the server is thrown', async () => {
  const holder = poolOf();
  const held = await Promise.all([holder.connect(), holder.connect()]);
  const pool = poolOf();
  waitForFreeConnection(pool, 200);
  await expect(pool.connect()).rejects.toMatchObject({ code: '53300' });
  for (const client of held) client.release();
  await Promise.all([holder.end(), pool.end()]);
});
