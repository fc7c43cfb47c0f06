import { Migration } from '@mikro-orm/migrations';

/**
 * Keys come in the order of time, so that the old ones are found by the ranges of their pages (BRIN), which costs a new
 * key next to nothing. Replies are kept as text: they are JSON of our own making, and to check that takes longer than to
 * write them.
 */
export class PlatformLeanKeys extends Migration {
  override up(): void {
    this.addSql(`
      drop index idempotency_key_created_at_idx;
      create index idempotency_key_created_at on idempotency_key using brin (created_at) with (pages_per_range = 32);
      alter table idempotency_key alter column reply type text;
    `);
  }
}
