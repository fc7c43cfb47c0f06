import { z } from 'zod';
import type { RawRecord, RereadLimits, Rereadable, SweepOf, SweepPage } from '../spi/index.ts';
import type { VendureCalls, VendureClient } from './client.ts';
import type { VendureConfig } from './config.ts';
import { ORDERS } from './documents.ts';

const instant = z.iso.datetime();
const lineUnits = z.object({ orderLineId: z.string(), quantity: z.int() });

/** An order as far as the connector itself looks into it; the rest is for the mapping. */
const orderSchema = z.looseObject({
  id: z.string(),
  code: z.string(),
  state: z.string(),
  orderPlacedAt: instant,
  updatedAt: instant,
  lines: z.array(
    z.looseObject({
      id: z.string(),
      quantity: z.int(),
      orderPlacedQuantity: z.int(),
      productVariant: z.looseObject({ sku: z.string() }),
    }),
  ),
  payments: z
    .array(
      z.looseObject({
        refunds: z.array(
          z.looseObject({ id: z.string(), state: z.string(), updatedAt: instant, lines: z.array(lineUnits) }),
        ),
      }),
    )
    .nullable(),
  fulfillments: z
    .array(
      z.looseObject({
        id: z.string(),
        state: z.string(),
        trackingCode: z.string().nullable(),
        lines: z.array(lineUnits),
      }),
    )
    .nullable(),
});
const orderList = z.object({ orders: z.object({ items: z.array(orderSchema) }) });
export type VendureOrder = z.infer<typeof orderSchema>;
export type VendureFulfilment = NonNullable<VendureOrder['fulfillments']>[number];
export type VendureRefund = NonNullable<VendureOrder['payments']>[number]['refunds'][number];

/** Only orders that were placed: carts and drafts are none of the hub's business. */
const PLACED = { orderPlacedAt: { isNull: false } };
const DAY_MS = 86_400_000;

type Field = 'orderPlacedAt' | 'updatedAt';

/** A shop, and how it is read. */
export interface Shop {
  client: VendureClient;
  config: VendureConfig;
}

/**
 * Placed orders in the order of a time of theirs.
 * @param where further conditions
 */
export function ordersBy(
  { client, config }: Shop,
  field: Field,
  where: Record<string, unknown> = {},
): SweepOf<VendureOrder> {
  const { pageSize: take } = config;
  return {
    pageSize: take,
    id: ({ id }) => id,
    time: (order) => order[field],
    page: ({ after, skip }, signal) => {
      const filter = { ...PLACED, ...where, _and: [{ [field]: { after } }] };
      return ordersOf(client, { take, skip, sort: { [field]: 'ASC', id: 'ASC' }, filter }, signal);
    },
  };
}

export async function ordersByIds(
  client: VendureClient,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<SweepPage<VendureOrder>> {
  const filter = { ...PLACED, id: { in: ids } };
  return ordersOf(client, { take: ids.length, filter }, signal);
}

/** The placed order with a number. */
export async function orderByCode(
  calls: VendureCalls,
  code: string,
  signal: AbortSignal,
): Promise<VendureOrder | undefined> {
  const filter = { ...PLACED, code: { in: [code] } };
  const { rows } = await ordersOf(calls, { take: 1, filter }, signal);
  return rows[0];
}

async function ordersOf(
  calls: VendureCalls,
  options: Record<string, unknown>,
  signal: AbortSignal,
): Promise<SweepPage<VendureOrder>> {
  const { data, at } = await calls.ask(ORDERS, { options }, orderList, signal);
  return { rows: data.orders.items, at };
}

/** `updatedAt` stays when an order is placed, fulfilled or refunded, and moves when it is cancelled. */
export function rereadableOrders(shop: Shop): Rereadable<VendureOrder> {
  return {
    pageSize: shop.config.pageSize,
    begun: ordersBy(shop, 'orderPlacedAt').page,
    changed: ordersBy(shop, 'updatedAt').page,
    byIds: (ids, signal) => ordersByIds(shop.client, ids, signal),
    id: ({ id }) => id,
    begunAt: ({ orderPlacedAt }) => orderPlacedAt,
    changedAt: ({ updatedAt }) => updatedAt,
    // A delivered one may still be cancelled: `updatedAt` tells.
    isFinal: ({ state }) => state === 'Cancelled' || state === 'Delivered',
  };
}

export function orderLimits({ openOrders, overlapSeconds }: VendureConfig): RereadLimits {
  return {
    everyMs: openOrders.everySeconds * 1_000,
    openMs: openOrders.days * DAY_MS,
    overlapMs: overlapSeconds * 1_000,
  };
}

/** The record that the mapping reads: the order, and under `hub` what the connector knows besides. */
export function orderRecord(order: VendureOrder, channel: string): RawRecord {
  const hub = { channel, hasLeft: hasLeft(order) };
  return { id: order.id, origin: `order ${order.code}`, data: { ...order, hub } };
}

/**
 * Whether all its units have left. Its state does not always tell: of one that is delivered in part the rest may be under
 * way or not packed yet, and one that is not paid yet keeps its state whatever leaves.
 */
function hasLeft(order: VendureOrder): boolean {
  if (isShipped(order)) return true;
  const ordered = order.lines.filter(({ quantity }) => quantity > 0);
  const gone = goneFrom(order);
  return ordered.length > 0 && ordered.every(({ id, quantity }) => unitsIn(gone, id) >= quantity);
}

/** Whether an order or a fulfilment is on its way, or has arrived. */
export function isShipped({ state }: { state: string }): boolean {
  return state === 'Shipped' || state === 'Delivered';
}

/** Units of an order line in fulfilments. */
export function unitsIn(fulfilments: readonly VendureFulfilment[], orderLineId: string): number {
  return sum(fulfilments.flatMap(({ lines }) => lines).filter((line) => line.orderLineId === orderLineId));
}

function goneFrom({ fulfillments }: VendureOrder): VendureFulfilment[] {
  return (fulfillments ?? []).filter(isShipped);
}

export function settledRefunds({ payments }: VendureOrder): VendureRefund[] {
  return (payments ?? []).flatMap(({ refunds }) => refunds).filter(({ state }) => state === 'Settled');
}

/**
 * Units that an order keeps of a SKU, by the rule by which the hub counts them: what has left is gone, and what was
 * called off or refunded is free, once.
 */
export function remainingUnits(order: VendureOrder): Map<string, number> {
  const kept = new Map<string, number>();
  if (order.state === 'Cancelled' || hasLeft(order)) return kept;
  const refunds = settledRefunds(order).flatMap(({ lines }) => lines);
  const gone = goneFrom(order);
  for (const { id, quantity, orderPlacedQuantity, productVariant } of order.lines) {
    const refunded = sum(refunds.filter(({ orderLineId }) => orderLineId === id));
    const freed = Math.max(orderPlacedQuantity - quantity, refunded);
    const units = Math.max(0, orderPlacedQuantity - freed - unitsIn(gone, id));
    kept.set(productVariant.sku, (kept.get(productVariant.sku) ?? 0) + units);
  }
  return kept;
}

function sum(lines: readonly { quantity: number }[]): number {
  return lines.reduce((total, { quantity }) => total + quantity, 0);
}
