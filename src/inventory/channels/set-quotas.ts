import type { EntityManager } from '../../platform/database/database.ts';
import { lockBalances } from './lock-balances.ts';
import { ANY_LINE } from '../availability/read-availability.sql.ts';
import type { BalanceKey } from '../model/balance-key.ts';

/**
 * The target quantity to reserve for a channel; nothing at all where neither an exclusive part nor a cap is given.
 */
export interface QuotaTarget {
  sku: string;
  exclusive: number;
  /** Units of the shared part at most; null: no cap. */
  sharedCap: number | null;
  /** ISO 8601; null: the exclusive part is not released by time. */
  releaseAt: string | null;
}

/**
 * Sets what is kept for a channel from now on, in the engine's lock order: balances, then quotas. What the channel has
 * open already counts as used. Nothing is refused for lack of stock: the parts are divided at every reading.
 * Commits with the transaction of `em`. @returns the places whose numbers have moved
 */
export async function setQuotas(
  em: EntityManager,
  { channel, pool, lines }: { channel: string; pool: string; lines: readonly QuotaTarget[] },
): Promise<BalanceKey[]> {
  const given = JSON.stringify(lines);
  const recordset = `jsonb_to_recordset(?::jsonb) as given (sku text, exclusive int, "sharedCap" int, "releaseAt" timestamptz)`;
  await lockBalances(
    em,
    pool,
    lines.map(({ sku }) => sku),
  );
  await em.execute(
    `insert into channel_quota (sku, pool, channel, exclusive, shared_cap, release_at, used, shipped_before)
     select given.sku, ?, ?, given.exclusive, given."sharedCap", given."releaseAt", coalesce(line.open, 0), coalesce(line.shipped, 0)
     from ${recordset} left join lateral (
       select sum(reserved - released - shipped - dated) as open, sum(shipped) as shipped from reservation_line
       where reservation_line.sku = given.sku and pool = ? and channel = ? and ${ANY_LINE}
     ) line on true
     where given.exclusive > 0 or given."sharedCap" is not null order by given.sku
     on conflict (sku, pool, channel) do update
     set exclusive = excluded.exclusive, shared_cap = excluded.shared_cap, release_at = excluded.release_at,
       part_released = false, used = excluded.used, shipped_before = excluded.shipped_before`,
    [pool, channel, given, pool, channel],
  );
  await em.execute(
    `delete from channel_quota where pool = ? and channel = ? and sku in (select sku from ${recordset} where exclusive = 0 and "sharedCap" is null)`,
    [pool, channel, given],
  );
  // "used" was counted anew, and no movement tells of it.
  await em.execute(`insert into stock_audit_due (sku) select sku from ${recordset}`, [given]);
  return em.execute<BalanceKey[]>(
    `update stock_balance balance
     set commit_counter = commit_counter + 1,
       has_quotas = exists (select 1 from channel_quota q where q.sku = balance.sku and q.pool = balance.pool)
     where pool = ? and sku in (select sku from ${recordset})
     returning sku, pool`,
    [pool, given],
  );
}
