import { Migration } from '@mikro-orm/migrations';

/** The state of many sources: whether one is paused, its records as it had them, and what its pushes hint at. */
export class SyncSources extends Migration {
  override up(): void {
    this.addSql(`
      create table connector_control (
        connector text primary key,
        paused boolean not null default false
      );
      -- Of the mapping by which the stored records were last mapped; another one maps them anew.
      alter table connector_stream add column mapping_digest text;
      -- Somebody wants it read from here, {"cursor": …}; taken by the next sync.
      alter table connector_stream add column read_from jsonb;

      -- The newest state of each record, as the source had it, so that a changed mapping can be applied to it again.
      create table raw_record (
        connector text not null,
        stream text not null,
        record_id text not null,
        record jsonb not null,
        read_at timestamptz not null,
        primary key (connector, stream, record_id)
      );
      create index on raw_record (connector, read_at);

      -- Pushes are answered at once, and what they hint at is read back from the source afterwards.
      create table push_hint (
        id bigint generated always as identity primary key,
        connector text not null,
        stream text not null,
        -- The source's own id of the push: the same one, pushed again, is known.
        push_id text not null,
        record_ids jsonb not null,
        received_at timestamptz not null,
        taken_at timestamptz,
        unique (connector, push_id, stream)
      );
      create index on push_hint (connector, id) where taken_at is null;

      -- What a source's own counter was last told of a SKU, and what came of it.
      create table stock_publication (
        connector text not null,
        sku text not null,
        free int not null,
        taken_in int not null,
        -- As read back; null where it was refused.
        sellable int,
        refusal text,
        published_at timestamptz not null,
        primary key (connector, sku)
      ) with (fillfactor = 80);
    `);
  }
}
