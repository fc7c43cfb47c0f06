import type { EntityManager } from '../../platform/database/database.ts';
import { lockBalances } from './lock-balances.ts';
import type { BalanceKey } from '../model/balance-key.ts';

/** Units to withhold: the greater of a fixed number and a share of on hand. */
export interface SafetyBuffer {
  sku: string;
  fixed: number;
  /** 0 to 1. */
  rate: number;
}

/**
 * Sets what is withheld from all channels from now on, under the locks of the balances. What is promised already stays
 * promised. Commits with the transaction of `em`. @returns the places whose numbers may have moved
 */
export async function setSafetyBuffers(
  em: EntityManager,
  pool: string,
  buffers: readonly SafetyBuffer[],
): Promise<BalanceKey[]> {
  const given = JSON.stringify(buffers);
  const recordset = `jsonb_to_recordset(?::jsonb) as given (sku text, fixed int, rate numeric)`;
  await lockBalances(
    em,
    pool,
    buffers.map(({ sku }) => sku),
  );
  return em.execute<BalanceKey[]>(
    `update stock_balance balance
     set commit_counter = commit_counter + 1, buffer_fixed = given.fixed, buffer_rate = given.rate
     from ${recordset}
     where balance.pool = ? and balance.sku = given.sku
     returning balance.sku, balance.pool`,
    [given, pool],
  );
}
