import { buildHubSchema } from '../../../src/graph/execution/build-schema.ts';
import { graphql, type GraphQLSchema } from 'graphql';
import { freshnessBy } from '../../../src/customer/index.ts';
import { databaseModel } from '../../../src/model.ts';
import { connectOrm, type EntityManager, type Orm } from '../../../src/platform/database/database.ts';
import { RequestContext } from '../../../src/platform/api/request-context.ts';
import { createTestDatabase } from '../database.ts';
import { readingClasses, readingResolvers } from '../graph/module-resolvers.ts';

/** The instant at which the tests ask. */
const NOW = new Date('2026-11-22T12:00:00Z');

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
  const orm = await connectOrm(database.url, databaseModel, {
    extra: { debug: ['query'], colors: false, logger: (line) => log.push(line) },
  });
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
  const freshnessOf = freshnessBy(
    (source) => {
      if (source === 'slow') return { asOf: null, degraded: true, reason: 'It does not answer.' };
      return source === 'gone' ? undefined : { asOf, degraded: false, reason: null };
    },
    { now: () => NOW },
  );
  return buildHubSchema(readingClasses, readingResolvers(freshnessOf, ['crm', 'slow']));
}
