import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { GraphQLClient } from 'graphql-request';
import type { Client } from 'graphql-ws';
import { httpClient, socketClient } from '../../../support/client.ts';
import { createTestDatabase, type TestDatabase } from '../../../support/database.ts';
import { seedCatalogue } from '../../../support/inventory/engine.ts';
import { startInventoryServer, type InventoryServer } from '../../../support/inventory/inventory-server.ts';

/** All that moves a promise beside reservations, as its watcher sees it: at its instant, though nobody calls. */

const NOON = new Date('2026-11-22T12:00:00+08:00');
const MIDNIGHT = new Date('2026-11-23T00:00:00+08:00');
const later = (seconds: number) => new Date(NOON.getTime() + seconds * 1000);
const AHEAD_MS = 700;

let database: TestDatabase;
let server: InventoryServer;
let http: GraphQLClient;
let socket: Client;
let sku: string;
let used = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  await seedCatalogue(
    database,
    Array.from({ length: 20 }, (_, index) => `C${index}`),
  );
  server = await startInventoryServer(database);
  http = httpClient(server);
});
afterAll(async () => {
  await server?.close();
  await database?.drop();
});
beforeEach(async () => {
  sku = `C${used++}`;
  await database.runClockFrom(NOON);
  socket = socketClient(server);
});
afterEach(() => socket.dispose());

interface Atp {
  quantity: number;
  version: string;
  asOf: string;
  terms: { quantity: number }[];
  projection: { on: string; quantity: number; inTransit: number; presale: number }[];
}
interface Update {
  kind: string;
  previousVersion: string | null;
  atp: Atp;
}

const WATCH = `subscription ($sku: ID!, $channel: ID, $pool: ID) {
  atp(skus: [$sku], channel: $channel, pool: $pool) {
    kind previousVersion
    atp { quantity version asOf terms { quantity } projection(days: 4) { on quantity inTransit presale } }
  }
}`;

/** Its first message has been taken: `next` waits for the one after. */
async function watch(scope: { channel?: string; pool?: string } = {}) {
  const updates = socket.iterate<{ atp: Update }>({ query: WATCH, variables: { sku, ...scope } });
  const next = async (): Promise<Update> => {
    const { value } = await updates.next();
    if (!value?.data) throw new Error(JSON.stringify(value));
    const { atp } = value.data;
    expect(atp.atp.terms.reduce((sum: number, term: { quantity: number }) => sum + term.quantity, 0)).toBe(
      atp.atp.quantity,
    );
    expect(atp.atp.projection[0]!.quantity).toBe(atp.atp.quantity);
    return atp;
  };
  return { next, before: (await next()).atp };
}

/** What is pushed at `instant`, when the clock comes to it and nobody calls. */
async function pushedAt(instant: Date, scope: { channel?: string; pool?: string } = {}) {
  await database.runClockFrom(new Date(instant.getTime() - AHEAD_MS));
  const { next, before } = await watch(scope);
  expect(new Date(before.asOf) < instant).toBe(true);
  const { kind, previousVersion, atp: after } = await next();
  expect({ kind, previousVersion }).toEqual({ kind: 'CHANGE', previousVersion: before.version });
  expect(after.version > before.version).toBe(true);
  expect(new Date(after.asOf) >= instant).toBe(true);
  expect(after.version.split('.')[1]).toBe(String(instant.getTime() * 1000).padStart(17, '0'));
  return { before, after };
}

const command = (field: string, type: string, selection = '{ __typename }') => {
  const query = `mutation ($input: ${type}!) { ${field}(input: $input) ${selection} }`;
  return (input: object) =>
    http.request<Record<string, { id: string; expiresAt: string }>>(query, {
      input: { idempotencyKey: randomUUID(), ...input },
    });
};
const adjust = command('adjustStock', 'AdjustStockInput');
const restock = command('restock', 'RestockInput');
const inbound = command('recordInbound', 'RecordInboundInput');
const presale = command('configurePresaleCampaign', 'ConfigurePresaleCampaignInput');
const setQuotas = command('setChannelQuotas', 'SetChannelQuotasInput');
const setBuffers = command('setSafetyBuffers', 'SetSafetyBuffersInput');
const reserve = command('reserve', 'ReserveInput', '{ ... on Reservation { id expiresAt } }');
const confirm = command('confirmReservation', 'ConfirmReservationInput');

const count = (counted: number) => adjust({ node: 'WH', reason: 'count', lines: [{ sku, counted }] });
const onItsWay = (quantity: number, availableOn: string) =>
  inbound({
    kind: 'PURCHASE_ORDER',
    externalId: `PO-${sku}`,
    node: 'WH',
    lines: [{ sku, quantity, availableOn }],
  });
async function hold(quantity: number, more: object = {}) {
  const basket = { channel: 'jd', reference: sku, ttlSeconds: 3600, lines: [{ sku, quantity }] };
  const { id, expiresAt } = (await reserve({ ...basket, ...more })).reserve!;
  return { id, endsAt: new Date(expiresAt) };
}
const promised = async (quantity: number, neededOn: string) =>
  confirm({ reservationId: (await hold(quantity, { neededOn })).id });

test('a hold that ends', async () => {
  await count(5);
  const { endsAt } = await hold(2);
  const { before, after } = await pushedAt(endsAt);
  expect([before.quantity, after.quantity]).toEqual([3, 5]);
});

test('a hold of a promise for a later day', async () => {
  await count(5);
  const { endsAt } = await hold(4, { neededOn: '2026-11-25' });
  const { before, after } = await pushedAt(endsAt);
  expect([before.quantity, after.quantity]).toEqual([1, 5]);
});

test('goods on their way, told of and received', async () => {
  await count(5);
  const { next, before } = await watch();
  expect(before.projection.map(({ quantity }) => quantity)).toEqual([5, 5, 5, 5]);
  await onItsWay(4, '2026-11-24');
  const told = (await next()).atp;
  expect(told.projection.map(({ quantity }) => quantity)).toEqual([5, 5, 9, 9]);
  await restock({
    node: 'WH',
    reason: 'RECEIPT',
    lines: [{ sku, quantity: 4, condition: 'SELLABLE', inbound: `PO-${sku}` }],
  });
  const received = (await next()).atp;
  expect(received.projection.map(({ quantity }) => quantity)).toEqual([9, 9, 9, 9]);
  expect(received.projection.every(({ inTransit }) => inTransit === 0)).toBe(true);
});

test('a delivery that is overdue drops out on the eighth day, where nothing is promised of it', async () => {
  await count(5);
  await onItsWay(4, '2026-11-23');
  const { before, after } = await pushedAt(new Date('2026-12-01T00:00:00+08:00'));
  expect(before.projection.map(({ quantity }) => quantity)).toEqual([5, 9, 9, 9]);
  expect(after.projection.map(({ quantity }) => quantity)).toEqual([5, 5, 5, 5]);
});

test('a delivery that is overdue drops out from under a promise', async () => {
  await count(5);
  await onItsWay(4, '2026-11-23');
  await promised(7, '2026-12-20');
  const { before, after } = await pushedAt(new Date('2026-12-01T00:00:00+08:00'));
  expect([before.quantity, after.quantity]).toEqual([2, 0]);
});

test('the exclusive part of a channel that is released', async () => {
  await count(10);
  await setQuotas({
    channel: 'douyin',
    lines: [{ sku, exclusive: 6, releaseAt: later(3600).toISOString() }],
  });
  const { before, after } = await pushedAt(later(3600), { channel: 'jd' });
  expect([before.quantity, after.quantity]).toEqual([4, 10]);
});

const campaign = (startsAt: Date, endsAt: Date) => ({
  code: `P-${sku}`,
  startsAt: startsAt.toISOString(),
  endsAt: endsAt.toISOString(),
  lines: [{ sku, quantity: 9, availableOn: '2026-11-24' }],
});

test('a presale that starts, with and without promises for later days', async () => {
  await count(5);
  await presale(campaign(later(60), later(3600)));
  const plain = await pushedAt(later(60));
  expect(plain.before.projection.map(({ presale: units }) => units)).toEqual([0, 0, 0, 0]);
  expect(plain.after.projection.map(({ presale: units }) => units)).toEqual([0, 0, 9, 9]);

  await database.runClockFrom(NOON);
  sku = `C${used++}`;
  await count(5);
  await presale(campaign(later(60), later(3600)));
  await promised(5, '2026-11-25');
  const drawn = await pushedAt(later(60));
  expect([drawn.before.quantity, drawn.after.quantity]).toEqual([0, 5]);
});

test('a presale that ends moves no number: what it planned still comes', async () => {
  await count(5);
  await presale(campaign(NOON, later(3600)));
  await database.runClockFrom(later(3600 - 1));
  const { next, before } = await watch();
  await database.runClockFrom(later(3600 + 1));
  await count(6);
  const { previousVersion, atp } = await next();
  expect(previousVersion).toBe(before.version);
  expect(atp.projection.map(({ presale: units }) => units)).toEqual([0, 0, 9, 9]);
  await expect(hold(1, { campaign: `P-${sku}` })).rejects.toThrow('CAMPAIGN_NOT_OPEN');
});

test('a safety buffer that is set', async () => {
  await count(10);
  const { next, before } = await watch();
  await setBuffers({ lines: [{ sku, fixed: 3 }] });
  expect([before.quantity, (await next()).atp.quantity]).toEqual([10, 7]);
});

test('midnight, at which a promise falls due', async () => {
  await count(5);
  await onItsWay(5, '2026-11-23');
  await promised(5, '2026-11-23');
  const { before, after } = await pushedAt(MIDNIGHT);
  expect([before.quantity, after.quantity]).toEqual([5, 0]);
});

test('midnight of the merchant, though nothing is planned: the days are others', async () => {
  await count(5);
  const { before, after } = await pushedAt(MIDNIGHT);
  const days = ({ projection }: Atp) => projection.map(({ on }) => on);
  expect(days(before)).toEqual(['2026-11-22', '2026-11-23', '2026-11-24', '2026-11-25']);
  expect(days(after)).toEqual(['2026-11-23', '2026-11-24', '2026-11-25', '2026-11-26']);
});

test('midnight of a pool in another zone, of a SKU that it has never had', async () => {
  await database.query(`insert into pool (code, name, time_zone) values ('US', 'US', 'America/New_York')`);
  const midnight = new Date('2026-11-23T00:00:00-05:00');
  const { before, after } = await pushedAt(midnight, { pool: 'US' });
  expect([before, after].map(({ projection }) => projection[0]!.on)).toEqual(['2026-11-22', '2026-11-23']);
});

test('a channel that begins to sell from its own part alone, under a version of its own', async () => {
  const configure = (sellsFrom: string) =>
    http.request(
      `mutation { configureChannel(input: { code: "douyin", sellsFrom: ${sellsFrom} }) { code } }`,
    );
  await count(10);
  const { next, before } = await watch({ channel: 'douyin' });
  expect(before.quantity).toBe(10);
  await configure('ESCROW');
  const { atp: after } = await next();
  expect(after.quantity).toBe(0);
  expect(after.version > before.version).toBe(true);
  await configure('POOL');
  expect((await next()).atp.quantity).toBe(10);
});
