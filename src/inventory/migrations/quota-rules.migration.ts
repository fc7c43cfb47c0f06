import { Migration } from '@mikro-orm/migrations';

/** Caps, times and velocities of quotas. */
export class InventoryQuotaRules extends Migration {
  override up(): void {
    this.addSql(`
      alter table channel_quota
        -- Units that the channel may take of the shared part; null: as many as there are.
        add column shared_cap int check (shared_cap >= 0),
        -- From this instant on its exclusive part is shared, whether or not any job runs.
        add column release_at timestamptz,
        -- Set by the first batch after that instant, with exclusive = what was used of it then.
        add column part_released boolean not null default false;
      -- Places whose exclusive parts follow what channels sell.
      create table quota_rebalancing (
        sku text not null,
        pool text not null,
        window_days int not null check (window_days between 1 and 90),
        rebalanced_at timestamptz,
        primary key (sku, pool)
      );
    `);
  }
}
