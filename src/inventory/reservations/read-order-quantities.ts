import type { EntityManager } from '../../platform/database/database.ts';
import type { OrderReference } from './read-reservation.ts';

/** The state of an order's units of a SKU, over all its paid reservations. */
export interface OrderSkuQuantities extends OrderReference {
  sku: string;
  shipped: number;
  cancelled: number;
}

/** By order and SKU; nothing for orders of which nothing was ever promised here. */
export async function readOrderQuantities(
  em: EntityManager,
  orders: readonly OrderReference[],
): Promise<OrderSkuQuantities[]> {
  if (orders.length === 0) return [];
  return em.execute<OrderSkuQuantities[]>(
    `with wanted as materialized (
       select channel, "externalId" from jsonb_to_recordset(?::jsonb) as o (channel text, "externalId" text)
     ), own as (
       -- two probes of two indexes; an "or" of them would read the table
       select wanted.*, reservation.id, state from wanted
       join reservation on reservation.channel = wanted.channel and reference = "externalId" and order_external_id is null
       union
       select wanted.*, reservation.id, state from wanted
       join reservation on reservation.channel = wanted.channel and order_external_id = "externalId"
     )
     select own.channel, own."externalId", sku, sum(shipped)::int as shipped, sum(cancelled)::int as cancelled
     from own join reservation_line on reservation_id = own.id
     where state in ('CONFIRMED', 'ALLOCATED', 'FULFILLED', 'CANCELLED')
     group by 1, 2, 3`,
    [JSON.stringify(orders.map(({ channel, externalId }) => ({ channel, externalId })))],
  );
}

/** Facts of an order line. */
export interface OrderLineSettlement {
  orderLineId: string;
  refunded: number;
  /** Units that came back sellable. */
  returned: number;
}

export async function readLineFacts(
  em: EntityManager,
  orderLineIds: readonly string[],
): Promise<Map<string, OrderLineSettlement>> {
  if (orderLineIds.length === 0) return new Map();
  const rows = await em.execute<OrderLineSettlement[]>(
    `select order_line_id as "orderLineId", coalesce(sum(refunded_quantity), 0)::int as refunded,
       coalesce(sum(coalesce(sellable_quantity, returned_quantity)), 0)::int as returned
     from stock_fact
     where order_line_id in (select jsonb_array_elements_text(?::jsonb))
     group by order_line_id`,
    [JSON.stringify(orderLineIds)],
  );
  return new Map(rows.map((row) => [row.orderLineId, row]));
}
