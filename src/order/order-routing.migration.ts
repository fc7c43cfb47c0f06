import { Migration } from '@mikro-orm/migrations';

/** The columns that order routing needs beside what channels always report. */
export class OrderRouting extends Migration {
  override up(): void {
    this.addSql(`
      alter table sales_order
        -- Larger is more urgent.
        add column priority int not null default 0,
        add column brand text;
      -- What waits to be routed; the hub looks for it every second.
      create index sales_order_paid on sales_order (priority desc, placed_at) where state = 'PAID';
    `);
  }
}
