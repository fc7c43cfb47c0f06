import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { httpClient } from '../support/client.ts';
import { seedCatalogue } from '../support/inventory/engine.ts';
import { startHub, type RunningHub } from '../support/hub.ts';

let database: TestDatabase;
let hub: RunningHub;
beforeAll(async () => {
  database = await createTestDatabase();
  await seedCatalogue(database, ['A', 'B']);
  hub = await startHub({ databaseUrl: database.url });
  await ask(`mutation { adjustStock(input: { idempotencyKey: "c", node: "WH", reason: "count",
    lines: [{ sku: "A", counted: 10 }, { sku: "B", counted: 10 }] }) { __typename } }`);
});
afterAll(async () => {
  await hub?.stop();
  await database?.drop();
});

const ask = <T>(query: string, variables?: object) => httpClient(hub).request<T>(query, variables);

test('two commands of one document: what each answers of live numbers is what it found, not what was remembered', async () => {
  const reserve = (key: string) => `reserve(input: { idempotencyKey: "${key}", channel: "jd", reference: "r",
    lines: [{ sku: "A", quantity: 1 }] }) { ... on Reservation { lines { sku { availableToPromise { quantity } levels { onHand } } } } }`;
  expect(await ask(`mutation { one: ${reserve('1')} two: ${reserve('2')} }`)).toMatchObject({
    one: { lines: [{ sku: { availableToPromise: { quantity: 9 } } }] },
    two: { lines: [{ sku: { availableToPromise: { quantity: 8 } } }] },
  });
});

test('an order line comes back once, however its id is spelt', async () => {
  const [order, line] = ['0192aaaa-bbbb-7ccc-8ddd-eeeeffff0001', '0192aaaa-bbbb-7ccc-8ddd-eeeeffff0002'];
  await database.query(
    `insert into sales_order (id, channel, external_id, state, placed_at, updated_at, currency, total_minor, delivery_method,
       source, buyer, digest)
     values ($1, 'jd', 'O-1', 'DELIVERED', now(), now(), 'CNY', 100, 'DELIVERY', 'test', '{}', '')`,
    [order],
  );
  await database.query(
    `insert into order_line (id, order_id, external_id, line_no, sku, quantity, unit_price_minor, currency)
     values ($1, $2, 'L-1', 1, 'B', 3, 100, 'CNY')`,
    [line, order],
  );
  const giveBack = (key: string, orderLine: string) =>
    ask<{ restock: object }>(
      `mutation ($input: RestockInput!) { restock(input: $input) { __typename ... on RestockRefused { restockable } } }`,
      {
        input: {
          idempotencyKey: key,
          node: 'WH',
          reason: 'CUSTOMER_RETURN',
          lines: [{ sku: 'B', quantity: 3, orderLine }],
        },
      },
    );
  expect(await giveBack('r1', line!)).toEqual({ restock: { __typename: 'Restock' } });
  for (const [index, spelling] of [line!.toUpperCase(), line!.replace('a', 'A')].entries())
    expect(await giveBack(`again${index}`, spelling)).toEqual({
      restock: { __typename: 'RestockRefused', restockable: 0 },
    });
});
