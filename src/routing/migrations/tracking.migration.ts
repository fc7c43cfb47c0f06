import { Migration } from '@mikro-orm/migrations';

/** Which carrier service a shipment goes by, where parcels are, and who was last asked for them. */
export class AddShipmentTracking extends Migration {
  override up(): void {
    this.addSql(`
      alter table shipment
        -- Null for pickup.
        add column carrier_service text,
        -- The status of its newest tracking event.
        add column tracking_status text,
        -- When a carrier has last told of it, or had it told.
        add column tracking_as_of timestamptz,
        add column delivered_at timestamptz;
      update shipment s
      set carrier_service = d.outcome->'shipments'->(array_position(d.shipment_ids, s.id) - 1)->>'carrierService'
      from routing_decision d where d.id = s.decision_id;
      create index shipment_tracking_number on shipment (tracking_number) where tracking_number is not null;
      create index shipment_under_way on shipment (answered_at)
        where state = 'SHIPPED' and tracking_number is not null and delivered_at is null;

      create table tracking_event (
        id bigint generated always as identity primary key,
        shipment_id uuid not null references shipment,
        at timestamptz not null,
        status text not null check (status in
          ('INFO_RECEIVED', 'IN_TRANSIT', 'OUT_FOR_DELIVERY', 'DELIVERED', 'EXCEPTION', 'RETURNED')),
        text text not null,
        place text
      );
      -- Hashed: texts may be longer than an index holds.
      create unique index tracking_event_once on tracking_event (shipment_id, at, status, md5(text));

      -- When a logistics source was last asked for a shipment's parcel.
      create table tracking_inquiry (
        connector text not null,
        shipment_id uuid not null references shipment,
        asked_at timestamptz not null,
        primary key (connector, shipment_id)
      ) with (fillfactor = 80);
    `);
  }
}
