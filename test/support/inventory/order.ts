import type { Outcome, RecordChannelOrder } from '../../../src/inventory/engine/command.ts';
import { RestockReason, StockCondition } from '../../../src/inventory/model/stock.enums.ts';
import type { EngineFixture } from './engine-fixture.ts';
import { promiseOf } from './stock.ts';

/** What happens to one order of the test's SKU, in the words of its channel, its node and finance. */
export function orderOf(fixture: EngineFixture, ordered: number) {
  const id = () => `order of ${fixture.sku}`;
  const orderLineId = () => `line of ${fixture.sku}`;
  const told = async (event: RecordChannelOrder['event'], quantity = ordered) => {
    const outcome = await fixture.engine.submit({
      type: 'takeOrder',
      channel: 'douyin',
      orderExternalId: id(),
      event,
      lines: [{ sku: fixture.sku, quantity }],
      shipFrom: [{ node: 'WH', sku: fixture.sku, quantity: 1_000 }],
    });
    return (outcome as Extract<Outcome, { type: 'Fulfilment' }>).reservations;
  };
  return {
    placed: () => told('HOLD'),
    paid: () => told('CONFIRM'),
    shipped: () => told('SHIP'),
    cancelled: () => told('CANCEL'),
    refunded: (quantity: number, refundId: string) =>
      fixture.engine.submit({
        type: 'refund',
        channel: 'douyin',
        orderExternalId: id(),
        externalEventId: refundId,
        settledAt: '2026-11-22T04:00:00Z',
        policy: 'NONE',
        lines: [{ orderLineId: orderLineId(), sku: fixture.sku, quantity, ordered }],
      }),
    returned: (quantity: number, returnId: string, condition = StockCondition.SELLABLE) =>
      fixture.engine.submit({
        type: 'restock',
        node: 'WH',
        reason: RestockReason.CUSTOMER_RETURN,
        externalEventId: returnId,
        lines: [
          {
            sku: fixture.sku,
            quantity,
            condition,
            returnOf: {
              orderLineId: orderLineId(),
              channel: 'douyin',
              orderExternalId: id(),
              ordered,
              shipped: 0,
            },
            inbound: undefined,
          },
        ],
      }),
    stock: async () => {
      const { quantity, terms } = await promiseOf(fixture.orm, fixture.sku);
      return { onHand: terms.ON_HAND, promisable: quantity };
    },
  };
}
