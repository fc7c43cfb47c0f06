import type { Actor } from '../../platform/api/actor.ts';
import type { EntityManager } from '../../platform/database/database.ts';
import { idempotencyOf } from '../../platform/api/idempotency.ts';
import { newId } from '../../platform/database/ids.ts';
import type { LineRequest, NodeUnits, RecordChannelOrder } from '../engine/command.ts';
import type { StockEngine } from '../engine/stock-engine.ts';
import type { OrderReference } from './read-reservation.ts';

/** An order as its channel has it, as far as stock is concerned. */
export interface OrderStockEvent extends OrderReference {
  event: RecordChannelOrder['event'];
  /** Lines of one SKU may be several. */
  lines: LineRequest[];
}

/**
 * Moves stock for orders that channels have taken: an unpaid one holds, a paid one is promised, a cancelled one frees,
 * one that has gone out is shipped. The engine decides from what is kept for the order, so that telling it again is
 * harmless, and a caller whose own transaction fails afterwards just tells it again.
 */
export async function applyOrderToStock(
  em: EntityManager,
  engine: StockEngine,
  actor: Actor,
  orders: readonly OrderStockEvent[],
): Promise<void> {
  const kept = await ordersWithReservations(em, orders.filter(isOver));
  const concerned = orders.filter((order) => !isOver(order) || kept.has(keyOf(order)));
  const shipping = concerned.filter(({ event }) => event === 'SHIP');
  const places = shipping.length > 0 ? await shelvesOf(em, shipping) : new Map<string, NodeUnits[]>();
  await Promise.all(
    concerned.map((order) => {
      const { channel, externalId, event } = order;
      const shipFrom = event === 'SHIP' ? (places.get(keyOf(order)) ?? []) : [];
      const command = {
        type: 'takeOrder' as const,
        channel,
        orderExternalId: externalId,
        event,
        lines: summed(order.lines),
        shipFrom,
      };
      // A key of its own: news that comes again after other news is to be looked at again.
      const idempotency = idempotencyOf('takeOrder', { idempotencyKey: newId() });
      return engine.takeOrder({ command, idempotency, actor });
    }),
  );
}

/** Most orders of a first import: long gone, with nothing kept for them. */
function isOver({ event }: OrderStockEvent): boolean {
  return event === 'CANCEL' || event === 'SHIP';
}

async function ordersWithReservations(
  em: EntityManager,
  orders: readonly OrderStockEvent[],
): Promise<ReadonlySet<string>> {
  if (orders.length === 0) return new Set();
  const rows = await em.execute<OrderReference[]>(
    `with wanted as materialized (
       select channel, "externalId" from jsonb_to_recordset(?::jsonb) as o (channel text, "externalId" text)
     )
     select wanted.* from wanted where exists (
       select 1 from reservation r where r.channel = wanted.channel and r.order_external_id = "externalId"
     ) or exists (
       select 1 from reservation r where r.channel = wanted.channel and r.reference = "externalId"
     )`,
    [JSON.stringify(orders.map(({ channel, externalId }) => ({ channel, externalId })))],
  );
  return new Set(rows.map(keyOf));
}

/** The nodes of the channel's pool that could have sent an order's units, the fullest first; by order. */
async function shelvesOf(
  em: EntityManager,
  orders: readonly OrderStockEvent[],
): Promise<ReadonlyMap<string, NodeUnits[]>> {
  const wanted = orders.flatMap(({ channel, externalId, lines }) =>
    lines.map(({ sku }) => ({ channel, externalId, sku })),
  );
  const rows = await em.execute<(NodeUnits & OrderReference)[]>(
    `select distinct wanted.channel, wanted."externalId", level.node, level.sku,
       greatest(level.on_hand - level.allocated, 0) as quantity
     from jsonb_to_recordset(?::jsonb) as wanted (channel text, "externalId" text, sku text)
     join channel on channel.code = wanted.channel
     join node on node.pool = channel.pool
     join stock_level level on level.node = node.code and level.sku = wanted.sku
     order by quantity desc, level.node`,
    [JSON.stringify(wanted)],
  );
  return Map.groupBy(rows, keyOf);
}

function summed(lines: readonly LineRequest[]): LineRequest[] {
  const bySku = Map.groupBy(lines, ({ sku }) => sku);
  return [...bySku].map(([sku, some]) => ({
    sku,
    quantity: some.reduce((sum, { quantity }) => sum + quantity, 0),
  }));
}

function keyOf({ channel, externalId }: OrderReference): string {
  return JSON.stringify([channel, externalId]);
}
