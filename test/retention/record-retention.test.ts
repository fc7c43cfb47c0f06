import { beforeEach, expect, test } from '@jest/globals';
import { runHousekeeping } from '../../src/housekeeping.ts';
import { createLogger } from '../../src/platform/process/log.ts';
import type { Retention } from '../../src/platform/process/retention-settings.ts';
import { later, NOON } from '../support/inventory/engine-fixture.ts';
import { paidOrder, shopFixture } from '../support/routing/shop.ts';

const shop = shopFixture();
beforeEach(() => shop.database.setClock(NOON));

const DAY = 86_400;
const never = new AbortController().signal;
const retention: Retention = {
  decisions: 100,
  reservations: 100,
  tracking: 50,
  tasks: 60,
  outbox: 40,
  events: 7,
  deadEvents: 30,
  ledger: 100_000,
  ledgerArchive: 100_000,
};

/** Keeps house that many days after the tests began. */
async function keepAfter(days: number, more: Partial<Retention> = {}): Promise<void> {
  await shop.database.setClock(later(days * DAY));
  const warnings: unknown[] = [];
  const log = Object.assign(createLogger('silent'), { warn: (problem: unknown) => warnings.push(problem) });
  await runHousekeeping(shop.orm, { idempotencyDays: 7, retention: { ...retention, ...more } }, log, never);
  expect(warnings).toEqual([]);
}

async function count(table: string, where = 'true', values: unknown[] = []): Promise<number> {
  const [row] = await shop.database.query<{ count: number }>(
    `select count(*)::int as count from ${table} where ${where}`,
    values,
  );
  return row!.count;
}

const ofOrder = (orderId: string) => [orderId];
const decisions = (orderId: string) => count('routing_decision', 'order_id = $1', ofOrder(orderId));
const events = (orderId: string) =>
  count('tracking_event', 'shipment_id in (select id from shipment where order_id = $1)', ofOrder(orderId));

/** Decided ids are in the order of real time; the tests' clock is another one. */
async function ageDecisions(): Promise<void> {
  await shop.database.query(`alter table shipment drop constraint shipment_decision_id_fkey`);
  await shop.database.query(
    `with aged as (update routing_decision set id = ('0190' || substr(id::text, 5))::uuid where id::text not like '0190%')
     update shipment set decision_id = ('0190' || substr(decision_id::text, 5))::uuid where decision_id::text not like '0190%'`,
  );
  await shop.database.query(
    'alter table shipment add constraint shipment_decision_id_fkey foreign key (decision_id) references routing_decision',
  );
}

async function route(externalId: string): Promise<string> {
  await shop.stock('MUG', 'EAST', 100);
  const orderId = await shop.take(paidOrder(externalId, [['MUG', 1]]));
  await shop.route(orderId);
  return orderId;
}

async function send(externalId: string): Promise<string> {
  const orderId = await route(externalId);
  const [open] = await shop.shipments(orderId);
  await shop.answer(open!.id, 'SHIPPED', { trackingNumber: externalId });
  return orderId;
}

const track = (
  trackingNumber: string,
  status: 'IN_TRANSIT' | 'OUT_FOR_DELIVERY' | 'DELIVERED',
  days: number,
) => shop.tracked([{ trackingNumber, status, at: later(days * DAY).toISOString(), text: status }]);

test('decisions go with their shipments and tracking once their order has ended, and no sooner', async () => {
  const arrived = await send('R-1');
  await track('R-1', 'IN_TRANSIT', 1);
  await track('R-1', 'DELIVERED', 2);
  const planned = await route('R-2');
  const dry = await shop.take(paidOrder('R-3', [['MUG', 1]]));
  const { id } = await shop.route(dry, { dryRun: true });
  await ageDecisions();

  await keepAfter(90);
  expect([await decisions(arrived), await decisions(planned), await decisions(dry)]).toEqual([1, 1, 1]);
  await keepAfter(103);
  expect([await decisions(arrived), await decisions(planned), await decisions(dry)]).toEqual([0, 1, 0]);
  expect(await shop.shipments(arrived)).toEqual([]);
  expect(await events(arrived)).toBe(0);
  expect(await shop.shipments(planned)).toHaveLength(1);
  await expect(shop.router.settle(id)).rejects.toMatchObject({ code: 'UNKNOWN_ROUTING_DECISION' });
});

test('of the tracking of parcels that have arrived, the newest event and the delivery stay', async () => {
  const orderId = await send('T-1');
  await track('T-1', 'IN_TRANSIT', 1);
  await track('T-1', 'OUT_FOR_DELIVERY', 2);
  const underWay = await send('T-2');
  await track('T-2', 'IN_TRANSIT', 1);
  await track('T-2', 'OUT_FOR_DELIVERY', 2);
  await track('T-1', 'DELIVERED', 3);
  await keepAfter(52, { decisions: 100_000 });
  expect(await events(orderId)).toBe(3);
  await keepAfter(54, { decisions: 100_000 });
  expect([await events(orderId), await events(underWay)]).toEqual([1, 2]);

  // Late news of it: it is still delivered, when it was.
  await track('T-1', 'IN_TRANSIT', 1);
  const [row] = await shop.database.query<{ at: Date; status: string }>(
    'select delivered_at as at, tracking_status as status from shipment where order_id = $1',
    [orderId],
  );
  expect(row).toEqual({ at: later(3 * DAY), status: 'DELIVERED' });
});

test('decided tasks go, open ones stay however old', async () => {
  await shop.database.query(
    `insert into review_task (id, kind, subject, summary, details, status, opened_at, deadline, default_action, resolved_at)
     select gen_random_uuid(), 'KIND', n::text, '', '{}', case when n <= 2500 then 'RESOLVED' else 'OPEN' end, hub_now(),
       hub_now(), 'NOTHING', case when n <= 2500 then hub_now() end from generate_series(1, 2510) n`,
  );
  await keepAfter(59);
  expect(await count('review_task', `kind = 'KIND'`)).toBe(2_510);
  await keepAfter(61);
  expect(await count('review_task', `kind = 'KIND'`)).toBe(10);
});

test('what has left the outboxes goes, what waits stays', async () => {
  await shop.database.query(
    `insert into source_write (id, connector, kind, subject, payload, queued_at, state, due_at, delivered_at)
     select gen_random_uuid(), 'c', 'FULFILMENT', state, '{}', hub_now(), state, hub_now(),
       case when state = 'DELIVERED' then hub_now() end from unnest(array['PENDING', 'DELIVERED', 'FAILED']) as state`,
  );
  await shop.database.query(
    `insert into webhook_delivery (endpoint_id, type, key, payload, queued_at, state, due_at, delivered_at, last_attempt_at)
     select gen_random_uuid(), 't', state, '{}', hub_now(), state, hub_now(), hub_now(), hub_now()
     from unnest(array['PENDING', 'DELIVERED', 'DEAD']) as state`,
  );
  const states = async (table: string) =>
    (await shop.database.query<{ state: string }>(`select state from ${table} order by state`)).map(
      ({ state }) => state,
    );
  await keepAfter(8);
  expect(await states('webhook_delivery')).toEqual(['DEAD', 'PENDING']);
  await keepAfter(39);
  expect(await states('webhook_delivery')).toEqual(['PENDING']);
  expect(await states('source_write')).toEqual(['DELIVERED', 'FAILED', 'PENDING']);
  await keepAfter(41);
  expect(await states('source_write')).toEqual(['PENDING']);
});

test('a hub that stops ends between two batches', async () => {
  await shop.database.query(
    `insert into review_task (id, kind, subject, summary, details, status, opened_at, deadline, default_action, resolved_at)
     select gen_random_uuid(), 'STOP', n::text, '', '{}', 'RESOLVED', hub_now(), hub_now(), 'NOTHING', hub_now()
     from generate_series(1, 1500) n`,
  );
  await shop.database.setClock(later(61 * DAY));
  const settings = { idempotencyDays: 7, retention };
  await runHousekeeping(shop.orm, settings, createLogger('silent'), AbortSignal.abort());
  expect(await count('review_task', `kind = 'STOP'`)).toBe(1_500);
});
