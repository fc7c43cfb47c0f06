import { Migration } from '@mikro-orm/migrations';

/**
 * Identity resolution (semantics.md §4): people records as the sources know them, their identities, and the customers
 * they make up.
 */
class CustomerFirst extends Migration {
  override up(): void {
    this.addSql(`
      create table customer (
        -- Time-ordered (version 7): of two customers that are one person, the lesser id survives.
        id uuid primary key,
        -- Always a survivor, never a merged customer: reading takes one step.
        merged_into uuid references customer,
        display_name text,
        created_at timestamptz not null default hub_now(),
        check (merged_into <> id)
      );
      create index on customer (merged_into) where merged_into is not null;

      -- One row a person record of a CRM, or a distinct person (name and identities) named by orders or tickets.
      create table customer_profile (
        id uuid primary key,
        -- Null only within the transaction that takes the record in.
        customer_id uuid references customer,
        source text not null,
        origin text not null check (origin in ('CRM', 'ORDER', 'TICKET')),
        external_id text not null,
        name text,
        attributes jsonb not null default '{}',
        updated_at timestamptz,
        -- Of the content; the same record taken in again changes nothing.
        digest text not null,
        unique (source, origin, external_id)
      );
      create index on customer_profile (customer_id);

      -- Who an order or a ticket says its person is. A profile that nothing mentions any more is removed.
      create table customer_mention (
        origin text not null check (origin in ('ORDER', 'TICKET')),
        scope text not null,
        external_id text not null,
        profile_id uuid not null references customer_profile deferrable initially deferred,
        mentioned_at timestamptz,
        primary key (origin, scope, external_id)
      );
      create index on customer_mention (profile_id, mentioned_at);

      create table customer_identity (
        profile_id uuid not null references customer_profile on delete cascade,
        kind text not null check (kind in ('PHONE', 'EMAIL', 'CHANNEL_USER', 'EXTERNAL')),
        value text not null,
        scope text not null,
        strong boolean not null,
        verified boolean not null,
        primary key (profile_id, kind, value, scope)
      );
      -- A look-up by phone is one probe of this index.
      create index customer_identity_value on customer_identity (kind, value, scope) include (profile_id, strong);

      create table customer_merge (
        id uuid primary key,
        at timestamptz not null default hub_now(),
        kind text not null check (kind in ('MERGE', 'SPLIT')),
        from_customer uuid not null references customer,
        into_customer uuid not null references customer,
        evidence jsonb not null
      );
      create index on customer_merge (from_customer);
      create index on customer_merge (into_customer);

      -- What other domains may join: their rows name a profile, which always knows its present customer.
      create view customer_of_profile as select id as profile_id, customer_id from customer_profile;
    `);
  }
}

export const customerMigrations = [{ name: '2026-11-22-customer', class: CustomerFirst }];
