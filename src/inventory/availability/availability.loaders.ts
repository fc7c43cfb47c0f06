import type { LoaderDefinition } from '../../platform/api/request-context.ts';
import { StockLevelRow } from '../catalogue/stock-level.entity.ts';
import { balanceKey } from '../engine/state/locked-stock.ts';
import type { StockPlace } from '../engine/state/locked-stock.ts';
import { groupedByKey } from '../../platform/api/request-context.ts';
import {
  readPromises,
  readSupplies,
  type PlannedSupplies,
  type PromiseReading,
} from './read-availability.ts';

const cacheKey = ({ sku, pool }: StockPlace) => balanceKey(sku, pool);

/** The promise of a place, as it is now: a mutation of the same document, or time, may have moved it. */
export const promiseOf: LoaderDefinition<StockPlace, PromiseReading> = {
  cacheKey,
  remember: false,
  batch: (places, { em }) => readPromises(em, places),
};

/** Supplies still to come to a place; read again for every projection. */
export const suppliesOf: LoaderDefinition<StockPlace, PlannedSupplies> = {
  cacheKey,
  remember: false,
  batch: (places, { em }) => readSupplies(em, places),
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
