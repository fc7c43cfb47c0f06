import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  getNamedType,
  isCompositeType,
  isObjectType,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
} from 'graphql';
import { buildHubSchema } from '../../src/graph/execution/build-schema.ts';
import { resolverClasses } from '../../src/model.ts';
import { startHub, type RunningHub } from '../support/hub.ts';
import { connect } from '../support/inventory/engine.ts';
import { post } from '../support/graph/transports.ts';

let hub: RunningHub;
let schema: GraphQLSchema;
let skus: string[];
beforeAll(async () => {
  schema = await buildHubSchema(resolverClasses);
  hub = await startHub({ sample: true, environment: { HUB_COST_CEILING: '100000' } });
  const database = await connect(hub.databaseUrl);
  // One customer with many orders of as many lines as are assumed, so that connections nest in each other.
  await database.query(`
    create temporary table model_order as select * from sales_order where profile_id is not null limit 1;
    insert into sales_order (id, channel, external_id, source, state, placed_at, currency, total_minor, delivery_method, buyer, profile_id, digest)
      select gen_random_uuid(), channel, 'B' || n, source, state, placed_at - n * interval '1 minute', currency, total_minor, delivery_method, buyer, profile_id, 'b' || n
      from model_order, generate_series(1, 60) as n;
    insert into order_line (id, order_id, external_id, line_no, sku, quantity, unit_price_minor, currency)
      select gen_random_uuid(), o.id, 'L' || k, k, (select min(code) from sku), 1, 100, 'CNY'
      from sales_order o, generate_series(1, 30) as k where o.external_id like 'B%'`);
  const { rows } = await database.query<{ code: string }>('select code from sku order by code');
  skus = rows.map(({ code }) => code);
  await database.end();
}, 120_000);
afterAll(() => hub.stop());

/** What arguments a field is given, by its name; a number picks among them. */
const argumentsOf: Record<string, (n: number) => string> = {
  orders: (n) => `(first: ${1 + (n % 100)})`,
  tickets: (n) => `(first: ${1 + (n % 20)})`,
  returns: () => '',
  skus: (n) => `(first: ${1 + (n % 60)})`,
  projection: (n) => `(days: ${1 + (n % 60)})`,
  customersByIdentity: () => '(kind: PHONE, value: "13800138000")',
  availableToPromise: (n) => `(skus: ${JSON.stringify([...skus.slice(0, 1 + (n % 9)), skus[0]])})`,
  reviewTasks: (n) => `(first: ${1 + (n % 30)})`,
};
const ROOTS = [
  'orders',
  'skus',
  'availableToPromise',
  'customersByIdentity',
  'ruleSets',
  'channels',
  'connectors',
];

/** A selection that the numbers choose, of any shape that the schema has. */
function selectionOf(type: GraphQLObjectType, numbers: number[], depth: number): string {
  const fields = Object.values(type.getFields()).filter(
    (field) => field.args.every(({ name }) => name !== 'id') || depth < 0,
  );
  const chosen = Array.from(
    { length: 1 + (next(numbers) % 3) },
    () => fields[next(numbers) % fields.length]!,
  );
  const parts = chosen
    .map((field, index) => fieldOf(`f${index}`, type, field, numbers, depth))
    .filter(Boolean);
  return `{ __typename ${parts.join(' ')} }`;
}

function fieldOf(
  alias: string,
  parent: GraphQLObjectType,
  field: GraphQLField<unknown, unknown>,
  numbers: number[],
  depth: number,
): string {
  const target = getNamedType(field.type);
  const isOnSku = parent.name === 'Sku' && field.name === 'availableToPromise';
  const isOfOrder = parent.name === 'Order' && (field.name === 'tickets' || field.name === 'returns');
  const given = isOnSku || isOfOrder ? '' : (argumentsOf[field.name]?.(next(numbers)) ?? '');
  if (!isCompositeType(target)) return `${alias}: ${field.name}`;
  if (!isObjectType(target) || depth === 0) return '';
  return `${alias}: ${field.name}${given} ${selectionOf(target, numbers, depth - 1)}`;
}

function next(numbers: number[]): number {
  return numbers.pop() ?? 0;
}

function objectsIn(value: unknown): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, each) => sum + objectsIn(each), 0);
  if (typeof value !== 'object' || value === null) return 0;
  if (!('__typename' in value)) return 0; // JSON as a scalar
  return 1 + Object.values(value).reduce<number>((sum, each) => sum + objectsIn(each), 0);
}

test('an answer never has more objects than its operation costs', async () => {
  let compared = 0;
  let most = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...ROOTS),
      fc.array(fc.nat(10_000), { minLength: 30, maxLength: 60 }),
      async (root, numbers) => {
        const field = schema.getQueryType()!.getFields()[root]!;
        const query = `{ __typename ${fieldOf('root', schema.getQueryType()!, field, [...numbers], 6)} }`;
        const response = await post(hub, JSON.stringify({ query, extensions: { cost: true } }));
        const answer = (await response.json()) as {
          data?: unknown;
          errors?: { extensions: { code: string } }[];
          extensions?: { cost: { cost: number } };
        };
        if (answer.errors) {
          // Too dear, or a field that refuses its arguments; never a defect.
          for (const { extensions } of answer.errors)
            expect(['INTERNAL', 'GRAPHQL_VALIDATION_FAILED']).not.toContain(extensions.code);
          return;
        }
        const objects = objectsIn(answer.data);
        expect(objects).toBeLessThanOrEqual(answer.extensions!.cost.cost);
        compared += 1;
        most = Math.max(most, objects);
      },
    ),
    { numRuns: 300 },
  );
  expect(compared).toBeGreaterThan(100);
  expect(most).toBeGreaterThan(200);
}, 180_000);
