import { setTimeout as delay } from 'node:timers/promises';
import type { EntityManager } from '../platform/database.ts';
import { auditStock, MAX_DIFFERENCES, type StockAudit } from './audit.ts';
import type { StockPlace } from './engine/locked-rows.ts';

/** SKUs that one statement looks at. */
const SKUS_AT_ONCE = 2000;
const LOOK_AGAIN_MS = 10;
/** How long transactions that were under way are waited for; those of the engine take milliseconds. */
const SETTLE_MS = 2000;

/** A balance that may have moved, and its version; null where the balance is gone. */
interface Candidate extends StockPlace {
  commitCounter: string | null;
}

/**
 * Proves the balances whose version has moved since they were last found consistent, in time that grows with what has
 * changed, not with what there is. They are found by the ledger, whose ids grow, and cost the engine nothing; those that
 * changed without a movement, or were found wrong the last time, wait in `stock_audit_due`. The first call looks at
 * everything. One at a time; what it remembers commits with its own transaction.
 */
export async function auditChanged(em: EntityManager): Promise<StockAudit> {
  return em.transactional(async (tx) => {
    const from = await claimProgress(tx);
    const settled = await settle(tx);
    // What follows reads later: what comes in between is looked at now, and asked for once more the next time.
    const due = await tx.execute<{ sku: string }[]>('delete from stock_audit_due returning sku');
    const audit = from === undefined ? await auditFirst(tx) : await auditMoved(tx, from, due);
    // A first one that could not list all that is wrong knows too little to begin from.
    const known = from !== undefined || audit.differences.length < MAX_DIFFERENCES;
    if (settled !== undefined && known) await keepProgress(tx, settled);
    return audit;
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

async function auditFirst(em: EntityManager): Promise<StockAudit> {
  const audit = await auditStock(em, undefined);
  await lookAgain(
    em,
    audit.differences.map(({ sku }) => sku),
  );
  return audit;
}

async function auditMoved(em: EntityManager, from: string, due: { sku: string }[]): Promise<StockAudit> {
  const candidates = await movedSince(em, from, due);
  const bySku = [...Map.groupBy(candidates, ({ sku }) => sku)];
  const whole: StockAudit = { consistent: true, checked: 0, differences: [] };
  for (let at = 0; at < bySku.length; at += SKUS_AT_ONCE) {
    const some = new Map(bySku.slice(at, at + SKUS_AT_ONCE));
    const audit = await auditStock(em, [...some.keys()]);
    await remember(em, some, audit);
    whole.consistent &&= audit.consistent;
    whole.checked += audit.checked;
    whole.differences.push(...audit.differences);
  }
  return { ...whole, differences: whole.differences.slice(0, MAX_DIFFERENCES) };
}

/** Balances with a movement after `from` that are not at the version of their mark, and those that are due anyhow. */
function movedSince(em: EntityManager, from: string, due: { sku: string }[]): Promise<Candidate[]> {
  return em.execute<Candidate[]>(
    `select sku, pool, balance.commit_counter::text as "commitCounter"
     from (select distinct sku, pool from stock_movement where id > ?) moved
     left join stock_balance balance using (sku, pool)
     left join stock_audit_mark mark using (sku, pool)
     where mark.sku is null or mark.commit_counter is distinct from balance.commit_counter
     union
     select due.sku, coalesce(balance.pool, ''), balance.commit_counter::text
     from (select jsonb_array_elements_text(?::jsonb) as sku) due left join stock_balance balance using (sku)`,
    [from, JSON.stringify(due.map(({ sku }) => sku))],
  );
}

/** Versions were read before the counters: a balance that has moved since is looked at again. */
async function remember(
  em: EntityManager,
  places: ReadonlyMap<string, Candidate[]>,
  { differences }: StockAudit,
): Promise<void> {
  // Where not all that is wrong is listed, any of them may be.
  const complete = differences.length < MAX_DIFFERENCES;
  const wrong = new Set(complete ? differences.map(({ sku }) => sku) : places.keys());
  await lookAgain(em, [...wrong]);
  const right = [...places.values()]
    .flat()
    .filter(({ sku, commitCounter }) => commitCounter !== null && !wrong.has(sku));
  await em.execute(
    `insert into stock_audit_mark (sku, pool, commit_counter)
     select sku, pool, "commitCounter" from jsonb_to_recordset(?::jsonb) as given (sku text, pool text, "commitCounter" int8)
     on conflict (sku, pool) do update set commit_counter = excluded.commit_counter`,
    [JSON.stringify(right)],
  );
}

async function lookAgain(em: EntityManager, skus: string[]): Promise<void> {
  await em.execute('insert into stock_audit_due (sku) select distinct jsonb_array_elements_text(?::jsonb)', [
    JSON.stringify(skus),
  ]);
}
