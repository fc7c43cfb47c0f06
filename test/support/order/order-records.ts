import type { OrderInput } from '../../../src/order/index.ts';

/** An order of one hoodie in channel "shop"; what is given replaces its parts. */
export function order(externalId: string, given: Partial<OrderInput> = {}): OrderInput {
  return {
    channel: 'shop',
    externalId,
    state: 'PAID',
    placedAt: '2026-11-20T08:00:00Z',
    buyer: {},
    currency: 'CNY',
    totalMinor: 19_900,
    deliveryMethod: 'DELIVERY',
    lines: [{ externalId: '1', sku: 'S1', quantity: 1, unitPriceMinor: 19_900 }],
    ...given,
  };
}
