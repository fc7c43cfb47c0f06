import { Migration } from '@mikro-orm/migrations';
import { PushedRecords } from './pushed-records.migration.ts';
import { WriteRetention } from './write-retention.migration.ts';
import { SourceWrites } from './source-writes.migration.ts';
import { SyncSources } from './sources.migration.ts';

/** Where each stream stands, and what could not be taken in. */
class SyncFirst extends Migration {
  override up(): void {
    this.addSql(`
      create table connector_stream (
        connector text not null,
        stream text not null,
        cursor jsonb,
        records_read bigint not null default 0,
        last_read_at timestamptz,
        last_error text,
        primary key (connector, stream)
      );
      create table dead_letter (
        id uuid primary key,
        connector text not null,
        stream text not null,
        -- What makes it the same one when it is met again: the record's id and place, or the place of what is no record.
        key text not null,
        -- Where a person finds it, e.g. orders-douyin.csv row 17.
        origin text not null,
        reason text not null,
        -- The raw record; null for what could not even be read as one.
        record jsonb,
        raw text not null,
        first_seen_at timestamptz not null,
        attempts int not null default 1,
        unique (connector, stream, key)
      );
      create index on dead_letter (connector, id);
    `);
  }
}

export const syncMigrations = [
  { name: '2026-11-22-sync', class: SyncFirst },
  { name: '2026-11-27-sync-sources', class: SyncSources },
  { name: '2026-11-27-sync-pushed-records', class: PushedRecords },
  { name: '2026-11-27-source-writes', class: SourceWrites },
  { name: '2026-12-01-source-write-retention', class: WriteRetention },
];
