import type { EntityManager } from '../../platform/database/database.ts';

/** Carriers know nothing new sooner, and some count how often they are asked for a number. */
const ASK_AGAIN_MINUTES = 30;
/** Parcels that have not arrived by then are lost, or their carrier reports nothing, in days. */
const ASK_FOR_DAYS = 60;

/** A parcel that is under way. */
export interface TrackedParcel {
  shipmentId: string;
  /** The code of its carrier service. */
  carrier: string;
  trackingNumber: string;
  /** The last four digits of the buyer's phone, which some carriers want to be told. */
  phoneTail: string | null;
}

/** The parcels that a source is to be asked for now: never asked ones first, then those asked longest ago. */
export function dueParcels(em: EntityManager, connector: string, limit: number): Promise<TrackedParcel[]> {
  return em.execute<TrackedParcel[]>(
    `with instant as materialized (select hub_now() as now)
     select s.id as "shipmentId", s.carrier_service as carrier, s.tracking_number as "trackingNumber",
       substring(regexp_replace(o.buyer->>'phone', '\\D', '', 'g') from '\\d{4}$') as "phoneTail"
     from instant, shipment s
     join sales_order o on o.id = s.order_id
     left join tracking_inquiry i on i.connector = ? and i.shipment_id = s.id
     where s.state = 'SHIPPED' and s.tracking_number is not null and s.carrier_service is not null
       and s.delivered_at is null and s.tracking_status is distinct from 'RETURNED'
       and s.answered_at > now - make_interval(days => ${ASK_FOR_DAYS})
       and (i.asked_at is null or i.asked_at <= now - make_interval(mins => ${ASK_AGAIN_MINUTES}))
     order by i.asked_at nulls first, s.answered_at, s.id limit ?`,
    [connector, limit],
  );
}

export async function markPolled(
  em: EntityManager,
  connector: string,
  parcels: readonly TrackedParcel[],
): Promise<void> {
  await em.execute(
    `insert into tracking_inquiry (connector, shipment_id, asked_at)
     select ?, s.id, hub_now() from shipment s
     where s.id in (select value::uuid from jsonb_array_elements_text(?::jsonb))
       and s.delivered_at is null and s.tracking_status is distinct from 'RETURNED'
     order by s.id
     on conflict (connector, shipment_id) do update set asked_at = excluded.asked_at`,
    [connector, JSON.stringify(parcels.map(({ shipmentId }) => shipmentId))],
  );
}
