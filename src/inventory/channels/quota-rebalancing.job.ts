import type { EntityManager } from '../../platform/database/database.ts';
import type { Job } from '../../platform/jobs/job.ts';
import { rebalanced, type SellingQuota } from '../model/rebalance-quotas.ts';
import type { BalanceKey } from '../model/balance-key.ts';

const LOOK_MS = 60_000;
/** A place is rebalanced once a day: targets that follow every sale would be no targets. */
const EVERY_HOURS = 24;
/** Rebalanced in one transaction; their balances stay locked while it runs. */
const BATCH = 50;

/**
 * Lets exclusive parts follow what channels sell, where that is wanted. Several processes take turns by row locks.
 * @param onChange called with balances whose numbers have moved, after the commit
 */
export function quotaRebalancingJob(em: EntityManager, onChange: (places: BalanceKey[]) => void): Job {
  return {
    name: 'quota-rebalancing',
    everyMs: LOOK_MS,
    scope: 'PROCESS',
    async run() {
      const { due, changed } = await em.fork().transactional(async (forked) => {
        const places = await takeDue(forked);
        return { due: places.length, changed: places.length === 0 ? [] : await rebalance(forked, places) };
      });
      onChange(changed);
      return due === BATCH ? 'more' : undefined;
    },
  };
}

interface Due extends BalanceKey {
  windowDays: number;
}

function takeDue(em: EntityManager): Promise<Due[]> {
  return em.execute<Due[]>(
    `update quota_rebalancing q set rebalanced_at = hub_now()
     from (
       select sku, pool from quota_rebalancing
       where rebalanced_at is null or rebalanced_at <= hub_now() - make_interval(hours => ?)
       order by pool, sku limit ? for update skip locked
     ) due
     where q.sku = due.sku and q.pool = due.pool
     returning q.sku, q.pool, q.window_days as "windowDays"`,
    [EVERY_HOURS, BATCH],
  );
}

/** In the engine's lock order: balances, then quotas. */
async function rebalance(em: EntityManager, places: Due[]): Promise<BalanceKey[]> {
  const given = JSON.stringify(places);
  const wanted = `jsonb_to_recordset(?::jsonb) as w (sku text, pool text, "windowDays" int)`;
  await em.execute(
    `select 1 from stock_balance where (sku, pool) in (select sku, pool from ${wanted}) order by pool, sku for update`,
    [given],
  );
  const quotas = await em.execute<(SellingQuota & BalanceKey)[]>(
    `select q.sku, q.pool, q.channel, q.exclusive, q.used, c.sells_from as "sellsFrom", coalesce((
       select sum(m.delta) from stock_movement m join reservation r on r.id = m.reservation_id
       where m.sku = q.sku and m.pool = q.pool and r.channel = q.channel and m.delta > 0
         and m.cause in ('RESERVE', 'ORDER') and m.at > hub_now() - make_interval(days => w."windowDays")
     ), 0)::int as sold
     from ${wanted} join channel_quota q on q.sku = w.sku and q.pool = w.pool join channel c on c.code = q.channel
     where not q.part_released and (q.release_at is null or q.release_at > hub_now())
     order by q.pool, q.sku, q.channel for update of q`,
    [given],
  );
  const targets = [...Map.groupBy(quotas, ({ sku, pool }) => JSON.stringify([sku, pool])).values()].flatMap(
    (some) =>
      [...rebalanced(some)].map(([channel, exclusive]) => ({
        sku: some[0]!.sku,
        pool: some[0]!.pool,
        channel,
        exclusive,
      })),
  );
  if (targets.length === 0) return [];
  await em.execute(
    `update channel_quota q set exclusive = t.exclusive
     from jsonb_to_recordset(?::jsonb) as t (sku text, pool text, channel text, exclusive int)
     where q.sku = t.sku and q.pool = t.pool and q.channel = t.channel`,
    [JSON.stringify(targets)],
  );
  return em.execute<BalanceKey[]>(
    `update stock_balance set commit_counter = commit_counter + 1
     where (sku, pool) in (select sku, pool from jsonb_to_recordset(?::jsonb) as t (sku text, pool text))
     returning sku, pool`,
    [JSON.stringify(targets)],
  );
}
