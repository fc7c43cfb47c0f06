import { Migration } from '@mikro-orm/migrations';
import { CountOpenWork } from './open-work.migration.ts';
import { TrackingRetention } from './tracking-retention.migration.ts';
import { AddShipmentTracking } from './tracking.migration.ts';

/** Decisions with all that led to them, and what nodes have been given to do. */
class RoutingFirst extends Migration {
  override up(): void {
    this.addSql(`
      create table carrier_service (
        code text primary key,
        facts jsonb not null
      );
      create table rule_set (
        id uuid primary key,
        version int not null unique,
        rung text not null check (rung in ('DRAFT', 'REPLAYED', 'SHADOW', 'CANARY', 'ACTIVE', 'RETIRED', 'ROLLED_BACK')),
        rules jsonb not null,
        created_by text not null,
        created_at timestamptz not null
      );
      create unique index rule_set_active on rule_set ((true)) where rung = 'ACTIVE';

      create table routing_decision (
        id uuid primary key,
        order_id uuid not null references sales_order,
        rule_set_id uuid not null references rule_set,
        cohort text not null check (cohort in ('ACTIVE', 'CANARY', 'SHADOW', 'DRY_RUN')),
        -- FALLBACK: without rules, by the nodes that others name as their fallback.
        mode text not null check (mode in ('NORMAL', 'FALLBACK')),
        engine_version text not null,
        input jsonb not null,
        outcome jsonb not null,
        -- What it gives units of, and the ids of its shipments in the order of the outcome.
        reservation_ids uuid[] not null,
        shipment_ids uuid[] not null,
        -- PENDING: decided, and not carried out yet; whoever finds it may carry it out.
        status text not null check (status in ('PENDING', 'FINAL', 'SUPERSEDED')),
        superseded_by uuid,
        decided_at timestamptz not null,
        duration_ms float8 not null
      );
      create unique index routing_decision_pending on routing_decision (order_id) where status = 'PENDING';
      create index on routing_decision (order_id, id);

      -- How the next decision of an order is to be taken; gone once it is carried out.
      create table routing_instruction (
        order_id uuid primary key references sales_order,
        mode text not null default 'NORMAL' check (mode in ('NORMAL', 'FALLBACK')),
        only_nodes text[],
        approved_by text
      );

      create table shipment (
        id uuid primary key,
        decision_id uuid not null references routing_decision,
        order_id uuid not null references sales_order,
        node text not null,
        state text not null check (state in ('PLANNED', 'ACKNOWLEDGED', 'REJECTED', 'SHIPPED', 'CANCELLED', 'UNANSWERED')),
        lines jsonb not null,
        respond_by timestamptz,
        fallback_node text,
        estimated_arrival timestamptz not null,
        counts_towards text[] not null,
        reason text,
        tracking_number text,
        -- Set once a missed answer has been told to somebody.
        escalated_at timestamptz,
        created_at timestamptz not null,
        answered_at timestamptz
      ) with (fillfactor = 80);
      create index on shipment (order_id);
      create index on shipment (decision_id);
      create index shipment_open on shipment (node, order_id) where state in ('PLANNED', 'ACKNOWLEDGED');
      create index shipment_due on shipment (respond_by)
        where state = 'PLANNED' and respond_by is not null and escalated_at is null;

      -- What a node's reason says of its shelf.
      create table reject_reason (
        code text primary key,
        effect text not null check (effect in ('EMPTY', 'LOWER', 'DAMAGED', 'NONE')),
        description text not null
      );
      insert into reject_reason (code, effect, description) values
        ('NOT_IN_STOCK', 'EMPTY', 'The shelf is empty: on hand becomes 0.'),
        ('MISMATCH', 'LOWER', 'So many fewer are there: on hand falls by the rejected units.'),
        ('DAMAGED', 'DAMAGED', 'The rejected units are damaged.'),
        ('NO_CAPACITY', 'NONE', 'Too much to do; the goods are there.'),
        ('CLOSED', 'NONE', 'The node is closed; the goods are there.'),
        ('OTHER', 'NONE', 'Anything else; the goods are there.');
    `);
  }
}

export const routingMigrations = [
  { name: '2026-11-23-routing', class: RoutingFirst },
  { name: '2026-11-27-shipment-tracking', class: AddShipmentTracking },
  { name: '2026-12-01-routing-open-work', class: CountOpenWork },
  { name: '2026-12-01-tracking-retention', class: TrackingRetention },
];
