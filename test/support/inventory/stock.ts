import type { Orm } from '../../../src/platform/database/database.ts';
import { auditChanged } from '../../../src/inventory/ledger/incremental-audit.ts';
import {
  auditSinceFold,
  auditStock,
  type StockDifference,
} from '../../../src/inventory/ledger/audit-stock.ts';
import {
  atpTerms,
  promisableQuantity,
  type TermKind,
} from '../../../src/inventory/model/available-to-promise.ts';
import { readAtp } from '../../../src/inventory/availability/read-availability.ts';

/** What the hub would promise of a SKU at this moment. */
export async function promiseOf(orm: Orm, sku: string, pool = 'MAIN') {
  const [reading] = await readAtp(orm.em.fork(), [{ sku, pool }]);
  const terms = Object.fromEntries(atpTerms(reading!.figures).map((term) => [term.kind, term.quantity]));
  return {
    quantity: promisableQuantity(reading!.figures),
    terms: terms as Record<TermKind, number>,
    version: reading!.version,
  };
}

/**
 * What the full audit finds wrong; empty when every counter is what it must be. Then the audit of what has changed must
 * say so too, by its folds alone: as they were before, and as it has left them.
 */
export async function auditOf(orm: Orm): Promise<StockDifference[]> {
  const em = orm.em.fork();
  const { differences } = await auditStock(em, undefined);
  if (differences.length > 0) return differences;
  const before = await differencesByFold(orm);
  const changed = await auditChanged(em);
  return [...before, ...changed.differences, ...(await differencesByFold(orm))];
}

async function differencesByFold(orm: Orm): Promise<StockDifference[]> {
  const em = orm.em.fork();
  const [progress] = await em.execute<{ id: string }[]>(
    'select settled_id::text as id from stock_audit_progress',
  );
  if (!progress) return [];
  const rows = await em.execute<{ sku: string }[]>('select distinct sku from stock_audit_fold');
  const { differences } = await auditSinceFold(
    em,
    rows.map(({ sku }) => sku),
    progress.id,
  );
  return differences.map((difference) => ({ ...difference, place: `${difference.place}, by its fold` }));
}
