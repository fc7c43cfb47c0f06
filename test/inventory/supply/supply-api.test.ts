import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { httpClient } from '../../support/client.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { seedCatalogue } from '../../support/inventory/engine.ts';
import { NOON } from '../../support/inventory/engine-fixture.ts';
import { startHub, type RunningHub } from '../../support/hub.ts';

let database: TestDatabase;
let hub: RunningHub;
beforeAll(async () => {
  database = await createTestDatabase();
  await seedCatalogue(database, ['A', 'B']);
  await database.setClock(NOON); // it is 2026-11-22 in Shanghai
  hub = await startHub({ databaseUrl: database.url });
});
afterAll(async () => {
  await hub?.stop();
  await database?.drop();
});

const ask = <T>(query: string) => httpClient(hub).request<T>(query);
const recordInbound = (quantity: number, availableOn: string, key: string = randomUUID()) =>
  ask<{
    recordInbound: { repromised: object[] };
  }>(`mutation { recordInbound(input: { idempotencyKey: "${key}",
    kind: TRANSFER, externalId: "T-1", node: "WH", lines: [{ sku: "A", quantity: ${quantity}, availableOn: "${availableOn}" }] }) {
    kind externalId lines { sku quantity received availableOn } repromised { reservationId promisedBefore promisedOn units }
    atp { quantity } } }`);
const reserve = (more: string) =>
  ask<{ reserve: { id: string; lines: { promisedOn: string }[] } }>(`mutation { reserve(input: {
    idempotencyKey: "${randomUUID()}", channel: "jd", reference: "R", lines: [{ sku: "A", quantity: 4 }] ${more} }) {
    ... on Reservation { id campaign lines { promisedOn quantity } }
    ... on InsufficientStock { shortages { available availableOn } } } }`);

test('a transfer is told, promised, late and promised anew; the call that is repeated changes nothing', async () => {
  expect(await recordInbound(6, '2026-11-25', 'first')).toEqual({
    recordInbound: {
      kind: 'TRANSFER',
      externalId: 'T-1',
      lines: [{ sku: 'A', quantity: 6, received: 0, availableOn: '2026-11-25' }],
      repromised: [],
      atp: [{ quantity: 0 }],
    },
  });
  expect(await reserve('')).toEqual({
    reserve: { shortages: [{ available: 0, availableOn: '2026-11-25' }] },
  });
  const { reserve: made } = await reserve(', acceptUntil: "2026-11-30"');
  expect(made).toMatchObject({ campaign: null, lines: [{ promisedOn: '2026-11-25', quantity: 4 }] });
  const { availableToPromise } = await ask<{
    availableToPromise: [{ quantity: number; projection: object[] }];
  }>(`{ availableToPromise(skus: ["A"]) { quantity projection(days: 4) { on quantity inTransit demand } } }`);
  expect(availableToPromise[0].projection.slice(2)).toEqual([
    { on: '2026-11-24', quantity: 0, inTransit: 0, demand: 0 },
    { on: '2026-11-25', quantity: 2, inTransit: 6, demand: -4 },
  ]);

  const late = await recordInbound(6, '2026-11-28', 'late');
  expect(late.recordInbound.repromised).toEqual([
    { reservationId: made.id, promisedBefore: '2026-11-25', promisedOn: '2026-11-28', units: 4 },
  ]);
  expect(await recordInbound(6, '2026-11-28', 'late')).toEqual(late);
  // The first call again: its answer, and not its effect.
  await recordInbound(6, '2026-11-25', 'first');
  const told = await ask(`{ reservation(id: "${made.id}") { lines { promisedOn } }
    reviewTasks(first: 5) { nodes { kind summary } } stockAudit { consistent } }`);
  expect(told).toEqual({
    reservation: { lines: [{ promisedOn: '2026-11-28' }] },
    reviewTasks: {
      nodes: [
        {
          kind: 'PROMISE_BREACH',
          summary: '4 units of A in MAIN cannot be delivered on the day promised (reservations: 1).',
        },
      ],
    },
    stockAudit: { consistent: true },
  });
});

test('a presale and the planning rules of a pool are set and read', async () => {
  const { configurePresaleCampaign } = await ask<{
    configurePresaleCampaign: { campaign: object };
  }>(`mutation {
    configurePresaleCampaign(input: { idempotencyKey: "presale", code: "SPRING", startsAt: "2026-11-22T00:00:00Z",
      endsAt: "2026-12-01T00:00:00Z", cap: 9, channelCaps: [{ channel: "jd", units: 5 }],
      lines: [{ sku: "B", quantity: 9, availableOn: "2026-12-10" }] }) {
      campaign { code cap sold channels { channel cap sold } lines { sku planned availableOn sold } } repromised { units } } }`);
  expect(configurePresaleCampaign).toEqual({
    campaign: {
      code: 'SPRING',
      cap: 9,
      sold: 0,
      channels: [{ channel: 'jd', cap: 5, sold: 0 }],
      lines: [{ sku: 'B', planned: 9, availableOn: '2026-12-10', sold: 0 }],
    },
    repromised: [],
  });
  const bought =
    await ask(`mutation { reserve(input: { idempotencyKey: "b", channel: "jd", reference: "R", campaign: "SPRING",
    lines: [{ sku: "B", quantity: 5 }] }) { ... on Reservation { campaign lines { promisedOn } } } }`);
  expect(bought).toEqual({ reserve: { campaign: 'SPRING', lines: [{ promisedOn: '2026-12-10' }] } });
  const { configurePool } = await ask<{
    configurePool: object;
  }>(`mutation { configurePool(input: { idempotencyKey: "pool",
    code: "MAIN", overdueFenceDays: 3, resaleRate: 0.85 }) { pool { overdueOffsetDays overdueFenceDays resaleRate } } }`);
  expect(configurePool).toEqual({ pool: { overdueOffsetDays: 1, overdueFenceDays: 3, resaleRate: 0.85 } });
  expect(await ask('{ pools { code resaleRate } presaleCampaigns { code sold } }')).toEqual({
    pools: [{ code: 'MAIN', resaleRate: 0.85 }],
    presaleCampaigns: [{ code: 'SPRING', sold: 5 }],
  });
});

const planned = (line: string) =>
  `recordInbound(input: { idempotencyKey: "x", kind: TRANSFER, externalId: "T", node: "WH", lines: [${line}] }) { kind }`;
test.each([
  ['an unknown SKU', planned('{ sku: "NONE", quantity: 1, availableOn: "2026-12-01" }'), 'UNKNOWN_SKU'],
  [
    'less than nothing',
    planned('{ sku: "A", quantity: -1, availableOn: "2026-12-01" }'),
    'QUANTITY_OUT_OF_RANGE',
  ],
  [
    'a SKU twice',
    planned(
      '{ sku: "A", quantity: 1, availableOn: "2026-12-01" }, { sku: "A", quantity: 1, availableOn: "2026-12-01" }',
    ),
    'BAD_USER_INPUT',
  ],
  [
    'a fence of more than a year',
    'configurePool(input: { idempotencyKey: "x", code: "MAIN", overdueFenceDays: 366 }) { pool { code } }',
    'QUANTITY_OUT_OF_RANGE',
  ],
  [
    'a rate beyond all returns',
    'configurePool(input: { idempotencyKey: "x", code: "MAIN", resaleRate: 1.5 }) { pool { code } }',
    'BAD_USER_INPUT',
  ],
  [
    'an unknown pool',
    'configurePool(input: { idempotencyKey: "x", code: "NONE" }) { pool { code } }',
    'UNKNOWN_POOL',
  ],
  [
    'a presale that ends before it starts',
    `configurePresaleCampaign(input: { idempotencyKey: "x", code: "C", startsAt: "2026-12-01T00:00:00Z",
      endsAt: "2026-11-01T00:00:00Z", lines: [{ sku: "A", quantity: 1, availableOn: "2026-12-01" }] }) { campaign { code } }`,
    'BAD_USER_INPUT',
  ],
])('%s is refused', async (_, mutation, code) => {
  await expect(ask(`mutation { ${mutation} }`)).rejects.toMatchObject({
    response: { errors: [{ extensions: { code } }] },
  });
});
