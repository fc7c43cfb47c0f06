import type { RawRecord } from '../spi/index.ts';
import { settledRefunds, type VendureOrder } from './orders.ts';

/**
 * The settled refunds of an order that free units. Those of money only (shipping, goodwill) name no lines: nothing
 * becomes free by them, so they are none of the hub's.
 */
export function refundRecords(order: VendureOrder, channel: string): RawRecord[] {
  return settledRefunds(order)
    .filter(({ lines }) => lines.length > 0)
    .map((refund) => ({
      id: `${order.id}/${refund.id}`,
      origin: `refund ${refund.id} of order ${order.code}`,
      data: { ...refund, order: { id: order.id, code: order.code }, hub: { channel } },
    }));
}

/** There is no query by refund: the id of its order stands in the record's id. */
export function orderOfRefund(recordId: string): string {
  return recordId.split('/')[0]!;
}
