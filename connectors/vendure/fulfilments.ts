import { z } from 'zod';
import { FatalError, RetriableError, type FulfilmentSink, type OutgoingFulfilment } from '../spi/index.ts';
import type { VendureCalls } from './client.ts';
import { ADD_FULFILMENT, SHIP_FULFILMENT } from './documents.ts';
import {
  isShipped,
  orderByCode,
  unitsIn,
  type Shop,
  type VendureFulfilment,
  type VendureOrder,
} from './orders.ts';

/** Of Vendure's own handlers the one by which people enter parcels. */
const HANDLER = 'manual-fulfillment';

const addedSchema = z.object({
  addFulfillmentToOrder: z.union([
    z.object({ id: z.string(), state: z.string() }),
    z.object({ errorCode: z.string(), message: z.string() }),
  ]),
});
const shippedSchema = z.object({
  transitionFulfillmentToState: z.union([
    z.object({ id: z.string() }),
    z.object({ message: z.string(), fromState: z.string(), transitionError: z.string() }),
  ]),
});

type Made = Pick<VendureFulfilment, 'id' | 'state'>;

/**
 * Makes a parcel a fulfilment of its order and marks it as shipped: two calls, neither of which Vendure knows again. So
 * the order is looked at first, also when a try is begun anew; the fulfilment is known by its tracking code, which is the
 * parcel's tracking number, or its idempotency key where it has none.
 */
export function fulfilmentSink({ client }: Shop): FulfilmentSink {
  return {
    pushFulfilment: (parcel, signal) =>
      client.turn(async (calls, ending) => {
        const order = await orderByCode(calls, parcel.orderExternalId, ending);
        if (!order) throw new FatalError(`Vendure has no order ${parcel.orderExternalId}.`);
        const made = fulfilmentOf(order, parcel) ?? (await add(calls, order, parcel, ending));
        if (!isShipped(made)) await ship(calls, made, ending);
        return { externalId: made.id };
      }, signal),
  };
}

/**
 * The fulfilment that a parcel is, whoever has made it.
 * @throws FatalError when the one with its tracking code does not hold its units
 */
function fulfilmentOf(order: VendureOrder, parcel: OutgoingFulfilment): VendureFulfilment | undefined {
  const code = comparable(trackingCodeOf(parcel));
  const found = fulfilmentsIn(order).find(({ trackingCode }) => comparable(trackingCode) === code);
  if (!found) return undefined;
  const holdsAll = parcel.lines.every(
    ({ orderLineExternalId, quantity }) => unitsIn([found], orderLineExternalId) >= quantity,
  );
  if (holdsAll) return found;
  throw new FatalError(
    `Fulfilment ${found.id} of order ${order.code} has the tracking code ${found.trackingCode} and other units than the parcel.`,
  );
}

async function add(
  calls: VendureCalls,
  order: VendureOrder,
  parcel: OutgoingFulfilment,
  signal: AbortSignal,
): Promise<Made> {
  mustBeOpen(order, parcel);
  const { data } = await calls.ask(ADD_FULFILMENT, { input: inputOf(parcel) }, addedSchema, signal);
  const answer = data.addFulfillmentToOrder;
  if ('id' in answer) return answer;
  const says = `Vendure refuses a fulfilment of order ${order.code}: ${answer.message}`;
  // They were open a moment ago: the next look shows who has taken them.
  if (answer.errorCode === 'ITEMS_ALREADY_FULFILLED_ERROR') throw new RetriableError(says);
  throw new FatalError(says);
}

/** @throws FatalError when the parcel has a line that the order has not, or more units than are open */
function mustBeOpen(order: VendureOrder, { lines }: OutgoingFulfilment): void {
  for (const { orderLineExternalId, quantity } of lines) {
    const line = order.lines.find(({ id }) => id === orderLineExternalId);
    if (!line) throw new FatalError(`Order ${order.code} of Vendure has no line ${orderLineExternalId}.`);
    const open = line.quantity - unitsIn(fulfilmentsIn(order), line.id);
    if (quantity > open)
      throw new FatalError(
        `The parcel has ${quantity} units of line ${line.id} (${line.productVariant.sku}) of order ${order.code}; in Vendure ${open} are open.`,
      );
  }
}

async function ship(calls: VendureCalls, { id }: Made, signal: AbortSignal): Promise<void> {
  const { data } = await calls.ask(SHIP_FULFILMENT, { id }, shippedSchema, signal);
  const answer = data.transitionFulfillmentToState;
  // Somebody else was quicker.
  if ('id' in answer || isShipped({ state: answer.fromState })) return;
  throw new FatalError(
    `Vendure does not let fulfilment ${id} become shipped: ${answer.message} ${answer.transitionError}`,
  );
}

/** Its input type is `FulfillOrderInput` of the Admin API. */
function inputOf(parcel: OutgoingFulfilment) {
  return {
    lines: parcel.lines.map(({ orderLineExternalId, quantity }) => ({
      orderLineId: orderLineExternalId,
      quantity,
    })),
    handler: {
      code: HANDLER,
      arguments: [
        // Vendure calls it optional, and cannot store a fulfilment without it.
        { name: 'method', value: parcel.carrier ?? '' },
        { name: 'trackingCode', value: trackingCodeOf(parcel) },
      ],
    },
  };
}

function trackingCodeOf({ trackingNumber, idempotencyKey }: OutgoingFulfilment): string {
  return trackingNumber ?? idempotencyKey;
}

/** People type tracking numbers. */
function comparable(trackingCode: string | null): string {
  return (trackingCode ?? '').trim().toUpperCase();
}

function fulfilmentsIn({ fulfillments }: VendureOrder): VendureFulfilment[] {
  return (fulfillments ?? []).filter(({ state }) => state !== 'Cancelled');
}
