import type { RawRecord } from '../../../connectors/spi/index.ts';
import type { EntityManager } from '../../platform/database/database.ts';
import { storableJson, type StreamId } from './stream-store.ts';

/** Records of one statement. */
const PAGE_SIZE = 500;

/** Stores records as their source had them, the newest state of each. */
export async function storeRawRecords(
  em: EntityManager,
  id: StreamId,
  records: readonly RawRecord[],
): Promise<void> {
  if (records.length === 0) return;
  const newest = [...new Map(records.map((record) => [record.id, record])).values()];
  await em.execute(
    `insert into raw_record (connector, stream, record_id, record, read_at)
     select ?, ?, record->>'id', record, hub_now() from jsonb_array_elements(?::jsonb) as record
     order by record->>'id'
     on conflict (connector, stream, record_id) do update set record = excluded.record, read_at = excluded.read_at`,
    [id.connector, id.stream, storableJson(newest)],
  );
}

/** All records that are kept of a stream, in pages. */
export async function* rawPages(em: EntityManager, id: StreamId): AsyncGenerator<RawRecord[]> {
  for (let last = ''; ;) {
    const rows = await em.execute<{ record: RawRecord }[]>(
      `select record from raw_record where connector = ? and stream = ? and record_id > ? order by record_id limit ?`,
      [id.connector, id.stream, last, PAGE_SIZE],
    );
    if (rows.length === 0) return;
    yield rows.map(({ record }) => record);
    last = rows.at(-1)!.record.id;
  }
}

/** Deletes records that were read longer ago than `days`. */
export async function deleteExpiredRawRecords(
  em: EntityManager,
  connector: string,
  days: number,
): Promise<void> {
  await em.execute(
    'delete from raw_record where connector = ? and read_at < (select hub_now() - make_interval(days => ?))',
    [connector, days],
  );
}
