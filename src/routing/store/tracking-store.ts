import type { EntityManager } from '../../platform/database/database.ts';
import type { ParcelTracking, TrackingEvent } from './parcel-tracking.ts';

interface EventRow extends TrackingEvent {
  shipmentId: string;
  shipmentStatus: ParcelTracking['status'];
  deliveredAt: Date | null;
  asOf: Date;
}

/** Reads the tracking of shipments, by shipment; of those that no carrier has told of, nothing. */
export async function readTracking(
  em: EntityManager,
  shipmentIds: readonly string[],
): Promise<Map<string, ParcelTracking>> {
  const rows = await em.execute<EventRow[]>(
    `select s.id as "shipmentId", s.tracking_status as "shipmentStatus", s.delivered_at as "deliveredAt",
       s.tracking_as_of as "asOf", e.at, e.status, e.text, e.place
     from shipment s join tracking_event e on e.shipment_id = s.id
     where s.id in (select value::uuid from jsonb_array_elements_text(?::jsonb))
     order by s.id, e.at, e.id`,
    [JSON.stringify(shipmentIds)],
  );
  const byShipment = Map.groupBy(rows, ({ shipmentId }) => shipmentId);
  return new Map([...byShipment].map(([id, events]) => [id, trackingOf(events)]));
}

function trackingOf(rows: EventRow[]): ParcelTracking {
  const { shipmentStatus, deliveredAt, asOf } = rows[0]!;
  return {
    status: shipmentStatus,
    deliveredAt: deliveredAt && new Date(deliveredAt),
    asOf: new Date(asOf),
    events: rows.map(({ at, status, text, place }) => ({ at: new Date(at), status, text, place })),
  };
}
