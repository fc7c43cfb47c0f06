import type { OrderStockEvent } from '../inventory/index.ts';
import type { ChangedOrder } from './import-orders.ts';
import { OrderState, shippedStates } from './order-states.ts';

/** The stock event of an order in a state. Paid orders are promised until they leave, whatever becomes of them here. */
export function stockEventOf({ channel, externalId, state, lines }: ChangedOrder): OrderStockEvent {
  const order = { channel, externalId, lines };
  if (state === OrderState.PLACED) return { ...order, event: 'HOLD' };
  if (state === OrderState.CANCELLED) return { ...order, event: 'CANCEL' };
  return { ...order, event: shippedStates.has(state) ? 'SHIP' : 'CONFIRM' };
}
