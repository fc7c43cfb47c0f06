import { z } from 'zod';
import { FatalError, RetriableError, type FulfilmentSink, type OutgoingFulfilment } from '../spi/index.ts';
import type { MedusaCalls } from './client.ts';
import type { Shop } from './lists.ts';
import { orderSchema } from './orders.ts';
import { checkOpen, fulfilmentOf, fulfilmentsSchema, metadataOf, PARCEL_FIELDS } from './parcels.ts';

/** Orders of a page of a search; more than one page is rare, see `orderIdOf`. */
const FOUND_AT_ONCE = 100;

const numbersSchema = z.object({
  orders: z.array(z.object({ id: z.string(), display_id: z.coerce.number() })),
});

const ORDER_FIELDS = { fields: `id,*items,${PARCEL_FIELDS}` };
const answerSchema = z.object({
  order: orderSchema.pick({ id: true, items: true }).extend({ fulfillments: fulfilmentsSchema }),
});
type ParcelOrder = z.infer<typeof answerSchema>['order'];

/**
 * Parcels as fulfilments that are shipped: made with the hub's key in their metadata, then marked as shipped with the
 * tracking number. Medusa knows no idempotency key, so a parcel is looked for before it is written; one that was made
 * and not marked is marked.
 */
export function fulfilmentSink({ client }: Shop): FulfilmentSink {
  return {
    // Looking and writing are one turn: what is begun anew after trouble begins with looking.
    pushFulfilment: (parcel, signal) =>
      client.turn(async (calls) => ({ externalId: await fulfil(calls, parcel) }), signal),
  };
}

/** @returns the id of the fulfilment */
async function fulfil(calls: MedusaCalls, parcel: OutgoingFulfilment): Promise<string> {
  const path = `/orders/${await orderIdOf(calls, parcel.orderExternalId)}`;
  const { order } = (await calls.get(path, ORDER_FIELDS, answerSchema)).data;
  const { id, shipped_at } =
    fulfilmentOf(order.fulfillments, parcel) ?? (await made(calls, path, order, parcel));
  if (shipped_at === null) {
    const { trackingNumber: number } = parcel;
    const labels = number === undefined ? [] : [{ tracking_number: number, tracking_url: '', label_url: '' }];
    await calls.post(`${path}/fulfillments/${id}/shipments`, { items: itemsOf(parcel), labels }, z.unknown());
  }
  return id;
}

async function made(calls: MedusaCalls, path: string, { items }: ParcelOrder, parcel: OutgoingFulfilment) {
  checkOpen(items, parcel);
  const body = { items: itemsOf(parcel), metadata: metadataOf(parcel) };
  const { data } = await calls.post(`${path}/fulfillments`, body, answerSchema, ORDER_FIELDS);
  const fulfilment = fulfilmentOf(data.order.fulfillments, parcel);
  if (!fulfilment) throw new RetriableError('Medusa does not show a fulfilment that it has just made.');
  return fulfilment;
}

function itemsOf({ lines }: OutgoingFulfilment) {
  return lines.map(({ orderLineExternalId: id, quantity }) => ({ id, quantity }));
}

/**
 * The list cannot be asked for a number, only searched, which finds 13 in 113 and in e-mails too. Sorted by number, the
 * order comes before all but the few earlier ones that have it elsewhere.
 */
async function orderIdOf(calls: MedusaCalls, number: string): Promise<string> {
  const query = { q: number, fields: 'id,display_id', order: 'display_id', limit: FOUND_AT_ONCE };
  for (let offset = 0; ; offset += FOUND_AT_ONCE) {
    const { orders } = (await calls.get('/orders', { ...query, offset }, numbersSchema)).data;
    const found = orders.find(({ display_id }) => String(display_id) === number);
    if (found) return found.id;
    const isLast = orders.length < FOUND_AT_ONCE || orders.at(-1)!.display_id > Number(number);
    if (isLast) throw new FatalError(`Medusa has no order ${number}.`);
  }
}
