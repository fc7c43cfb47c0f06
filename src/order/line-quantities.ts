import { readLineFacts, readOrderQuantities } from '../inventory/index.ts';
import type { EntityManager } from '../platform/database/database.ts';
import type { LoaderDefinition } from '../platform/api/request-context.ts';
import { isUuid } from '../platform/database/ids.ts';
import { shippedStates, type OrderState } from './order-states.ts';

/** The state of an order line's units. */
export interface LineQuantities {
  channel: string;
  /** Of the order. */
  orderExternalId: string;
  sku: string;
  ordered: number;
  shipped: number;
  cancelled: number;
  refunded: number;
  /** Units that were shipped and are sellable again. */
  restocked: number;
}

export const quantitiesOfLine: LoaderDefinition<string, LineQuantities> = {
  batch: async (ids, { em }) => {
    const found = await readLineQuantities(em, ids);
    return ids.map((id) => found.get(id) ?? new Error(`there is no order line ${id}`));
  },
};

interface LineRow {
  id: string;
  orderId: string;
  channel: string;
  externalId: string;
  state: OrderState;
  sku: string;
  quantity: number;
}

/** By the id as it was given; of a line that does not exist, nothing. */
export async function readLineQuantities(
  em: EntityManager,
  orderLineIds: readonly string[],
): Promise<Map<string, LineQuantities>> {
  const lines = await linesOfTheirOrders(em, orderLineIds);
  const orders = new Map(lines.map(({ orderId, channel, externalId }) => [orderId, { channel, externalId }]));
  const kept = Map.groupBy(await readOrderQuantities(em, [...orders.values()]), ({ channel, externalId }) =>
    JSON.stringify([channel, externalId]),
  );
  const facts = await readLineFacts(
    em,
    lines.map(({ id }) => id),
  );
  const quantities = new Map<string, LineQuantities>();
  for (const own of Map.groupBy(lines, ({ orderId, sku }) => JSON.stringify([orderId, sku])).values()) {
    const { channel, externalId, state, sku } = own[0]!;
    const ofOrder = kept.get(JSON.stringify([channel, externalId]));
    // Of an order that left before the hub knew of it nothing was kept here: it shipped whole.
    const total = own.reduce((sum, { quantity }) => sum + quantity, 0);
    const unknown = { shipped: shippedStates.has(state) ? total : 0, cancelled: 0 };
    const left = {
      ...(ofOrder ? { shipped: 0, cancelled: 0 } : unknown),
      ...ofOrder?.find((row) => row.sku === sku),
    };
    for (const { id, quantity } of own) {
      const shipped = Math.min(quantity, left.shipped);
      const cancelled = Math.min(quantity - shipped, left.cancelled);
      left.shipped -= shipped;
      left.cancelled -= cancelled;
      const { refunded = 0, returned = 0 } = facts.get(id) ?? {};
      quantities.set(id, {
        channel,
        orderExternalId: externalId,
        sku,
        ordered: quantity,
        shipped,
        cancelled,
        refunded,
        restocked: Math.min(shipped, returned),
      });
    }
  }
  return new Map(
    orderLineIds.flatMap((id) => {
      const found = quantities.get(id.toLowerCase());
      return found ? [[id, found] as const] : [];
    }),
  );
}

/** All lines of the orders that the named lines belong to: lines of one SKU share what has become of its units. */
function linesOfTheirOrders(em: EntityManager, orderLineIds: readonly string[]): Promise<LineRow[]> {
  return em.execute<LineRow[]>(
    `with named as materialized (
       select distinct order_id from order_line
       where id in (select value::uuid from jsonb_array_elements_text(?::jsonb))
     )
     select l.id, l.order_id as "orderId", o.channel, o.external_id as "externalId", o.state, l.sku, l.quantity
     from named join sales_order o on o.id = named.order_id join order_line l on l.order_id = o.id
     order by l.order_id, l.line_no`,
    [JSON.stringify(orderLineIds.filter(isUuid))],
  );
}
