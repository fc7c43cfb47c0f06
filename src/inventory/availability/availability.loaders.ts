import type { LoaderDefinition } from '../../platform/api/request-context.ts';
import {
  readPromises,
  readSupplies,
  type PlannedSupplies,
  type PromiseReading,
} from './read-availability.ts';
import { balanceKey, type StockPlace } from '../model/balance-key.ts';

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
