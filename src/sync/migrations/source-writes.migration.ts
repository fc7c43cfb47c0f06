import { Migration } from '@mikro-orm/migrations';

/** The outbox of what sources are told: stored with the change that it tells, sent afterwards. */
export class SourceWrites extends Migration {
  override up(): void {
    this.addSql(`
      create table source_write (
        -- Taken under the lock of its subject, so that within a subject it is the order of the commits.
        position bigint generated always as identity primary key,
        -- The idempotency key by which the source knows it again.
        id uuid not null unique,
        connector text not null,
        kind text not null check (kind in ('FULFILMENT', 'MESSAGE')),
        -- What is told of one subject arrives in order.
        subject text not null,
        payload jsonb not null,
        -- Who has written a message; null of what the hub tells by itself.
        author text,
        queued_at timestamptz not null,
        -- FAILED: not tried again by itself.
        state text not null default 'PENDING' check (state in ('PENDING', 'DELIVERED', 'FAILED')),
        due_at timestamptz not null,
        attempts int not null default 0,
        first_attempt_at timestamptz,
        delivered_at timestamptz,
        -- What the source calls it.
        external_id text,
        last_error text
      ) with (fillfactor = 80);
      create index source_write_pending on source_write (connector, subject, position) where state = 'PENDING';
      create index source_write_due on source_write (connector, position) where state = 'PENDING';
      create index source_write_failed on source_write (connector, position) where state = 'FAILED';
      create index source_write_messages on source_write (subject, position) where kind = 'MESSAGE';
    `);
  }
}
