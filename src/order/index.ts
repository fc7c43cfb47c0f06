/** Exports of order for the composition root and other domains. */
import { Order, OrderLine } from './order.entities.ts';
import { OrderReservationsResolver } from './order-reservations.resolver.ts';
import { CustomerOrdersResolver, OrderLineResolver, OrderResolver } from './order.resolver.ts';
import type { FreshnessOf } from '../customer/index.ts';

export const orderEntities = [Order, OrderLine];
export const orderResolvers = [
  OrderResolver,
  OrderLineResolver,
  OrderReservationsResolver,
  CustomerOrdersResolver,
];

/** The resolvers with their collaborators. */
export function createOrderResolvers(freshnessOf: FreshnessOf): object[] {
  return [
    new OrderResolver(freshnessOf),
    new OrderLineResolver(),
    new OrderReservationsResolver(),
    new CustomerOrdersResolver(),
  ];
}

export { orderMigrations } from './order.migrations.ts';
export { DeliveryMethod, Money, Order } from './order.entities.ts';
export { orderById, orderByReference } from './order.loaders.ts';
export type { OrderReference } from '../inventory/index.ts';
export { OrderState, shippedStates, type OrderEvent } from './order-states.ts';
export { readKnownOrders } from './known-orders.ts';
export { readLineQuantities } from './line-quantities.ts';
export { linesByReference } from './lines-by-reference.ts';
export { lockOrder, transitionOrder, type LockedOrder } from './order-transition.ts';
export { importOrders, type ChangedOrder } from './import-orders.ts';
export type { OrderInput, OrderLineInput } from './decide-order.ts';
