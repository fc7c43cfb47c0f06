import type { StockEngine } from '../inventory/index.ts';
import { defineAccess } from '../platform/module-access.ts';
import type { HubModule } from '../platform/module.ts';
import type { SyncServices } from '../sync/index.ts';
import { orderImporters } from './order-importers.ts';
import { OrderReservationsResolver } from './order-reservations.resolver.ts';
import { Order, OrderLine } from './order.entities.ts';
import { orderMigrations } from './order.migrations.ts';
import { CustomerOrdersResolver, OrderLineResolver, OrderResolver } from './order.resolver.ts';
import { ordersImported } from './order.signals.ts';

interface OrderNeeds {
  sync: SyncServices;
  engine: StockEngine;
}

const resolvers = [OrderResolver, OrderLineResolver, OrderReservationsResolver, CustomerOrdersResolver];

export const orderModule = {
  name: 'order',
  entities: [Order, OrderLine],
  migrations: orderMigrations,
  resolvers,
  subgraphs: {
    orders: { resolvers, entities: { Order: { key: 'id', lookUp: { query: 'order' } } } },
  },
  access: defineAccess({
    declare: { 'order:read': 'Orders.' },
    fields: {
      'Query.order': 'order:read',
      'Query.orders': 'order:read',
      'Query.orderByExternalId': 'order:read',
    },
  }),
  build({ signals }, { sync, engine }) {
    sync.importers.register(orderImporters(engine, () => signals.publish(ordersImported, undefined)));
    return {
      provides: {},
      resolvers: [
        new OrderResolver(sync.freshnessOf),
        new OrderLineResolver(),
        new OrderReservationsResolver(),
        new CustomerOrdersResolver(),
      ],
    };
  },
} satisfies HubModule<OrderNeeds>;
