import type { Line, Stock } from './contract-stock.ts';

interface Item {
  line_item_id: string;
  quantity: number;
}

export interface Fulfilment {
  id: string;
  shipped_at: string | null;
  canceled_at: string | null;
  metadata: Record<string, unknown> | null;
  items: Item[];
  labels: { tracking_number: string }[];
}

/** The part of an order that its parcels change. */
export interface ParcelOrder {
  status: string;
  items: Line[];
  fulfillments: Fulfilment[];
}

/** Body of `POST /admin/orders/:id/fulfillments`. */
export interface NewFulfilment {
  items: { id: string; quantity: number }[];
  metadata?: Record<string, unknown>;
}

/** What Medusa refuses with 400. */
export class Refused extends Error {}

/**
 * Units leave both counters when a fulfilment is made. Medusa compares them with what is reserved for the line.
 * @throws Refused
 */
export function fulfil(stock: Stock, order: ParcelOrder, id: string, given: NewFulfilment): Fulfilment {
  if (order.status === 'canceled') throw new Refused(`Order with id ${id} has been canceled.`);
  for (const { id: lineId, quantity } of given.items) {
    const line = lineOfId(order, lineId);
    if (!line) throw new Refused(`Items with ids ${lineId} does not exist in order.`);
    if (quantity > line.quantity - line.detail.fulfilled_quantity)
      throw new Refused(`Quantity to fulfill exceeds the reserved quantity for the item: ${lineId}`);
  }
  for (const { id: lineId, quantity } of given.items) {
    const line = lineOfId(order, lineId)!;
    stock.take(line.variant_sku!, quantity);
    line.detail.fulfilled_quantity += quantity;
  }
  const items = given.items.map((item) => ({ line_item_id: item.id, quantity: item.quantity }));
  const metadata = given.metadata ?? null;
  const made = { id, shipped_at: null, canceled_at: null, metadata, items, labels: [] };
  order.fulfillments.push(made);
  return made;
}

/**
 * All units of a fulfilment leave.
 * @throws Refused
 */
export function ship(order: ParcelOrder, id: string, at: string, labels: Fulfilment['labels']): void {
  const fulfilment = order.fulfillments.find((one) => one.id === id)!;
  if (fulfilment.shipped_at !== null) throw new Refused('Shipment has already been created');
  Object.assign(fulfilment, { shipped_at: at, labels });
  for (const { line_item_id, quantity } of fulfilment.items)
    lineOfId(order, line_item_id)!.detail.shipped_quantity += quantity;
}

function lineOfId({ items }: ParcelOrder, id: string): Line | undefined {
  return items.find((line) => line.id === id);
}
