import { Migration } from '@mikro-orm/migrations';
import { PlatformKeysFirst } from './keys-first.migration.ts';
import { PlatformLeanKeys } from './lean-keys.migration.ts';
import { PlatformRequestId } from './request-id.migration.ts';
import { PlatformStoredReply } from './stored-reply.migration.ts';

/** The clock of SQL, and the keys under which commands and their replies are remembered. */
class PlatformFirst extends Migration {
  override up(): void {
    this.addSql(`
      -- The one clock of SQL. Not now(), which stands still while a transaction waits for a lock; tests replace it.
      create function hub_now() returns timestamptz language sql volatile as 'select clock_timestamp()';

      create table idempotency_key (
        partner text not null,
        key text not null,
        operation text not null,
        body_hash text not null,
        -- Null only inside the transaction that claims the key.
        reply jsonb,
        created_at timestamptz not null,
        primary key (partner, key)
      );
      create index on idempotency_key (created_at);
    `);
  }
}

export const platformMigrations = [
  { name: '2026-11-22-platform', class: PlatformFirst },
  { name: '2026-11-26-platform-stored-reply', class: PlatformStoredReply },
  { name: '2026-11-27-platform-lean-keys', class: PlatformLeanKeys },
  { name: '2026-11-27-platform-keys-first', class: PlatformKeysFirst },
  { name: '2026-12-01-platform-request-id', class: PlatformRequestId },
];
