import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { isDeepStrictEqual } from 'node:util';
import { randomOf, SKUS, type Command } from '../invariants/torture/commands.ts';
import { httpClient } from '../support/client.ts';
import { createEmptyDatabase } from '../support/hub-process.ts';
import { startHub, type RunningHub } from '../support/hub.ts';
import { until } from '../support/until.ts';
import {
  answerOf,
  repeatAll,
  runMixedLoad,
  type Exchange,
  type Version,
} from '../support/versions/mixed-load.ts';
import { buildRelease, newestRelease } from '../support/versions/released-version.ts';

/**
 * An upgrade, as docs/runbook.md has it: the released version serves; the present one starts beside it without jobs and
 * migrates under load; both serve; the released one goes, and the present one gets the jobs. Every answer is compared.
 */
const MINUTES = 60_000;
const ADMIN_KEY = 'versions-admin-key-0123456789';
const release = newestRelease();
const random = randomOf(20_261_201);

let database: Awaited<ReturnType<typeof createEmptyDatabase>>;
let released: RunningHub;
let present: RunningHub | undefined;
const exchanges: Exchange[] = [];

const start = (options: { version?: string; sample?: boolean; environment?: Record<string, string> }) =>
  startHub({
    databaseUrl: database.url,
    adminKey: ADMIN_KEY,
    ...options,
    // The comparison reads all orders with everything about them at once; the released version has no ceiling.
    environment: { HUB_COST_CEILING: '1000000', ...options.environment },
  });

beforeAll(async () => {
  const folder = buildRelease(release);
  database = await createEmptyDatabase();
  released = await start({ version: folder, sample: true });
  await database.client.query(
    `insert into sku (code, title) select code, code from unnest($1::text[]) as code`,
    [SKUS],
  );
  await database.client.query(
    `insert into channel (code, name, pool) values ('douyin', 'Douyin', 'MAIN'), ('jd', 'JD', 'MAIN') on conflict do nothing`,
  );
  await database.client.query(
    `insert into node (code, name, kind, city, pool) values ('WH', 'Warehouse', 'WAREHOUSE', 'Shanghai', 'MAIN') on conflict do nothing`,
  );
  const count: Command = {
    mutation: 'adjustStock',
    input: {
      idempotencyKey: 'first-count',
      node: 'WH',
      reason: 'count',
      lines: SKUS.map((sku) => ({ sku, counted: 60 })),
    },
  } as never;
  exchanges.push({ command: count, answer: await answerOf(old(), count) });
}, 10 * MINUTES);

afterAll(async () => {
  await present?.stop();
  await released?.stop();
  await database?.drop();
});

const old = (): Version => ({ ...released, name: release.version });
const now = (): Version => ({ ...present!, name: 'present' });
const ask = <Data>(version: Version, query: string, variables: object = {}) =>
  httpClient(version).request<Data>(query, variables);

interface Order {
  id: string;
  channel: string;
  externalId: string;
  state: string;
  lines: { id: string; externalId: string; quantity: number; sku: { code: string } }[];
  routingDecisions: { id: string; shipments: { id: string; state: string }[] }[];
}
const ORDERS = `{ orders(first: 100) { nodes {
  id channel externalId state lines { id externalId quantity shippedQuantity cancelledQuantity refundedQuantity sku { code } }
  routingDecisions { id shipments { id state trackingNumber } } reservations { id state lines { quantity released shipped allocated sku { code } } } } } }`;

const orders = async (version: Version) =>
  (await ask<{ orders: { nodes: Order[] } }>(version, ORDERS)).orders.nodes;

const plannedOf = ({ routingDecisions }: Order) =>
  routingDecisions.flatMap(({ shipments }) => shipments).find(({ state }) => state === 'PLANNED');

/** Refunds, of shipped and of unshipped units, and returns of more than was shipped. Some open orders are left alone. */
async function ordersNews(): Promise<Command[]> {
  let spared = 0;
  const touched = (await orders(old())).filter((order) => plannedOf(order) === undefined || spared++ >= 4);
  const refunds = touched.map(({ channel, externalId, lines }) => ({
    mutation: 'recordRefund',
    input: {
      idempotencyKey: `refund ${externalId}`,
      refundExternalId: `R-${externalId}`,
      channel,
      orderExternalId: externalId,
      settledAt: '2026-11-30T00:00:00Z',
      lines: [{ orderLineExternalId: lines[0]!.externalId, quantity: 1 }],
    },
  }));
  const returns = touched.slice(0, 5).map(({ externalId, lines: [line] }) => ({
    mutation: 'restock',
    input: {
      idempotencyKey: `return ${externalId}`,
      node: 'WH',
      reason: 'CUSTOMER_RETURN',
      lines: [{ sku: line!.sku.code, quantity: 900_000, orderLine: line!.id }],
    },
  }));
  return [...returns, ...refunds] as never;
}

const migrations = async () =>
  (
    await database.client.query<{ name: string }>('select name from mikro_orm_migrations order by name')
  ).rows.map(({ name }) => name);

test(
  'the present version migrates while the released one serves, and that one goes on',
  async () => {
    const before = await migrations();
    let isUp = false;
    let after = 0;
    const starting = start({ environment: { HUB_JOBS: 'off', HUB_OUTGOING: 'off' } }).then((hub) => {
      present = hub;
      isUp = true;
      return hub;
    });
    const { exchanges: some, differences } = await runMixedLoad({
      clients: 6,
      random,
      name: 'migrating',
      versions: () => [old()],
      // Some hundred commands more on the migrated schema.
      goOn: () => !isUp || after++ < 300,
    });
    await starting;
    exchanges.push(...some);
    expect(differences).toEqual([]);
    expect(some.length).toBeGreaterThan(300);
    expect((await migrations()).length).toBeGreaterThan(before.length);
  },
  5 * MINUTES,
);

test(
  'each command has one answer, whichever version carried it out and whichever is asked',
  async () => {
    const { exchanges: some, differences } = await runMixedLoad({
      clients: 8,
      random,
      name: 'both',
      versions: () => [old(), now()],
      more: await ordersNews(),
      goOn: (answered) => answered < 1_500,
    });
    exchanges.push(...some);
    expect(differences).toEqual([]);
    const mutations = new Set(some.map(({ command }) => command.mutation));
    expect([...mutations].sort()).toEqual([
      'adjustStock',
      'cancelReservation',
      'confirmReservation',
      'extendReservation',
      'recordRefund',
      'releaseReservation',
      'reserve',
      'restock',
    ]);
    const kinds = new Set(
      some.map(({ answer }) => {
        const [payload] =
          'data' in answer ? Object.values(answer.data as Record<string, { __typename: string }>) : [];
        return payload?.__typename ?? 'an error';
      }),
    );
    for (const kind of [
      'Reservation',
      'InsufficientStock',
      'ReservationNotOpen',
      'Restock',
      'RestockRefused',
    ])
      expect(kinds).toContain(kind);
  },
  5 * MINUTES,
);

/** Holds end by the clock, and jobs go on: asked in between two equal answers of one version, the other must agree. */
async function expectSame(read: (version: Version) => Promise<unknown>): Promise<void> {
  let before: unknown;
  let between: unknown;
  await until(async () => {
    before = await read(old());
    between = await read(now());
    return isDeepStrictEqual(before, await read(old()));
  });
  expect(between).toEqual(before);
}

test(
  'reads are the same',
  async () => {
    const skus = [...SKUS, 'HOODIE-BLK-M', 'HOODIE-BLK-L'];
    const ATP = `query ($skus: [ID!]!) { availableToPromise(skus: $skus) { sku { code levels { node { code } onHand } }
    quantity version terms { kind quantity } projection(days: 10) { on quantity } } }`;
    await expectSame((version) => ask(version, ATP, { skus }));
    await expectSame(orders);
    const ids = exchanges.flatMap(({ answer }) => {
      const { reserve } = ('data' in answer ? answer.data : {}) as { reserve?: { id?: string } };
      return reserve?.id ?? [];
    });
    expect(ids.length).toBeGreaterThan(50);
    for (const id of ids.slice(-50)) {
      const RESERVATION = `query ($id: ID!) { reservation(id: $id) { id state channel reference orderExternalId expiresAt
      lines { quantity released allocated shipped promisedOn sku { code } } events { at state actor reason } } }`;
      await expectSame((version) => ask(version, RESERVATION, { id }));
    }
  },
  2 * MINUTES,
);

test(
  'what a node rejects at one version is routed at the other, and every decision is decided again identically',
  async () => {
    const openOrders = async () => (await orders(now())).filter((order) => plannedOf(order) !== undefined);
    const reject = (order: Order): Command =>
      ({
        mutation: 'recordFulfilment',
        input: {
          idempotencyKey: `reject ${order.id}`,
          shipmentId: plannedOf(order)!.id,
          answer: 'REJECTED',
          reason: 'NO_CAPACITY',
        },
      }) as never;
    const [byPresent, later] = (await openOrders()) as [Order, Order];
    const decisionsOf = async ({ id }: Order) =>
      (await orders(now())).find((order) => order.id === id)!.routingDecisions.length;

    // The released version has the jobs: it routes what the present one has written.
    const command = reject(byPresent);
    const answer = await answerOf(now(), command);
    exchanges.push({ command, answer });
    await until(async () => (await decisionsOf(byPresent)) > byPresent.routingDecisions.length);

    // Without the released one, the present version decides.
    expect(await released.terminate()).toBe(0);
    const last = reject(later);
    exchanges.push({ command: last, answer: await answerOf(now(), last) });
    const route: Command = {
      mutation: 'routeOrder',
      input: { idempotencyKey: `route ${later.id}`, orderId: later.id },
    } as never;
    const routed = await answerOf(now(), route);
    exchanges.push({ command: route, answer: routed });
    expect(routed).toMatchObject({ data: { routeOrder: { __typename: 'RoutingDecision' } } });

    const ids = (await orders(now())).flatMap(({ routingDecisions }) => routingDecisions.map(({ id }) => id));
    expect(ids.length).toBeGreaterThan(20);
    const REPLAY = 'query ($id: ID!) { replayRoutingDecision(id: $id) { identical difference } }';
    for (const id of ids)
      expect({ id, ...(await ask<object>(now(), REPLAY, { id })) }).toEqual({
        id,
        replayRoutingDecision: { identical: true, difference: null },
      });
  },
  5 * MINUTES,
);

test(
  'after the upgrade every key has the answer it had, and the stock is consistent',
  async () => {
    await present!.terminate();
    present = await start({});
    expect(await repeatAll(exchanges, now())).toEqual([]);
    const AUDIT = '{ stockAudit { consistent checked differences { sku place counter stored folded } } }';
    expect(await ask(now(), AUDIT)).toMatchObject({ stockAudit: { consistent: true, differences: [] } });
    expect(present.output().stderr).not.toMatch(/"level":50/);
  },
  5 * MINUTES,
);

test('a clone whose history lacks the release says so', () => {
  const commit = '0'.repeat(40);
  expect(() => buildRelease({ version: '9.9.9', commit })).toThrow(
    `This clone has no commit ${commit}, which is version 9.9.9: fetch the whole history (git fetch --unshallow).`,
  );
});
