import type { EntityManager } from '../../platform/database/database.ts';

/**
 * Locks the balances of SKUs in a pool, in the engine's order, for who sets what holds for them; those that the pool has
 * never had are created.
 */
export async function lockBalances(em: EntityManager, pool: string, skus: readonly string[]): Promise<void> {
  const named = JSON.stringify(skus);
  await em.execute(
    `insert into stock_balance (sku, pool)
     select sku, ? from jsonb_array_elements_text(?::jsonb) as sku order by sku on conflict do nothing`,
    [pool, named],
  );
  await em.execute(
    `select 1 from stock_balance
     where pool = ? and sku in (select jsonb_array_elements_text(?::jsonb)) order by pool, sku for update`,
    [pool, named],
  );
}
