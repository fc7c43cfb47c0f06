import { Migration } from '@mikro-orm/migrations';
import { InventoryNodeProfiles } from './node-profile.migration.ts';
import { InventoryOrderStock } from './order-stock.migration.ts';
import { InventoryQuotas } from './quota.migration.ts';
import { InventoryTimePhased } from './time-phased.migration.ts';
import { InventoryOrderFacts } from './order-facts.migration.ts';
import { InventoryBatchTime } from './batch-time.migration.ts';
import { InventoryQuotaRules } from './quota-rules.migration.ts';
import { InventoryForeseen } from './foreseen.migration.ts';
import { InventoryLeanIndexes } from './lean-indexes.migration.ts';
import { InventoryLeanWrites } from './lean-writes.migration.ts';
import { InventoryLedgerMonths } from './ledger-months.migration.ts';
import { InventoryAuditFolds } from './audit-fold.migration.ts';

/**
 * Stock as semantics.md §1 has it. Rows that every reservation touches carry no foreign keys: the engine writes them
 * in one statement under its locks, and the audit proves them.
 */
class InventoryFirst extends Migration {
  override up(): void {
    this.addSql(`
      create table pool (
        code text primary key,
        name text not null,
        time_zone text not null default 'Asia/Shanghai'
      );
      insert into pool (code, name) values ('MAIN', 'All nodes');
      create table channel (
        code text primary key,
        name text not null,
        pool text not null references pool,
        hold_ttl_seconds int not null default 900 check (hold_ttl_seconds between 1 and 14400)
      );
      create table node (
        code text primary key,
        name text not null,
        kind text not null check (kind in ('WAREHOUSE', 'STORE', 'THIRD_PARTY')),
        city text not null,
        province text,
        latitude double precision,
        longitude double precision,
        daily_capacity int check (daily_capacity >= 0),
        pool text not null references pool
      );
      create table sku (
        code text primary key,
        title text not null,
        weight_grams int check (weight_grams >= 0),
        length_mm int check (length_mm >= 0),
        width_mm int check (width_mm >= 0),
        height_mm int check (height_mm >= 0),
        temperature_class text not null default 'AMBIENT' check (temperature_class in ('AMBIENT', 'CHILLED', 'FROZEN')),
        -- The order in which skus are listed: that of their first sight.
        position bigint generated always as identity unique
      );

      create table stock_level (
        sku text not null references sku,
        node text not null references node,
        on_hand int not null default 0 check (on_hand >= 0),
        damaged int not null default 0 check (damaged >= 0),
        quarantined int not null default 0 check (quarantined >= 0),
        allocated int not null default 0 check (allocated >= 0),
        -- The instant of the newest dated count; an older one that comes late changes nothing.
        counted_at timestamptz,
        primary key (sku, node)
      );
      -- The hot row: one update a reservation, so room is left in its page for the next version.
      create table stock_balance (
        sku text not null references sku,
        pool text not null references pool,
        on_hand int not null default 0 check (on_hand >= 0),
        allocated int not null default 0 check (allocated >= 0),
        confirmed int not null default 0 check (confirmed >= 0),
        held int not null default 0 check (held >= 0),
        unbacked int not null default 0 check (unbacked >= 0),
        future_draw int not null default 0 check (future_draw <= 0),
        commit_counter bigint not null default 0,
        buffer_fixed int not null default 0 check (buffer_fixed >= 0),
        buffer_rate numeric(5, 4) not null default 0 check (buffer_rate between 0 and 1),
        primary key (sku, pool),
        constraint never_oversold check (allocated::bigint + confirmed + held <= on_hand::bigint + unbacked)
      ) with (fillfactor = 50);
      create table stock_supply (
        id uuid primary key,
        kind text not null check (kind in ('PURCHASE_ORDER', 'TRANSFER', 'PRESALE', 'EXPECTED_RETURN')),
        external_id text not null,
        sku text not null references sku,
        pool text not null references pool,
        node text references node,
        -- What the source says was ordered, and what has been received; the rest is still to come.
        ordered int not null check (ordered >= 0),
        received int not null default 0 check (received >= 0),
        quantity int generated always as (greatest(ordered - received, 0)) stored,
        available_on date not null,
        unique (kind, external_id, sku, pool)
      );
      create index on stock_supply (sku, pool, available_on);

      create table reservation (
        id uuid primary key,
        partner text not null,
        channel text not null,
        pool text not null,
        reference text not null,
        order_external_id text,
        state text not null check (state in ('HELD', 'CONFIRMED', 'ALLOCATED', 'FULFILLED', 'RELEASED', 'EXPIRED', 'CANCELLED')),
        created_at timestamptz not null,
        expires_at timestamptz not null,
        shortages jsonb not null default '[]',
        events jsonb not null
      ) with (fillfactor = 80);
      create index on reservation (channel, reference);
      create index on reservation (channel, order_external_id) where order_external_id is not null;
      create table reservation_line (
        reservation_id uuid not null,
        line_no int not null,
        sku text not null,
        pool text not null,
        promised_on date not null,
        reserved int not null check (reserved > 0),
        released int not null default 0 check (released >= 0),
        -- Outstanding at nodes; what has left them is shipped.
        allocated int not null default 0 check (allocated >= 0),
        shipped int not null default 0 check (shipped >= 0),
        unbacked int not null default 0 check (unbacked >= 0),
        -- Set while the line is held: the instant from which it is free, whatever else happens.
        hold_expires_at timestamptz,
        primary key (reservation_id, line_no),
        check (released + allocated + shipped <= reserved)
      ) with (fillfactor = 80);
      create index reservation_line_held on reservation_line (sku, pool, hold_expires_at) where hold_expires_at is not null;
      create index reservation_line_live on reservation_line (sku, pool) where released + shipped < reserved;

      create table stock_movement (
        id bigint generated always as identity,
        at timestamptz not null,
        sku text not null,
        pool text not null,
        node text,
        counter text not null,
        delta int not null check (delta <> 0),
        cause text not null,
        reservation_id uuid,
        restock_id uuid,
        supply_id uuid,
        actor text not null,
        primary key (id, at)
      ) partition by range (at);
      create index on stock_movement (sku, pool);
      create index on stock_movement (restock_id) where restock_id is not null;
      create table stock_movement_default partition of stock_movement default;

      -- One row a physical fact. A fact told twice, under whatever key, is the same fact.
      create table stock_fact (
        id uuid primary key,
        restock_id uuid not null,
        kind text not null,
        scope text not null,
        external_event_id text,
        reason text,
        order_line_id text,
        -- Units that came back of the order line, in whatever condition.
        returned_quantity int check (returned_quantity > 0),
        actor text not null,
        at timestamptz not null
      );
      create unique index on stock_fact (kind, scope, external_event_id);
      create index on stock_fact (order_line_id) where order_line_id is not null;
    `);
  }
}

/** Which nodes the units of a reservation have been given to. */
class InventoryAllocations extends Migration {
  override up(): void {
    this.addSql(`
      create table reservation_allocation (
        reservation_id uuid not null,
        line_no int not null,
        node text not null,
        allocated int not null check (allocated >= 0),
        shipped int not null default 0 check (shipped >= 0),
        primary key (reservation_id, line_no, node)
      ) with (fillfactor = 80);
      create index on reservation_allocation (node) where allocated > 0;
    `);
  }
}

export const inventoryMigrations = [
  { name: '2026-11-22-inventory', class: InventoryFirst },
  { name: '2026-11-23-inventory-allocations', class: InventoryAllocations },
  { name: '2026-11-23-inventory-order-stock', class: InventoryOrderStock },
  { name: '2026-11-23-inventory-quotas', class: InventoryQuotas },
  { name: '2026-11-23-inventory-node-profiles', class: InventoryNodeProfiles },
  { name: '2026-11-26-inventory-batch-time', class: InventoryBatchTime },
  { name: '2026-11-27-inventory-quota-rules', class: InventoryQuotaRules },
  { name: '2026-11-27-inventory-order-facts', class: InventoryOrderFacts },
  { name: '2026-11-27-inventory-time-phased', class: InventoryTimePhased },
  { name: '2026-11-27-inventory-ledger-months', class: InventoryLedgerMonths },
  { name: '2026-11-27-inventory-lean-indexes', class: InventoryLeanIndexes },
  { name: '2026-11-27-inventory-foreseen', class: InventoryForeseen },
  { name: '2026-11-27-inventory-audit-folds', class: InventoryAuditFolds },
  { name: '2026-11-27-inventory-lean-writes', class: InventoryLeanWrites },
];
