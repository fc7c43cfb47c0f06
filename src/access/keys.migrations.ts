import { Migration } from '@mikro-orm/migrations';

/** Keys of partners and programs, with what they may do. */
class KeysFirst extends Migration {
  override up(): void {
    this.addSql(`
      create table api_key (
        id uuid primary key,
        prefix text not null unique,
        hash text not null,
        name text not null,
        -- Owns idempotency keys and reservations; several keys may act for one partner.
        partner text not null,
        scopes text[] not null,
        -- Set: the key reserves for this channel only.
        channel text,
        created_by text not null,
        created_at timestamptz not null,
        expires_at timestamptz,
        revoked_at timestamptz
      );
    `);
  }
}

export const keysMigrations = [{ name: '2026-11-23-keys', class: KeysFirst }];
