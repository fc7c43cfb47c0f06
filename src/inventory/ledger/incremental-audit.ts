import { setTimeout as delay } from 'node:timers/promises';
import type { EntityManager } from '../../platform/database/database.ts';
import {
  advanceCheckpoints,
  rebuildCheckpoints,
  checkpointedSkus,
  deleteCheckpoints,
} from './audit-checkpoints.ts';
import { auditSinceFold, auditStock, MAX_DIFFERENCES, type StockAudit } from './audit-stock.ts';

/** SKUs that one statement looks at; each reads all that is new in the ledger. */
const SKUS_AT_ONCE = 10_000;
const LOOK_AGAIN_MS = 10;
/** How long transactions that were under way are waited for; those of the engine take milliseconds. */
const SETTLE_MS = 2000;

/** Ids of the ledger. */
interface Span {
  /** Folded up to here. */
  from: string;
  /** Movements up to here can all be seen; undefined where that could not be waited for. */
  settled: string | undefined;
}

/**
 * Proves the SKUs that have moved since audits last looked, in time that grows with what has changed, not with what
 * there is. They are found by the ledger, whose ids grow, and cost the engine nothing; those that changed without a
 * movement, or were found wrong the last time, wait in `stock_audit_due`. The first call looks at everything. One at a
 * time; what it remembers commits with its own transaction.
 */
export async function auditChanged(em: EntityManager): Promise<StockAudit> {
  return em.transactional(async (tx) => {
    const from = await claimProgress(tx);
    const settled = await settle(tx);
    // What follows reads later: what comes in between is looked at now, and asked for once more the next time.
    const due = await tx.execute<{ sku: string }[]>('delete from stock_audit_due returning sku');
    if (from === undefined) return auditFirst(tx, settled);
    return auditMoved(
      tx,
      { from, settled },
      due.map(({ sku }) => sku),
    );
  });
}

/** The last movement that audits have seen; undefined before the first one. */
async function claimProgress(em: EntityManager): Promise<string | undefined> {
  await em.execute(`select pg_advisory_xact_lock(hashtext('stock_audit_progress'))`);
  const [row] = await em.execute<{ id: string }[]>('select settled_id::text as id from stock_audit_progress');
  return row?.id;
}

/**
 * The highest id of the ledger once everything below it can be seen: an id is taken before its row commits, so lower
 * ones may come until all transactions that had begun by then have ended. Undefined where one of them does not end;
 * then the next audit begins where this one did. This transaction must not have written yet: it would wait for itself.
 */
async function settle(em: EntityManager): Promise<string | undefined> {
  const look = async () => {
    const [row] = await em.execute<{ id: string; xmin: string; xmax: string }[]>(
      `select coalesce(max(id), 0)::text as id, pg_snapshot_xmin(pg_current_snapshot())::text as xmin,
         pg_snapshot_xmax(pg_current_snapshot())::text as xmax from stock_movement`,
    );
    return row!;
  };
  const { id, xmax } = await look();
  for (const deadline = performance.now() + SETTLE_MS; performance.now() < deadline;) {
    if (BigInt((await look()).xmin) >= BigInt(xmax)) return id;
    await delay(LOOK_AGAIN_MS);
  }
  return undefined;
}

async function keepProgress(em: EntityManager, settledId: string): Promise<void> {
  await em.execute(
    `insert into stock_audit_progress (settled_id) values (?)
     on conflict (one) do update set settled_id = excluded.settled_id`,
    [settledId],
  );
}

async function auditFirst(em: EntityManager, settled: string | undefined): Promise<StockAudit> {
  const audit = await auditStock(em, undefined);
  // One that could not list all that is wrong knows too little to begin from.
  if (audit.differences.length === MAX_DIFFERENCES) return audit;
  const wrong = skusOf(audit);
  await lookAgain(em, wrong);
  if (settled !== undefined) {
    await rebuildCheckpoints(em, undefined, settled, wrong);
    await keepProgress(em, settled);
  }
  return audit;
}

async function auditMoved(em: EntityManager, span: Span, due: readonly string[]): Promise<StockAudit> {
  const moved = await movedSince(em, span.from, due);
  const whole: StockAudit = { consistent: true, checked: 0, differences: [] };
  for (let at = 0; at < moved.length; at += SKUS_AT_ONCE) {
    const audit = await proveSome(em, moved.slice(at, at + SKUS_AT_ONCE), span);
    whole.consistent &&= audit.consistent;
    whole.checked += audit.checked;
    whole.differences.push(...audit.differences);
  }
  if (span.settled !== undefined) await keepProgress(em, span.settled);
  return { ...whole, differences: whole.differences.slice(0, MAX_DIFFERENCES) };
}

/** SKUs with a movement after `from`, and those that are due anyhow. */
async function movedSince(em: EntityManager, from: string, due: readonly string[]): Promise<string[]> {
  const rows = await em.execute<{ sku: string }[]>('select distinct sku from stock_movement where id > ?', [
    from,
  ]);
  return [...new Set([...rows.map(({ sku }) => sku), ...due])];
}

/** By what came after their folds; those that have none, or that differ by it, by their whole ledger. */
async function proveSome(
  em: EntityManager,
  skus: readonly string[],
  { from, settled }: Span,
): Promise<StockAudit> {
  const folded = await checkpointedSkus(em, skus);
  const quick = await auditSinceFold(em, [...folded], from);
  const doubtful = quick.differences.length < MAX_DIFFERENCES ? new Set(skusOf(quick)) : folded;
  const right = [...folded].filter((sku) => !doubtful.has(sku));
  const others = skus.filter((sku) => !folded.has(sku) || doubtful.has(sku));
  const audit = await auditStock(em, others);
  // Where not all that is wrong is listed, any of them may be.
  const wrong = audit.differences.length < MAX_DIFFERENCES ? skusOf(audit) : others;
  await lookAgain(em, wrong);
  if (settled === undefined) await deleteCheckpoints(em, wrong);
  else {
    await advanceCheckpoints(em, right, from, settled);
    await rebuildCheckpoints(em, others, settled, wrong);
  }
  return { ...audit, checked: quick.checked + audit.checked };
}

const skusOf = ({ differences }: StockAudit) => [...new Set(differences.map(({ sku }) => sku))];

async function lookAgain(em: EntityManager, skus: string[]): Promise<void> {
  await em.execute('insert into stock_audit_due (sku) select distinct jsonb_array_elements_text(?::jsonb)', [
    JSON.stringify(skus),
  ]);
}
