import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { databaseModel } from '../../src/model.ts';
import { connectOrm, type Orm } from '../../src/platform/database/database.ts';
import { readDeliveries, sendAgain } from '../../src/webhooks/delivery-log.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let orm: Orm;
beforeAll(async () => {
  database = await createTestDatabase();
  orm = await connectOrm(database.url, databaseModel);
});
afterAll(async () => {
  await orm?.close();
  await database?.drop();
});

test('deliveries are listed by their age, also where their positions have more digits', async () => {
  const endpointId = randomUUID();
  await database.query(
    `insert into webhook_delivery (endpoint_id, type, key, payload, queued_at, state, due_at)
     select $1, 'webhook.test', n::text, '{}', now(), 'DEAD', now() from generate_series(1, 12) as n order by n::int`,
    [endpointId],
  );
  const em = orm.em.fork();
  const filter = { endpointId, state: null };
  const newest = await readDeliveries(em, filter, { first: 5, before: undefined });
  const rest = await readDeliveries(em, filter, { first: 20, before: newest.at(-1)!.position });
  const keys = [...newest, ...rest].map(({ key }) => Number(key));
  expect(keys).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
  const again = await sendAgain(
    em,
    newest.map(({ id }) => id),
  );
  expect(again.map(({ key }) => Number(key))).toEqual([8, 9, 10, 11, 12]);
});
