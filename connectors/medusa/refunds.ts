import { z } from 'zod';
import { recentFrom, recentParents, refundLimits } from '../spi/index.ts';
import type { RawRecord } from '../spi/index.ts';
import { rowsBy, type Shop } from './lists.ts';
import { completingRefund, ORDER_UNITS, type MedusaOrder } from './orders.ts';
import { readBack, type MedusaStream, type RecordList } from './stream-of-list.ts';

const REFUNDED_ORDERS: RecordList<MedusaOrder> = {
  ...ORDER_UNITS,
  records: ({ rows }, { channel }) => rows.flatMap((order) => refundRecords(order, channel)),
};

/** A refund of what was owed moves the time of neither its order nor its payment, so recent orders are looked through. */
export const refunds: MedusaStream = {
  async *read(shop, stored, signal) {
    const orders = rowsBy(shop, ORDER_UNITS, 'created_at');
    const clock = (ending: AbortSignal) => clockOf(shop, ending);
    for await (const page of recentParents(orders, refundLimits(shop.config), stored, clock, signal)) {
      const records = page.parents.flatMap((order) => refundRecords(order, shop.config.channel));
      const fresh = records.filter(({ data }) => String(data['created_at']) >= page.since);
      yield { records: fresh, cursor: page.cursor };
    }
  },
  // There is no list of refunds: the id of its order stands in the record's id, and may stand for it in a hint.
  readBack: (shop, recordIds, signal) =>
    readBack(shop, REFUNDED_ORDERS, [...new Set(recordIds.map((id) => id.split('/')[0]!))], signal),
  cursorFrom: recentFrom,
};

/** Of an order that was paid back as a whole: the refund that did it, with all units of the order. */
function refundRecords(order: MedusaOrder, channel: string): RawRecord[] {
  const refund = completingRefund(order);
  if (!refund) return [];
  const { id, display_id, items } = order;
  return [
    {
      id: `${id}/${refund.id}`,
      origin: `refund ${refund.id} of order ${display_id}`,
      data: { ...refund, order: { id, display_id, items }, hub: { channel } },
    },
  ];
}

/** By a call that costs the shop little. */
async function clockOf({ client }: Shop, signal: AbortSignal): Promise<Date> {
  return (await client.get('/stock-locations', { fields: 'id', limit: 1 }, z.unknown(), signal)).at;
}
