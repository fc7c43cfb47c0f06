import type { Orm } from '../../src/platform/database.ts';
import { auditStock, type StockDifference } from '../../src/inventory/audit.ts';
import { atpTerms, promisableQuantity, type TermKind } from '../../src/inventory/available-to-promise.ts';
import { readPromises } from '../../src/inventory/read-promise.ts';

/** What the hub would promise of a SKU at this moment. */
export async function promiseOf(orm: Orm, sku: string, pool = 'MAIN') {
  const [reading] = await readPromises(orm.em.fork(), [{ sku, pool }]);
  const terms = Object.fromEntries(atpTerms(reading!.figures).map((term) => [term.kind, term.quantity]));
  return {
    quantity: promisableQuantity(reading!.figures),
    terms: terms as Record<TermKind, number>,
    version: reading!.version,
  };
}

/** What the full audit finds wrong; empty when every counter is what it must be. */
export async function auditOf(orm: Orm): Promise<StockDifference[]> {
  return (await auditStock(orm.em.fork(), undefined)).differences;
}
