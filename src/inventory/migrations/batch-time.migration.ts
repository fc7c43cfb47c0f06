import { Migration } from '@mikro-orm/migrations';

/** The instant of the last commit on a balance, before which no later one may lie, whatever the clock says. */
export class InventoryBatchTime extends Migration {
  override up(): void {
    this.addSql(`alter table stock_balance add column committed_at timestamptz not null default '-infinity'`);
  }
}
