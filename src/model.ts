import type { DatabaseModel } from './platform/database.ts';
import { platformMigrations } from './platform/platform.migrations.ts';
import { customerEntities, customerMigrations, customerResolvers } from './customer/index.ts';
import { inventoryEntities, inventoryMigrations, inventoryResolvers } from './inventory/index.ts';
import { orderEntities, orderMigrations, orderResolvers } from './order/index.ts';
import { aftersalesEntities, aftersalesMigrations, aftersalesResolvers } from './aftersales/index.ts';
import { assistResolvers } from './assist/index.ts';
import { reviewEntities, reviewMigrations, reviewResolvers } from './review/index.ts';
import { syncMigrations, syncResolvers } from './sync/index.ts';

/** What the domains bring to the database, in the order in which the steps run. */
export const databaseModel: DatabaseModel = {
  entities: [...reviewEntities, ...inventoryEntities, ...customerEntities, ...orderEntities, ...aftersalesEntities],
  migrations: [
    ...platformMigrations,
    ...reviewMigrations,
    ...inventoryMigrations,
    ...customerMigrations,
    ...orderMigrations,
    ...aftersalesMigrations,
    ...syncMigrations,
  ],
};

/** What the domains bring to the served schema. */
export const resolverClasses = [
  ...reviewResolvers,
  ...inventoryResolvers,
  ...customerResolvers,
  ...orderResolvers,
  ...aftersalesResolvers,
  ...assistResolvers,
  ...syncResolvers,
];
