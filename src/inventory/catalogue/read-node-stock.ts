import type { EntityManager } from '../../platform/database/database.ts';
import { FulfilmentNode, Sku } from './catalogue.entities.ts';

/** The nodes that promise together, by code. */
export function readNodes(em: EntityManager, pool: string): Promise<FulfilmentNode[]> {
  return em.find(FulfilmentNode, { pool }, { orderBy: { code: 'asc' }, disableIdentityMap: true });
}

export function readSkus(em: EntityManager, codes: readonly string[]): Promise<Sku[]> {
  return em.find(Sku, { code: { $in: [...codes] } }, { disableIdentityMap: true });
}

/** Units at each node of a pool that no order has been given. */
export function readUnallocated(
  em: EntityManager,
  pool: string,
  skus: readonly string[],
): Promise<{ node: string; sku: string; units: number }[]> {
  return em.execute(
    `select level.node, level.sku, level.on_hand - level.allocated as units
     from stock_level level join node on node.code = level.node
     where node.pool = ? and level.sku in (select jsonb_array_elements_text(?::jsonb)) and level.on_hand > level.allocated
     order by level.node, level.sku`,
    [pool, JSON.stringify(skus)],
  );
}
