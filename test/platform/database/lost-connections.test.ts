import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { connectOrm, type Orm } from '../../../src/platform/database/database.ts';
import { databaseModel } from '../../../src/model.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';

const POOL = 2;
let database: TestDatabase;
let orm: Orm;

beforeEach(async () => {
  database = await createTestDatabase();
  orm = await connectOrm(database.url, databaseModel, { poolSize: POOL });
});
afterEach(() => database?.drop());

const endOthers = () =>
  database.query(
    `select pg_terminate_backend(pid, 10000) from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid()`,
  );
/** All connections of the pool at once, each in a transaction. */
const useAll = () =>
  Promise.all(
    Array.from({ length: POOL }, () =>
      orm.em.fork().transactional((em) => em.execute('select pg_sleep(0.01)')),
    ),
  );

test.each([
  ['in the middle of a transaction', 'select 1'],
  ['at its commit', undefined],
])('connections lost %s leave their places in the pool to others', async (_when, next) => {
  for (let round = 0; round < POOL; round++) {
    const lost = orm.em.fork().transactional(async (em) => {
      await em.execute('select 1');
      await endOthers();
      if (next) await em.execute(next);
    });
    await expect(lost).rejects.toThrow();
  }
  await useAll();
  await orm.close();
});

test('connections that ended in the pool are replaced', async () => {
  await useAll();
  await endOthers();
  await Promise.allSettled([useAll(), useAll()]);
  await useAll();
  await orm.close();
});
