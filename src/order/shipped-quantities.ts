import { isUuid } from '../platform/uuid.ts';
import type { EntityManager } from '../platform/database.ts';
import { shippedStates } from './order-states.ts';

/**
 * Units of each order line that have left the nodes. An order ships whole: from SHIPPED on, all units of its lines
 * count. Lines that do not exist are left out.
 */
export async function shippedQuantities(
  em: EntityManager,
  orderLineIds: readonly string[],
): Promise<Map<string, { sku: string; shipped: number }>> {
  const rows = await em.execute<{ id: string; sku: string; shipped: number }[]>(
    `select l.id, l.sku, case when o.state in (?) then l.quantity else 0 end as shipped
     from json_array_elements_text(?::json) as k
     join order_line l on l.id = k.value::uuid
     join sales_order o on o.id = l.order_id`,
    [[...shippedStates], JSON.stringify(orderLineIds.filter(isUuid))],
  );
  const byLine = new Map(rows.map(({ id, sku, shipped }) => [id, { sku, shipped }]));
  return new Map(
    orderLineIds.flatMap((id) => {
      const line = byLine.get(id.toLowerCase());
      return line ? [[id, line] as const] : [];
    }),
  );
}
