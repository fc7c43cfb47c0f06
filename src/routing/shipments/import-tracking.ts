import { transitionOrder, OrderState } from '../../order/index.ts';
import type { EntityManager } from '../../platform/database/database.ts';
import { isInstant } from '../../platform/database/instant.ts';
import type { ImportResult, Rejection } from '../../platform/import/import-result.ts';
import { partitionRecords } from '../../platform/import/partition-records.ts';
import { TrackingStatus } from '../store/parcel-tracking.ts';

/** An event that a carrier reports of a parcel; instants are ISO 8601 with zone. */
export interface TrackingInput {
  trackingNumber: string;
  /** The carrier service it goes by, where the number alone may be another carrier's too. */
  carrier?: string;
  status: TrackingStatus;
  at: string;
  text: string;
  place?: string;
}

interface Shipped {
  id: string;
  orderId: string;
  trackingNumber: string;
  carrierService: string | null;
}
type ShipmentEvent = Omit<TrackingInput, 'trackingNumber' | 'carrier'> & { shipmentId: string };

/**
 * Imports tracking events, polled from a carrier or sent as records. Idempotent by shipment, instant, status and text;
 * events may come in any order. An order whose shipments have all arrived is DELIVERED. Commits with the transaction
 * of `em`, which must be open.
 */
export async function importTracking(
  em: EntityManager,
  records: readonly TrackingInput[],
): Promise<ImportResult> {
  const { valid, rejected } = partitionRecords(records, trackingProblem);
  const numbers = new Set(valid.map(({ record }) => record.trackingNumber));
  const byNumber = Map.groupBy(await shippedWith(em, [...numbers]), (shipment) => shipment.trackingNumber);
  const unknown: Rejection[] = [];
  const events: ShipmentEvent[] = [];
  for (const { index, record } of valid) {
    const { trackingNumber, carrier, ...event } = record;
    const shipments = (byNumber.get(trackingNumber) ?? []).filter(
      ({ carrierService }) => carrier === undefined || carrier === carrierService,
    );
    if (shipments.length === 0) unknown.push({ index, reason: notShipped(record) });
    for (const { id } of shipments) events.push({ ...event, shipmentId: id });
  }
  await take(em, events);
  return {
    accepted: records.length - rejected.length - unknown.length,
    rejected: [...rejected, ...unknown].sort((a, b) => a.index - b.index),
  };
}

function trackingProblem({ trackingNumber, status, at }: TrackingInput): string | undefined {
  if (trackingNumber === '') return 'The tracking number is empty.';
  if (!Object.hasOwn(TrackingStatus, status)) return `Tracking status ${String(status)} does not exist.`;
  return isInstant(at) ? undefined : `at must be an ISO 8601 timestamp with time zone, got "${at}"`;
}

function notShipped({ trackingNumber, carrier }: TrackingInput): string {
  const by = carrier === undefined ? '' : ` by ${carrier}`;
  return `No shipment has left with the tracking number ${trackingNumber}${by}.`;
}

function shippedWith(em: EntityManager, trackingNumbers: readonly string[]): Promise<Shipped[]> {
  return em.execute<Shipped[]>(
    `select id, order_id as "orderId", tracking_number as "trackingNumber", carrier_service as "carrierService"
     from shipment
     where state = 'SHIPPED' and tracking_number in (select jsonb_array_elements_text(?::jsonb)) order by id`,
    [JSON.stringify(trackingNumbers)],
  );
}

async function take(em: EntityManager, events: readonly ShipmentEvent[]): Promise<void> {
  if (events.length === 0) return;
  await em.execute(
    `insert into tracking_event (shipment_id, at, status, text, place)
     select "shipmentId", at, status, text, place
     from rows from (jsonb_to_recordset(?::jsonb)
       as ("shipmentId" uuid, at timestamptz, status text, text text, place text))
       with ordinality as e ("shipmentId", at, status, text, place, position)
     -- In one order for all that insert at once, and, of one instant, as the carrier tells them.
     order by "shipmentId", at, position
     on conflict do nothing`,
    [JSON.stringify(events)],
  );
  const shipmentIds = [...new Set(events.map(({ shipmentId }) => shipmentId))];
  const orders = await lockOrdersOf(em, shipmentIds);
  await settleShipments(em, shipmentIds);
  for (const order of await arrived(em, orders)) await transitionOrder(em, order, 'DELIVER');
}

/** The orders of shipments, locked in one order for all: before their shipments, as whoever ships does. */
async function lockOrdersOf(em: EntityManager, shipmentIds: readonly string[]): Promise<string[]> {
  const rows = await em.execute<{ id: string }[]>(
    `select id from sales_order
     where id in (select order_id from shipment where id in (select value::uuid from jsonb_array_elements_text(?::jsonb)))
     order by id for update`,
    [JSON.stringify(shipmentIds)],
  );
  return rows.map(({ id }) => id);
}

/** Derives the state of shipments from their events, however late one of them came. */
async function settleShipments(em: EntityManager, shipmentIds: readonly string[]): Promise<void> {
  await em.execute(
    `with settled as (
       update shipment s set tracking_status = newest.status, delivered_at = delivered.at, tracking_as_of = hub_now()
       from (select value::uuid as id from jsonb_array_elements_text(?::jsonb)) told
       cross join lateral (
         select status from tracking_event where shipment_id = told.id order by at desc, id desc limit 1) newest
       cross join lateral (
         select max(at) as at from tracking_event where shipment_id = told.id and status = 'DELIVERED') delivered
       where s.id = told.id
       returning s.id, s.delivered_at is not null or s.tracking_status = 'RETURNED' as over
     )
     delete from tracking_inquiry i using settled where i.shipment_id = settled.id and settled.over`,
    [JSON.stringify(shipmentIds)],
  );
}

/** Those of the orders that are SHIPPED and wait for no shipment any more; what is fetched at a counter has arrived. */
function arrived(
  em: EntityManager,
  orderIds: readonly string[],
): Promise<{ id: string; state: OrderState }[]> {
  return em.execute<{ id: string; state: OrderState }[]>(
    `select id, state from sales_order o
     where id in (select value::uuid from jsonb_array_elements_text(?::jsonb)) and state = ?
       and exists (select 1 from shipment where order_id = o.id and delivered_at is not null)
       and not exists (
         select 1 from shipment where order_id = o.id and (state in ('PLANNED', 'ACKNOWLEDGED')
           or state = 'SHIPPED' and carrier_service is not null and delivered_at is null))
     order by id`,
    [JSON.stringify(orderIds), OrderState.SHIPPED],
  );
}
