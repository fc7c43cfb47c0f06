import { Migration } from '@mikro-orm/migrations';

/** Parts of a balance that are kept for a channel. */
export class InventoryQuotas extends Migration {
  override up(): void {
    this.addSql(`
      create table channel_quota (
        sku text not null,
        pool text not null,
        channel text not null,
        exclusive int not null check (exclusive >= 0),
        -- Units that the channel has taken since the quota was set and not given back:
        -- Σ (reserved - released) over its reservation lines, less what it had shipped before.
        used int not null default 0 check (used >= 0),
        shipped_before int not null default 0,
        primary key (sku, pool, channel)
      ) with (fillfactor = 80);
      create index on channel_quota (channel, sku);
      -- Who reads the balance reads quotas only where there are any.
      alter table stock_balance add column has_quotas boolean not null default false;
      alter table channel add column sells_from text not null default 'POOL' check (sells_from in ('POOL', 'ESCROW'));
      alter table reservation_line add column channel text;
      update reservation_line line set channel = r.channel from reservation r where r.id = line.reservation_id;
    `);
  }
}
