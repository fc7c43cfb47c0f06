import { Migration } from '@mikro-orm/migrations';

/** Promises for later days: what they are promised of, and what pools make of deliveries that do not come. */
export class InventoryTimePhased extends Migration {
  override up(): void {
    this.addSql(`
      alter table pool
        -- A supply whose day has passed counts so many days after today, until so many days after its own day.
        add column overdue_offset_days int not null default 1 check (overdue_offset_days between 0 and 30),
        add column overdue_fence_days int not null default 7 check (overdue_fence_days between 0 and 365),
        -- The share of returned units that can be sold again.
        add column resale_rate numeric(5, 4) not null default 1 check (resale_rate between 0 and 1);
      alter table stock_balance
        -- Units promised for later days: still held, and paid. future_draw is what they need of today's units.
        add column dated_held int not null default 0 check (dated_held >= 0),
        add column dated_confirmed int not null default 0 check (dated_confirmed >= 0),
        add column has_presale boolean not null default false;
      -- Nobody knows of a presale before it starts: its supply counts from that instant on.
      alter table stock_supply add column counts_from timestamptz;
      alter table reservation add column campaign text;
      alter table reservation_line
        -- Units still counted as promised for a later day; they become today's when their day comes and goods are there.
        add column dated int not null default 0 check (dated >= 0),
        add constraint dated_within_line check (released + allocated + shipped + dated <= reserved);
      create index reservation_line_dated on reservation_line (sku, pool, promised_on) where dated > 0;
      create index stock_balance_dated on stock_balance (pool, sku) where dated_held + dated_confirmed > 0;
      create index reservation_campaign on reservation (campaign) where campaign is not null;

      create table presale_campaign (
        code text primary key,
        pool text not null references pool,
        starts_at timestamptz not null,
        ends_at timestamptz not null,
        check (ends_at > starts_at)
      );
      -- Of the whole campaign, of a channel in it, of a SKU in it: Σ (reserved - released) of its lines, and how far that may go.
      create table presale_limit (
        campaign text not null,
        kind text not null check (kind in ('TOTAL', 'CHANNEL', 'SKU')),
        subject text not null,
        units int check (units >= 0),
        used int not null default 0 check (used >= 0),
        primary key (campaign, kind, subject)
      ) with (fillfactor = 50);
    `);
  }
}
