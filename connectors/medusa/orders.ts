import { z } from 'zod';
import { isoBefore } from '../spi/index.ts';
import { instant, rowShape, type MedusaList } from './lists.ts';
import { fulfilmentsSchema, PARCEL_FIELDS, unitsInParcels } from './parcels.ts';
import { changedStream } from './stream-of-list.ts';

const money = z.looseObject({ id: z.string(), amount: z.number(), created_at: instant });

/** An order as far as the connector itself looks into it; the rest is for the mapping. */
export const orderSchema = z.looseObject({
  ...rowShape,
  display_id: z.union([z.int(), z.string()]),
  status: z.string(),
  currency_code: z.string(),
  items: z.array(
    z.looseObject({
      id: z.string(),
      variant_sku: z.string().nullable(),
      quantity: z.number(),
      requires_shipping: z.boolean(),
      detail: z.looseObject({
        fulfilled_quantity: z.number(),
        shipped_quantity: z.number(),
        delivered_quantity: z.number(),
      }),
    }),
  ),
  payment_collections: z
    .array(
      z.looseObject({
        payments: z.array(z.looseObject({ captures: z.array(money), refunds: z.array(money) })).optional(),
      }),
    )
    .optional(),
  fulfillments: fulfilmentsSchema.optional(),
});
export type MedusaOrder = z.infer<typeof orderSchema>;
type MedusaRefund = z.infer<typeof money>;
type Item = MedusaOrder['items'][number];

const UNITS_AND_PAYMENTS =
  'id,display_id,status,currency_code,created_at,updated_at,*items,*payment_collections.payments,' +
  '*payment_collections.payments.captures,*payment_collections.payments.refunds';

/** Orders without what only the mapping needs. Drafts are not in the list. */
export const ORDER_UNITS: MedusaList<MedusaOrder> = {
  name: 'orders',
  fields: UNITS_AND_PAYMENTS,
  row: orderSchema,
};

/** Those with what is in their parcels, as `unitsKept` counts them. */
export const ORDERS_AND_PARCELS: MedusaList<MedusaOrder> = {
  ...ORDER_UNITS,
  fields: `${UNITS_AND_PAYMENTS},${PARCEL_FIELDS}`,
};

/** `updated_at` moves with all that becomes of an order, except that money comes, or goes back that was owed. */
export const orders = changedStream({
  ...ORDER_UNITS,
  fields: `${UNITS_AND_PAYMENTS},email,customer_id,total,*shipping_address,*shipping_methods`,
  records: ({ rows, at }, { channel, overlapSeconds }) =>
    rows
      .filter((order) => isPlaced(order, at, overlapSeconds * 1_000))
      .map((order) => ({
        id: order.id,
        origin: `order ${order.display_id}`,
        data: {
          ...order,
          hub: { channel, progress: progressOf(order), decimals: decimalsOf(order.currency_code) },
        },
      })),
});

/**
 * Whether an order has come to be. Medusa writes it first, then reserves its units and authorizes its payment, and takes
 * it back when one of them fails; meanwhile it can be seen. Orders that cost nothing have no payment for good.
 * @param at the shop's clock
 * @param graceMs how long Medusa may take; as long as rows are read again, so that none is passed over
 */
function isPlaced(order: MedusaOrder, at: Date, graceMs: number): boolean {
  return paymentsOf(order).length > 0 || order.created_at <= isoBefore(at, graceMs);
}

/** How far an order has come: its `status` until all units have left, then `shipped` or `delivered`. */
function progressOf(order: MedusaOrder): string {
  if (order.status === 'canceled' || !allLeft(order)) return order.status;
  const isDelivered = order.items.every(({ quantity, detail }) => detail.delivered_quantity >= quantity);
  return isDelivered ? 'delivered' : 'shipped';
}

function allLeft({ items }: MedusaOrder): boolean {
  return items.length > 0 && items.every((item) => unitsLeft(item) >= item.quantity);
}

/** Units delivered by hand are never shipped, and units that need no shipping leave when they are fulfilled. */
function unitsLeft({ requires_shipping, detail }: Item): number {
  const { fulfilled_quantity, shipped_quantity, delivered_quantity } = detail;
  return Math.max(shipped_quantity, delivered_quantity, requires_shipping ? 0 : fulfilled_quantity);
}

/** Decimals of a currency, by ISO 4217. */
function decimalsOf(currency: string): number {
  const style = new Intl.NumberFormat('en', { style: 'currency', currency });
  return style.resolvedOptions().maximumFractionDigits ?? 2;
}

/**
 * The refund by which everything that was paid for an order has gone back. Refunds of Medusa name an amount and no
 * goods: of a smaller one nobody can tell which units it is for.
 */
export function completingRefund(order: MedusaOrder): MedusaRefund | undefined {
  const paid = sum(paymentsOf(order).flatMap(({ captures }) => captures));
  if (paid <= 0) return undefined;
  const refunds = refundsOf(order).toSorted((a, b) => (a.created_at < b.created_at ? -1 : 1));
  // Sums of decimals: half of the least unit of any currency is more than they are wrong by.
  return refunds.find((_refund, index) => sum(refunds.slice(0, index + 1)) > paid - 0.0005);
}

/**
 * Units that an order keeps of a SKU as long as it has not left, by the rule by which the hub counts them: what was called
 * off or refunded is free, what it has told of as a parcel has left, and a part that people ship by hand has not.
 */
export function remainingUnits(order: MedusaOrder): Map<string, number> {
  const kept = new Map<string, number>();
  if (order.status === 'canceled' || allLeft(order) || completingRefund(order)) return kept;
  for (const { id, variant_sku: sku, quantity } of order.items)
    if (sku !== null)
      kept.set(sku, (kept.get(sku) ?? 0) + quantity - unitsInParcels(order.fulfillments ?? [], id));
  return kept;
}

export function refundsOf(order: MedusaOrder): MedusaRefund[] {
  return paymentsOf(order).flatMap(({ refunds }) => refunds);
}

function paymentsOf({ payment_collections }: MedusaOrder) {
  return (payment_collections ?? []).flatMap(({ payments }) => payments ?? []);
}

function sum(amounts: readonly { amount: number }[]): number {
  return amounts.reduce((total, { amount }) => total + amount, 0);
}
