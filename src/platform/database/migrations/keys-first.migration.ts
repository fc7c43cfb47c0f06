import { Migration } from '@mikro-orm/migrations';

/**
 * The key stands before its partner in the index, since it tells rows apart at once. And pages are filled: of the replies
 * that come after their claim, one in ten found room in the page of the claim, for a third of the table.
 */
export class PlatformKeysFirst extends Migration {
  override up(): void {
    this.addSql(`
      alter table idempotency_key drop constraint idempotency_key_pkey;
      alter table idempotency_key add primary key (key, partner);
      alter table idempotency_key reset (fillfactor);
    `);
  }
}
