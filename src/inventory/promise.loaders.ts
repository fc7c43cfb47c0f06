import type { LoaderDefinition } from '../platform/request-context.ts';
import type { Supply } from './available-to-promise.ts';
import { StockLevelRow } from './stock-level.ts';
import { balanceKey } from './engine/locked-stock.ts';
import type { StockPlace } from './engine/locked-stock.ts';
import { groupedByKey } from '../platform/request-context.ts';
import { readPromises, readSupplies, type PromiseReading } from './read-promise.ts';

const cacheKey = ({ sku, pool }: StockPlace) => balanceKey(sku, pool);

/** The promise of a place, as it is now: a mutation of the same document, or time, may have moved it. */
export const promiseOf: LoaderDefinition<StockPlace, PromiseReading> = {
  cacheKey,
  remember: false,
  batch: (places, { em }) => readPromises(em, places),
};

/** Supplies still to come to a place; read again for every projection. */
export const suppliesOf: LoaderDefinition<StockPlace, Supply[]> = {
  cacheKey,
  remember: false,
  batch: (places, { em }) => readSupplies(em, places),
};

/** Time zones of pools. */
export const timeZoneOfPool: LoaderDefinition<string, string> = {
  batch: async (codes, { em }) => {
    const rows = await em.execute<{ code: string; timeZone: string }[]>(
      `select code, time_zone as "timeZone" from pool where code in (select jsonb_array_elements_text(?::jsonb))`,
      [JSON.stringify(codes)],
    );
    return codes.map((code) => rows.find((row) => row.code === code)?.timeZone ?? 'UTC');
  },
};

/** Levels of a SKU, by node code, as they are now. */
export const levelsOfSku: LoaderDefinition<string, StockLevelRow[]> = {
  remember: false,
  batch: async (skus, { em }) =>
    groupedByKey(
      skus,
      await em.find(
        StockLevelRow,
        { sku: { $in: [...skus] } },
        { orderBy: { sku: 'asc', node: 'asc' }, refresh: true },
      ),
      (level) => level.sku,
    ),
};
