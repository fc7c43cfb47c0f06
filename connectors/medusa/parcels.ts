import { z } from 'zod';
import { FatalError, type OutgoingFulfilment } from '../spi/index.ts';

/** Where Medusa keeps the hub's key of a parcel: in the metadata of its fulfilment. */
const KEY = 'orderweave_key';

/** A fulfilment of an order, packed, shipped or cancelled. */
const fulfilmentSchema = z.looseObject({
  id: z.string(),
  shipped_at: z.string().nullable(),
  canceled_at: z.string().nullable(),
  metadata: z.record(z.string(), z.unknown()).nullable(),
  items: z.array(z.looseObject({ line_item_id: z.string().nullable(), quantity: z.number() })),
  labels: z.array(z.looseObject({ tracking_number: z.string() })),
});

export const fulfilmentsSchema = z.array(fulfilmentSchema);
/** Fields of an order that has them. */
export const PARCEL_FIELDS = '*fulfillments,*fulfillments.items,*fulfillments.labels';
type Fulfilment = z.infer<typeof fulfilmentSchema>;

/** A line of an order, as far as parcels go. */
interface OpenLine {
  id: string;
  quantity: number;
  detail: { fulfilled_quantity: number };
}

/**
 * The metadata of a parcel's fulfilment, by which it is recognised; the carrier, since labels of Medusa name none.
 */
export function metadataOf({ idempotencyKey, carrier }: OutgoingFulfilment): Record<string, string> {
  return { [KEY]: idempotencyKey, ...(carrier !== undefined && { carrier }) };
}

/** The fulfilment of a parcel: one that bears its key, or that a person has shipped under its tracking number. */
export function fulfilmentOf(
  fulfilments: readonly Fulfilment[],
  { idempotencyKey, trackingNumber }: OutgoingFulfilment,
): Fulfilment | undefined {
  const standing = fulfilments.filter(({ canceled_at }) => canceled_at === null);
  const isOfPerson = (one: Fulfilment) =>
    keyOf(one) === undefined &&
    one.shipped_at !== null &&
    one.labels.some(({ tracking_number }) => tracking_number === trackingNumber);
  return standing.find((one) => keyOf(one) === idempotencyKey) ?? standing.find(isOfPerson);
}

/** Units of an order's line that are in parcels which the hub has told of. */
export function unitsInParcels(fulfilments: readonly Fulfilment[], lineId: string): number {
  return fulfilments
    .filter((one) => one.canceled_at === null && keyOf(one) !== undefined)
    .flatMap(({ items }) => items)
    .filter(({ line_item_id }) => line_item_id === lineId)
    .reduce((sum, { quantity }) => sum + quantity, 0);
}

/** @throws FatalError where the order has no such line, or fewer units of it that are not fulfilled yet */
export function checkOpen(lines: readonly OpenLine[], parcel: OutgoingFulfilment): void {
  const { orderExternalId: number } = parcel;
  for (const { orderLineExternalId: lineId, quantity } of parcel.lines) {
    const line = lines.find(({ id }) => id === lineId);
    if (!line) throw new FatalError(`Order ${number} of Medusa has no line ${lineId}.`);
    const open = line.quantity - line.detail.fulfilled_quantity;
    if (quantity > open)
      throw new FatalError(
        `Of line ${lineId} of order ${number} the parcel has ${quantity}, and ${open} of ${line.quantity} are still to be fulfilled in Medusa.`,
      );
  }
}

function keyOf({ metadata }: Fulfilment): unknown {
  return metadata?.[KEY];
}
