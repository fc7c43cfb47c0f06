import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { databaseModel } from '../../../src/model.ts';
import { connectOrm, type Orm } from '../../../src/platform/database/database.ts';
import { deleteExpiredKeys } from '../../../src/platform/api/idempotency.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';

let database: TestDatabase;
let orm: Orm;
const statements: string[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  orm = await connectOrm(database.url, databaseModel, {
    extra: {
      debug: ['query'],
      logger: (message) => message.includes('delete from') && statements.push(message),
      colors: false,
    },
  });
});
afterAll(async () => {
  await orm?.close();
  await database?.drop();
});

const keep = (prefix: string, count: number, daysAgo: number) =>
  database.query(
    `insert into idempotency_key (partner, key, operation, body_hash, created_at)
     select 'p', $1 || n, 'op', 'hash', hub_now() - make_interval(days => $3) from generate_series(1, $2) n`,
    [prefix, count, daysAgo],
  );

test('old keys go in pieces, found by their index, and the others stay', async () => {
  await keep('old', 25_000, 4);
  await keep('new', 5_000, 2);
  await database.query('analyze idempotency_key');
  statements.length = 0;
  await deleteExpiredKeys(orm.em.fork(), 3);
  const [left] = await database.query('select count(*)::int as count, min(key) as key from idempotency_key');
  expect(left).toEqual({ count: 5_000, key: 'new1' });
  const rows = statements.map((line) => Number(/(\d+) rows? affected/.exec(line)?.[1]));
  expect(rows).toEqual([10_000, 10_000, 5_000]);

  const statement = /delete.*\)\)/
    .exec(statements[0]!)![0]
    .replace('days => ?', 'days => 3')
    .replace('?', '10000');
  const plan = await database.query(`explain ${statement}`);
  const text = plan.map((row) => row['QUERY PLAN']).join('\n');
  expect(text).toMatch(/Index Cond: \(created_at < /);
  expect(text).not.toContain('Seq Scan');
});
