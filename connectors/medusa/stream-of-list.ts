import { changedFrom, readChanged } from '../spi/index.ts';
import type { Cursor, Page, RawRecord, SweepPage } from '../spi/index.ts';
import type { MedusaConfig } from './config.ts';
import { rowsBy, rowsByIds, type MedusaList, type MedusaRow, type Shop } from './lists.ts';

/** How a stream is read. */
export interface MedusaStream {
  read(
    shop: Shop,
    cursor: Cursor | null,
    signal: AbortSignal,
  ): AsyncIterable<Pick<Page, 'records' | 'cursor'>>;
  readBack(shop: Shop, recordIds: readonly string[], signal: AbortSignal): Promise<RawRecord[]>;
  cursorFrom(since: Date, config: MedusaConfig): Cursor;
}

/** A list, and what of its rows are records. */
export interface RecordList<Row extends MedusaRow> extends MedusaList<Row> {
  records(page: SweepPage<Row>, config: MedusaConfig): RawRecord[];
}

/** A stream whose rows bear the time of their last change. */
export function changedStream<Row extends MedusaRow>(list: RecordList<Row>): MedusaStream {
  return {
    async *read(shop, cursor, signal) {
      const { config } = shop;
      const changed = rowsBy(shop, list, 'updated_at');
      for await (const page of readChanged(changed, config.overlapSeconds * 1_000, cursor, signal))
        yield { records: list.records(page, config), cursor: page.cursor };
    },
    readBack: (shop, ids, signal) => readBack(shop, list, ids, signal),
    cursorFrom: changedFrom,
  };
}

/** The records of rows with these ids that still exist. */
export async function readBack<Row extends MedusaRow>(
  shop: Shop,
  list: RecordList<Row>,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<RawRecord[]> {
  return list.records(await rowsByIds(shop, list, ids, signal), shop.config);
}
