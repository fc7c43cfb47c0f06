import { Migration } from '@mikro-orm/migrations';

/**
 * The ledger in partitions by month (UTC), what closes those that are detached, and what the incremental audit
 * remembers. Rows of the one partition there was are moved into theirs.
 */
export class InventoryLedgerMonths extends Migration {
  override up(): void {
    this.addSql(`
      -- Makes the partition of a month, and moves what the default one holds of it there. False: it is there already.
      create function add_ledger_month(month date) returns boolean language plpgsql as $$
      declare
        name text := 'stock_movement_' || to_char(month, 'YYYY_MM');
        starts timestamptz := date_trunc('month', month::timestamp) at time zone 'utc';
        ends timestamptz := (date_trunc('month', month::timestamp) + interval '1 month') at time zone 'utc';
      begin
        if to_regclass(name) is not null then return false; end if;
        -- Before all others, so that nobody adds to it meanwhile; writers of other partitions do not wait.
        lock table stock_movement_default in access exclusive mode;
        if to_regclass(name) is not null then return false; end if;
        execute format('create table %I (like stock_movement including defaults including constraints including indexes)', name);
        execute format('with moved as (delete from stock_movement_default where at >= %L and at < %L returning *)
          insert into %I select * from moved', starts, ends, name);
        execute format('alter table stock_movement attach partition %I for values from (%L) to (%L)', name, starts, ends);
        return true;
      end $$;
      do $$
      declare
        first timestamptz := (select least(min(at), hub_now()) from stock_movement);
        month date;
      begin
        for month in select generate_series(
          date_trunc('month', first at time zone 'utc'),
          date_trunc('month', hub_now() at time zone 'utc') + interval '3 months', interval '1 month')::date
        loop
          perform add_ledger_month(month);
        end loop;
      end $$;

      -- By them the audit of some SKUs finds lines that have ended, and facts.
      create index reservation_line_sku on reservation_line (sku);
      create index stock_fact_restock on stock_fact (restock_id);

      create table stock_closed_month (
        month date primary key,
        -- The end of the month; reservations made before it are compared with the ledger only if they have closing rows.
        until timestamptz not null,
        movements bigint not null,
        closed_at timestamptz not null
      );
      -- What detached months had moved, in sums: by counter, and of reservations that were live by reservation too.
      create table stock_closing (
        month date not null,
        sku text not null,
        pool text not null,
        node text,
        counter text not null,
        supply_id uuid,
        reservation_id uuid,
        cause text,
        delta bigint not null,
        -- Sum of the sizes of the movements, whatever their sign.
        moved bigint not null
      );
      create index stock_closing_sku on stock_closing (sku);
      create index stock_closing_reservation on stock_closing (reservation_id) where reservation_id is not null;

      -- The version at which a balance was last found consistent by an incremental audit.
      create table stock_audit_mark (
        sku text not null,
        pool text not null,
        commit_counter bigint not null,
        primary key (sku, pool)
      ) with (fillfactor = 80);
      -- SKUs to look at that the ledger does not tell: changed without a movement, or found wrong the last time.
      create table stock_audit_due (
        id bigint generated always as identity primary key,
        sku text not null
      );
      -- One row: an incremental audit has seen all movements up to this id.
      create table stock_audit_progress (
        one boolean primary key default true check (one),
        settled_id bigint not null
      );
    `);
  }
}
