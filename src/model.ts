import 'reflect-metadata';
import { accessModule } from './access/access.module.ts';
import { aftersalesModule } from './aftersales/aftersales.module.ts';
import { assistModule } from './assist/assist.module.ts';
import { customerModule } from './customer/customer.module.ts';
import type { ScopeTable } from './graph/policy/enforce-scopes.ts';
import { inventoryModule } from './inventory/inventory.module.ts';
import { operationsModule } from './operations/operations.module.ts';
import { orderModule } from './order/order.module.ts';
import type { SubgraphParts } from './platform/api/subgraph-parts.ts';
import type { DatabaseModel } from './platform/database/database.ts';
import { platformMigrations } from './platform/database/migrations/platform.migrations.ts';
import type { HubModule } from './platform/module.ts';
import { subgraphNames, type SubgraphName } from './platform/process/config.ts';
import { reviewModule } from './review/review.module.ts';
import { routingModule } from './routing/routing.module.ts';
import { syncModule } from './sync/sync.module.ts';
import { webhooksModule } from './webhooks/webhooks.module.ts';

/** The modules of the hub, as their migrations run: a new one comes last. `hub.ts` builds them. */
export const modules: readonly HubModule<never, unknown>[] = [
  accessModule,
  reviewModule,
  inventoryModule,
  customerModule,
  orderModule,
  aftersalesModule,
  routingModule,
  syncModule,
  webhooksModule,
  operationsModule,
  assistModule,
];

export const databaseModel: DatabaseModel = {
  entities: modules.flatMap(({ entities = [] }) => entities),
  migrations: [...platformMigrations, ...modules.flatMap(({ migrations = [] }) => migrations)],
};

export const resolverClasses = modules.flatMap(({ resolvers }) => resolvers);

/**
 * How the served schema is cut into Federation 2 subgraphs: each has the root fields of its resolvers, and what they
 * add to types of others. An entity's plain fields belong where it is listed. A new one is also named in the configuration.
 */
export const subgraphs = Object.fromEntries(subgraphNames.map((name) => [name, partsOf(name)])) as Record<
  SubgraphName,
  SubgraphParts
>;

/** The scopes of keys; docs/access.md tells each in a sentence. */
export const scopes: Readonly<Record<string, string>> = joined(modules.map(({ access }) => access.declare));

/** Without it, personal data is masked. */
const PERSONAL = 'customer:pii';

export const scopeTable: ScopeTable = {
  rootFields: joined(modules.map(({ access }) => access.fields)),
  personal: Object.fromEntries(
    modules
      .flatMap(({ access }) => Object.entries(access.masks))
      .map(([field, mask]) => [field, { scope: PERSONAL, mask }]),
  ),
};

function partsOf(name: SubgraphName): SubgraphParts {
  const parts = modules.flatMap((module) => module.subgraphs[name] ?? []);
  return {
    resolvers: parts.flatMap(({ resolvers }) => resolvers),
    entities: joined(parts.map(({ entities = {} }) => entities)),
  };
}

/** @throws Error of a name that two modules use */
function joined<Value>(records: readonly Readonly<Record<string, Value>>[]): Record<string, Value> {
  const entries = records.flatMap((record) => Object.entries(record));
  const all = Object.fromEntries(entries);
  if (Object.keys(all).length < entries.length) throw new Error('Two modules use the same name.');
  return all;
}
