import 'reflect-metadata';
import type { SubgraphName } from './platform/process/config.ts';
import type { DatabaseModel } from './platform/database/database.ts';
import { keysMigrations, keysResolvers } from './access/index.ts';
import { platformMigrations } from './platform/database/migrations/platform.migrations.ts';
import { customerEntities, customerMigrations, customerResolvers } from './customer/index.ts';
import { inventoryEntities, inventoryMigrations, inventoryResolvers, nodeByCode } from './inventory/index.ts';
import { StockAuditResolver } from './inventory/ledger/audit.resolver.ts';
import { operationsResolvers } from './operations/index.ts';
import { orderEntities, orderMigrations, orderResolvers } from './order/index.ts';
import { aftersalesEntities, aftersalesMigrations, aftersalesResolvers } from './aftersales/index.ts';
import { assistResolvers } from './assist/index.ts';
import { reviewEntities, reviewMigrations, reviewResolvers } from './review/index.ts';
import { routingMigrations, routingResolvers } from './routing/index.ts';
import { syncMigrations, syncResolvers, ticketMessageResolvers } from './sync/index.ts';
import { webhooksMigrations, webhooksResolvers } from './webhooks/index.ts';
import type { SubgraphParts } from './platform/api/subgraph-parts.ts';

/** The entities and migrations of the domains, in the order in which the steps run. */
export const databaseModel: DatabaseModel = {
  entities: [
    ...reviewEntities,
    ...inventoryEntities,
    ...customerEntities,
    ...orderEntities,
    ...aftersalesEntities,
  ],
  migrations: [
    ...platformMigrations,
    ...keysMigrations,
    ...reviewMigrations,
    ...inventoryMigrations,
    ...customerMigrations,
    ...orderMigrations,
    ...aftersalesMigrations,
    ...routingMigrations,
    ...syncMigrations,
    ...webhooksMigrations,
  ],
};

/** The resolvers of the domains. */
export const resolverClasses = [
  ...reviewResolvers,
  ...inventoryResolvers,
  ...customerResolvers,
  ...orderResolvers,
  ...aftersalesResolvers,
  ...routingResolvers,
  ...assistResolvers,
  ...syncResolvers,
  ...ticketMessageResolvers,
  ...keysResolvers,
  ...webhooksResolvers,
  ...operationsResolvers,
];

/**
 * How the served schema is cut into Federation 2 subgraphs: each has the root fields of its resolvers, and what they
 * add to types of others. An entity's plain fields belong where it is listed. A new one is also named in the configuration.
 */
export const subgraphs = {
  customer: {
    resolvers: [...customerResolvers, ...assistResolvers],
    entities: { Customer: { key: 'id', lookUp: { query: 'customer' } } },
  },
  orders: {
    resolvers: orderResolvers,
    entities: { Order: { key: 'id', lookUp: { query: 'order' } } },
  },
  // Messages go where tickets are, though sync brings them there.
  aftersales: { resolvers: [...aftersalesResolvers, ...ticketMessageResolvers] },
  inventory: {
    resolvers: inventoryResolvers.filter((resolver) => resolver !== StockAuditResolver),
    entities: {
      Sku: { key: 'code', lookUp: { query: 'sku' } },
      FulfilmentNode: { key: 'code', lookUp: { load: nodeByCode } },
      Reservation: { key: 'id', lookUp: { query: 'reservation' } },
    },
  },
  routing: {
    resolvers: routingResolvers,
    entities: { RoutingDecision: { key: 'id', lookUp: { query: 'routingDecision' } } },
  },
  // Who runs the hub audits the stock, though inventory knows how.
  operations: {
    resolvers: [
      ...syncResolvers,
      ...reviewResolvers,
      ...keysResolvers,
      ...webhooksResolvers,
      ...operationsResolvers,
      StockAuditResolver,
    ],
  },
} satisfies Record<SubgraphName, SubgraphParts>;
