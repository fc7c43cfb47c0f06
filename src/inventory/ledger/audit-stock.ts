import type { EntityManager } from '../../platform/database/database.ts';
import { auditSql, everySku, ofChosen, sinceFold, type AuditScope } from './audit.sql.ts';

/** A counter that is not what the ledger, or the rows it sums up, say it must be. */
export interface StockDifference {
  sku: string;
  /** Table and place, e.g. `balance of MAIN` or `reservation …`. */
  place: string;
  counter: string;
  stored: number;
  folded: number;
}
export interface StockAudit {
  consistent: boolean;
  /** Counters compared; those that are 0 on both sides are left out. */
  checked: number;
  differences: StockDifference[];
}

/** Of each sum that a full audit makes; what does not fit is written to temporary files. */
const FOLD_MEMORY = '64MB';
/** Differences that one audit lists at most. */
export const MAX_DIFFERENCES = 1000;
/** The audit of no SKU. */
const NOTHING: StockAudit = { consistent: true, checked: 0, differences: [] };

/**
 * Proves the stock tables by folds that share nothing with the engine: every counter is computed again in SQL from the
 * ledger, and from the rows that it sums up, in one snapshot. A counter tampered with in any table differs.
 * @param skus only these; all when undefined
 */
export async function auditStock(
  em: EntityManager,
  skus: readonly string[] | undefined,
): Promise<StockAudit> {
  if (skus?.length === 0) return NOTHING;
  return skus === undefined ? compareAll(em) : compare(em, ofChosen, [JSON.stringify(skus)]);
}

/**
 * The same for SKUs whose ledger is folded up to an id, by what came after. What was changed by hand before that id is
 * not seen. What differs must be proved by `auditStock`: a fold may be older than what it is compared with.
 */
export async function auditSinceFold(
  em: EntityManager,
  skus: readonly string[],
  foldedId: string,
): Promise<StockAudit> {
  if (skus.length === 0) return NOTHING;
  return compare(em, sinceFold, [JSON.stringify(skus), foldedId]);
}

interface Row extends StockDifference {
  checked: number;
}

/** Sums of the whole ledger do not fit into what a session may use for a single SKU. */
const compareAll = (em: EntityManager): Promise<StockAudit> =>
  em.transactional(async (tx) => {
    await tx.execute(`set local work_mem = '${FOLD_MEMORY}'`);
    return compare(tx, everySku, ['[]']);
  });

async function compare(em: EntityManager, scope: AuditScope, params: string[]): Promise<StockAudit> {
  const rows = await em.execute<Row[]>(auditSql(scope), [...params, MAX_DIFFERENCES]);
  const differences = rows
    .filter((row) => row.sku !== null)
    .map(({ checked: _checked, ...difference }) => difference);
  return { consistent: differences.length === 0, checked: rows[0]?.checked ?? 0, differences };
}
