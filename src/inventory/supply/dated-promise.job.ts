import type { EntityManager } from '../../platform/database/database.ts';
import type { Job } from '../../platform/jobs/job.ts';
import type { StockEngine } from '../engine/stock-engine.ts';
import { settleBalances } from './settle-balances.ts';
import type { BalanceKey } from '../model/balance-key.ts';

const LOOK_MS = 30_000;
const PLACES_AT_ONCE = 500;

/**
 * Has promises for later days settled once a day, soon after midnight, where nobody has asked for the SKU since: no
 * number needs it, but whoever was promised goods that did not come must be told. Failed balances are tried again at the
 * next run.
 */
export function datedPromiseJob(em: EntityManager, engine: StockEngine): Job {
  return {
    name: 'dated-promises',
    everyMs: LOOK_MS,
    scope: 'PROCESS',
    run: async () => settleBalances(engine, await unsettled(em.fork())),
  };
}

/** Balances of which time has changed something since their midnight. */
function unsettled(em: EntityManager): Promise<BalanceKey[]> {
  return em.execute<BalanceKey[]>(
    `with instant as materialized (select hub_now() as now)
     select sku, pool from instant, stock_balance join pool on code = pool
     where dated_held + dated_confirmed > 0
       and committed_at < date_trunc('day', now at time zone time_zone) at time zone time_zone
     order by pool, sku limit ?`,
    [PLACES_AT_ONCE],
  );
}
