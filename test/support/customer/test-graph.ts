import { buildHubSchema } from '../../../src/graph/execution/build-schema.ts';
import { graphql, type GraphQLSchema } from 'graphql';
import {
  aftersalesEntities,
  aftersalesMigrations,
  aftersalesResolvers,
  createAftersalesResolvers,
} from '../../../src/aftersales/index.ts';
import { assistResolvers, createAssistResolvers } from '../../../src/assist/index.ts';
import {
  IdentityLookup,
  createCustomerResolvers,
  customerEntities,
  customerMigrations,
  customerResolvers,
  freshnessBy,
} from '../../../src/customer/index.ts';
import { inventoryEntities, inventoryMigrations } from '../../../src/inventory/index.ts';
import {
  createOrderResolvers,
  orderEntities,
  orderMigrations,
  orderResolvers,
} from '../../../src/order/index.ts';
import {
  connectOrm,
  migrate,
  type EntityManager,
  type Orm,
} from '../../../src/platform/database/database.ts';
import { platformMigrations } from '../../../src/platform/database/migrations/platform.migrations.ts';
import { AttemptLimit } from '../../../src/platform/api/attempt-limit.ts';
import { RequestContext } from '../../../src/platform/api/request-context.ts';
import { createTestDatabase } from '../database.ts';

/** The instant at which the tests ask. */
const NOW = new Date('2026-11-22T12:00:00Z');

const classes = [...customerResolvers, ...orderResolvers, ...aftersalesResolvers, ...assistResolvers];

/** The customer, order, after-sales and assist domains over a database of their own. */
export interface TestGraph {
  orm: Orm;
  schema: GraphQLSchema;
  /** What the SQL statements since the last call were. */
  statements: () => string[];
  take: <T>(work: (em: EntityManager) => Promise<T>) => Promise<T>;
  // eslint-disable-next-line typescript/no-explicit-any -- tests read answers of many shapes
  ask: (source: string, variables?: Record<string, unknown>) => Promise<{ data: any; codes: unknown[] }>;
  rows: <R extends object>(sql: string, parameters?: unknown[]) => Promise<R[]>;
  /** Empties the tables of these domains and makes the SKUs S1, S2, S3. */
  reset: () => Promise<void>;
  close: () => Promise<void>;
}

export async function openTestGraph(): Promise<TestGraph> {
  const database = await createTestDatabase();
  let log: string[] = [];
  const model = {
    entities: [...inventoryEntities, ...customerEntities, ...orderEntities, ...aftersalesEntities],
    migrations: [
      ...platformMigrations,
      ...inventoryMigrations,
      ...customerMigrations,
      ...orderMigrations,
      ...aftersalesMigrations,
    ],
  };
  const orm = await connectOrm(database.url, model, {
    extra: { debug: ['query'], colors: false, logger: (line) => log.push(line) },
  });
  await migrate(database.url, model);
  const schema = await testSchema();
  return {
    orm,
    schema,
    statements: () => log.splice(0),
    take: (work) => orm.em.fork().transactional(work),
    ask: async (source, variableValues) => {
      const actor = { partner: 'test', name: 'test', admin: true };
      const contextValue = new RequestContext(actor, orm.em.fork());
      const { data, errors } = await graphql({ schema, source, variableValues, contextValue });
      const defect = errors?.find(({ extensions }) => !extensions?.code);
      if (defect) throw defect.originalError ?? defect;
      return {
        data: JSON.parse(JSON.stringify(data ?? null)),
        codes: (errors ?? []).map((e) => e.extensions.code),
      };
    },
    rows: (sql, parameters) => orm.em.fork().execute(sql, parameters) as never,
    reset: async () => {
      await orm.em.fork().execute(`
        truncate customer, customer_profile, customer_mention, customer_identity, customer_merge, sales_order, order_line,
          ticket, order_return, order_return_line, sku cascade;
        insert into sku (code, title) values ('S1', 'Hoodie'), ('S2', 'Mug'), ('S3', 'Cap')`);
      log = [];
    },
    close: async () => {
      await orm.close();
      await database.drop();
    },
  };
}

/** The schema of these domains; source "crm" is healthy and a minute old, "slow" is behind, others are unknown. */
export function testSchema(): Promise<GraphQLSchema> {
  const asOf = new Date(NOW.getTime() - 60_000);
  const lookup = new IdentityLookup(
    new AttemptLimit({ failures: 20, seconds: 600, says: 'Too many identities that nobody has' }),
  );
  const freshnessOf = freshnessBy(
    (source) => {
      if (source === 'slow') return { asOf: null, degraded: true, reason: 'It does not answer.' };
      return source === 'gone' ? undefined : { asOf, degraded: false, reason: null };
    },
    { now: () => NOW },
  );
  return buildHubSchema(classes, [
    ...createCustomerResolvers(freshnessOf, lookup),
    ...createOrderResolvers(freshnessOf),
    ...createAftersalesResolvers(freshnessOf),
    ...createAssistResolvers({ freshnessOf, lookup, knownSources: () => ['crm', 'slow'] }),
  ]);
}
