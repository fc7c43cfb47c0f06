import { Migration } from '@mikro-orm/migrations';

/** Finds old writes to sources that are not tried any more, so that they can be deleted. */
export class WriteRetention extends Migration {
  override up(): void {
    this.addSql(`create index source_write_ended on source_write (queued_at) where state <> 'PENDING'`);
  }
}
