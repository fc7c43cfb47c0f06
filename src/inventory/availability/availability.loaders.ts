import type { LoaderDefinition } from '../../platform/api/request-context.ts';
import { readAtp, readSupplies, type PlannedSupplies, type AtpReading } from './read-availability.ts';
import { balanceKeyString, type BalanceKey } from '../model/balance-key.ts';

const cacheKey = ({ sku, pool }: BalanceKey) => balanceKeyString(sku, pool);

/** The promise of a place, as it is now: a mutation of the same document, or time, may have moved it. */
export const promiseOf: LoaderDefinition<BalanceKey, AtpReading> = {
  cacheKey,
  remember: false,
  batch: (places, { em }) => readAtp(em, places),
};

/** Supplies still to come to a place; read again for every projection. */
export const suppliesOf: LoaderDefinition<BalanceKey, PlannedSupplies> = {
  cacheKey,
  remember: false,
  batch: (places, { em }) => readSupplies(em, places),
};
