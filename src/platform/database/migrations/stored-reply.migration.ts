import { Migration } from '@mikro-orm/migrations';

/**
 * A reply is written once and read as a whole: as JSON it is kept as it came. It arrives in an update, in the
 * transaction that has claimed the key: with four fifths of a page left free, that stays in the page and no index is
 * written again. What is free at first is what the replies take.
 */
export class PlatformStoredReply extends Migration {
  override up(): void {
    this.addSql(`
      alter table idempotency_key alter column reply type json;
      alter table idempotency_key set (fillfactor = 20);
    `);
  }
}
