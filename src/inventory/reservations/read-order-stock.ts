import type { EntityManager } from '../../platform/database/database.ts';
import type { NodeUnits } from '../engine/command.ts';
import type { OrderReference } from './read-reservation.ts';

/** The units reserved for a paid order, as far as they have not been shipped. */
export interface OrderStock {
  reservationIds: string[];
  /** Null where nothing is kept. */
  pool: string | null;
  /** Units that no node has been given yet. */
  unallocated: { sku: string; quantity: number }[];
  atNodes: NodeUnits[];
}

/** The live paid reservations of an order, oldest first, in sum. */
export async function readOrderStock(em: EntityManager, order: OrderReference): Promise<OrderStock> {
  const [row] = await em.execute<OrderStock[]>(
    `with own as materialized (
       -- two probes of two indexes; an "or" of them would read the table
       select id, pool, state from reservation where channel = ? and reference = ? and order_external_id is null
       union select id, pool, state from reservation where channel = ? and order_external_id = ?
     ), live as materialized (select id, pool from own where state in ('CONFIRMED', 'ALLOCATED')),
     open as materialized (
       -- units of a later day are no node's before it has come
       select sku, sum(reserved - released - shipped - allocated - dated)::int as quantity
       from reservation_line join live on live.id = reservation_id
       group by sku
     ), given as materialized (
       select node, sku, sum(allocation.allocated)::int as quantity
       from reservation_allocation allocation
       join live on live.id = allocation.reservation_id
       join reservation_line line using (reservation_id, line_no)
       group by node, sku
     )
     select
       (select coalesce(jsonb_agg(id order by id), '[]') from live) as "reservationIds",
       (select min(pool) from live) as pool,
       (select coalesce(jsonb_agg(jsonb_build_object('sku', sku, 'quantity', quantity) order by sku), '[]')
        from open where quantity > 0) as unallocated,
       (select coalesce(jsonb_agg(jsonb_build_object('node', node, 'sku', sku, 'quantity', quantity) order by node, sku), '[]')
        from given where quantity > 0) as "atNodes"`,
    [order.channel, order.externalId, order.channel, order.externalId],
  );
  return row!;
}
