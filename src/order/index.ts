/** Exports of order for the composition root and other domains. */
export { DeliveryMethod, Money, Order } from './order.entities.ts';
export { orderById, orderByReference } from './order.loaders.ts';
export type { OrderReference } from '../inventory/index.ts';
export { OrderState, type OrderEvent } from './order-states.ts';
export { readKnownOrders } from './known-orders.ts';
export { readLineQuantities } from './line-quantities.ts';
export { linesByReference } from './lines-by-reference.ts';
export { lockOrder, transitionOrder, type LockedOrder } from './order-transition.ts';
export { importOrders, type ChangedOrder } from './import-orders.ts';
export type { OrderInput, OrderLineInput } from './decide-order.ts';
export { ordersImported } from './order.signals.ts';
