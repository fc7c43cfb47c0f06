import type { EntityManager } from '../../platform/database/database.ts';
import type { Job } from '../../platform/jobs/job.ts';
import type { StockEngine } from '../engine/stock-engine.ts';
import { LIVE_LINE } from '../availability/read-availability.sql.ts';
import { settleBalances } from '../supply/settle-balances.ts';
import type { BalanceKey } from '../model/balance-key.ts';

const LOOK_MS = 1_000;
const PLACES_AT_ONCE = 500;

/**
 * Has holds that have ended written down as such, where somebody is to be told of it. Nobody else needs it: every
 * number leaves them out from their instant on, and the next command on the SKU takes them home. Failed holds are tried
 * again at the next run.
 */
export function expiredHoldJob(em: EntityManager, engine: StockEngine, isWanted: () => boolean): Job {
  return {
    name: 'expired-holds',
    everyMs: LOOK_MS,
    scope: 'PROCESS',
    isWanted,
    run: async () => settleBalances(engine, await ended(em.fork())),
  };
}

/** Read from the index of live lines alone; the instant comes from a subquery, since a volatile function is no bound. */
function ended(em: EntityManager): Promise<BalanceKey[]> {
  return em.execute<BalanceKey[]>(
    `select distinct sku, pool from reservation_line
     where hold_expires_at <= (select hub_now()) and ${LIVE_LINE}
     order by pool, sku limit ?`,
    [PLACES_AT_ONCE],
  );
}
