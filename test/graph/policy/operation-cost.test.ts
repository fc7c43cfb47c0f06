import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  Kind,
  buildSchema,
  getIntrospectionQuery,
  getOperationAST,
  parse,
  visit,
  type GraphQLSchema,
} from 'graphql';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { buildHubSchema } from '../../../src/graph/execution/build-schema.ts';
import { COST_DIRECTIVES } from '../../../src/graph/policy/cost/cost-directives.ts';
import { costModelOf } from '../../../src/graph/policy/cost/cost-model.ts';
import { operationCost } from '../../../src/graph/policy/cost/operation-cost.ts';
import { resolverClasses } from '../../../src/model.ts';
import { loadConfig } from '../../../src/platform/process/config.ts';
import { packageRoot } from '../../../src/platform/process/package-root.ts';
import { committedOperations } from '../../support/federation/committed-operations.ts';

const { ceiling } = loadConfig({}).cost;

function costIn(schema: GraphQLSchema, source: string, variables: Record<string, unknown> = {}): number {
  const document = parse(source);
  return operationCost(schema, costModelOf(schema), document, getOperationAST(document)!)(variables);
}

const small = buildSchema(`${COST_DIRECTIVES}
  type Query {
    one: Thing
    things(first: Int = 5): [Thing!] @listSize(slicingArguments: ["first"], requireOneSlicingArgument: false)
    byId(ids: [ID!]!): [Thing!] @listSize(slicingArguments: ["ids"], requireOneSlicingArgument: false)
    page(first: Int = 5): Page @listSize(slicingArguments: ["first"], sizedFields: ["nodes", "edges"], requireOneSlicingArgument: false)
    dear: Int @cost(weight: "7")
    any: Any
  }
  type Mutation { make(input: Input!): Made @listSize(slicingArguments: ["input.lines"], sizedFields: ["lines"], requireOneSlicingArgument: false) }
  input Input { lines: [String!]! }
  type Made { lines: [Thing!]! @listSize(assumedSize: 50) }
  type Page { nodes: [Thing!]! edges: [Edge!]! more: Boolean }
  type Edge { node: Thing! }
  type Thing { name: String parts: [Part!] @listSize(assumedSize: 3) bare: [Part!] }
  type Part @cost(weight: "2") { name: String thing: Thing }
  union Any = Thing | Part
`);

describe('field cost and type cost, added up', () => {
  test.each<[string, number, Record<string, unknown>?]>([
    ['{ __typename }', 1],
    ['{ one { name } }', 3], // Query, the field, the Thing
    ['{ a: one { name } b: one { name } }', 5],
    ['{ dear }', 8],
    ['{ things { name } }', 1 + 1 + 5],
    ['{ things(first: 20) { name } }', 1 + 1 + 20],
    ['{ things(first: null) { name } }', 1 + 1 + 5],
    ['{ things(first: -1) { name } }', 2],
    ['{ things(first: 2000000000) { name } }', 2 + 1_000],
    ['query ($n: Int) { things(first: $n) { name } }', 2 + 30, { n: 30 }],
    ['query ($n: Int) { things(first: $n) { name } }', 2 + 5],
    ['query ($n: Int) { things(first: $n) { name } }', 2 + 5, { n: null }],
    ['query ($n: Int = 9) { things(first: $n) { name } }', 2 + 9],
    ['{ things { parts { name } } }', 2 + 5 * (1 + 1 + 3 * 2)],
    ['{ things { bare { name } } }', 2 + 5 * (1 + 1 + 100 * 2)],
    ['{ byId(ids: ["a", "b", "a"]) { name } }', 2 + 2],
    ['{ byId(ids: "a") { name } }', 2 + 1],
    ['query ($x: ID!) { byId(ids: [$x, "a", $x]) { name } }', 2 + 2, { x: 'q' }],
    ['query ($i: [ID!]!) { byId(ids: $i) { name } }', 2 + 3, { i: ['a', 'b', 'c', 'a', 'c'] }],
    ['query ($i: [ID!] = ["x", "y"]) { byId(ids: $i) { name } }', 2 + 2],
    ['{ page(first: 7) { nodes { name } edges { node { name } } } }', 1 + 1 + 1 + (1 + 7) + (1 + 7 * 3)],
    ['{ any { ... on Thing { name } ... on Part { thing { name } } } }', 1 + 1 + 2 + 2],
    ['{ one { ...f ...f } } fragment f on Thing { parts { name } }', 3 + 1 + 6],
    ['{ one { parts { name } } one { parts { thing { name } } } }', 3 + 1 + 3 * (2 + 2)],
    ['{ one @skip(if: true) { name } }', 1],
    ['query ($s: Boolean!) { one @skip(if: $s) { name } }', 3, { s: true }],
    [
      'mutation ($in: Input!) { make(input: $in) { lines { name } } }',
      1 + 2 + 1 + 4,
      { in: { lines: ['a', 'b', 'c', 'd'] } },
    ],
    [
      'mutation ($l: String!) { make(input: { lines: [$l, "b"] }) { lines { name } } }',
      1 + 2 + 1 + 2,
      { l: 'a' },
    ],
  ])('%s costs %d', (source, cost, ...given) => {
    const [variables] = given; // jest takes a parameter without a value for a callback
    expect(costIn(small, source, variables)).toBe(cost);
  });
});

describe('of the served schema', () => {
  let schema: GraphQLSchema;
  beforeAll(async () => {
    schema = await buildHubSchema(resolverClasses);
  });

  test('every list of objects says how long it is', () => {
    const model = costModelOf(schema);
    const sdl = parse(readFileSync(path.join(packageRoot(), 'schema', 'api.graphql'), 'utf8'));
    const sized = new Set<string>();
    const lists: string[] = [];
    visit(sdl, {
      ObjectTypeDefinition(type) {
        for (const field of type.fields ?? []) {
          let at = field.type;
          if (at.kind === Kind.NON_NULL_TYPE) at = at.type;
          if (at.kind !== Kind.LIST_TYPE) continue;
          const name = innermost(field.type);
          if ('getFields' in (schema.getType(name) ?? {}))
            lists.push(`${type.name.value}.${field.name.value}`);
          if (model.field(type.name.value, field.name.value)?.size)
            sized.add(`${type.name.value}.${field.name.value}`);
        }
      },
    });
    expect(lists.length).toBeGreaterThan(40);
    const without = lists.filter((list) => !sized.has(list) && !/Connection\.(nodes|edges)$/.test(list));
    expect(without).toEqual([]);
  });

  const many = (count: number) => Array.from({ length: count }, (_, n) => `SKU-${n}`);

  test.each<[string, string, Record<string, unknown>?]>([
    [
      'connections nested by a cycle of relations',
      '{orders(first:100){nodes{customer{orders(first:100){nodes{customer{orders(first:100){nodes{id}}}}}}}}}',
    ],
    [
      'days times SKUs times aliases',
      `query($s:[ID!]!){${[0, 1, 2, 3, 4].map((n) => `a${n}:availableToPromise(skus:$s){projection(days:366){on}}`)}}`,
      { s: [...many(60), ...many(60)] },
    ],
    [
      'a default of a variable',
      'query($f:Int=100){orders(first:$f){nodes{customer{orders(first:$f){nodes{lines{id}}}}}}}',
    ],
    [
      'fragments that multiply',
      `{orders(first:50){nodes{...a}}} fragment a on Order{customer{x:orders(first:20){nodes{...b}} y:orders(first:20){nodes{...b}}}}
       fragment b on Order{lines{sku{levels{node{code}}}}}`,
    ],
    [
      'a subscription of many SKUs',
      'subscription($s:[ID!]!){atp(skus:$s){atp{projection(days:366){on}}}}',
      { s: many(500) },
    ],
    [
      'introspection in itself',
      `{__schema{types{${Array.from({ length: 30 }, (_, n) => `f${n}:fields{args{type{name}} type{fields{name args{name type{name}}}}}`)}}}}`,
    ],
  ])('%s is above the ceiling', (_what, source, ...given) => {
    const [variables] = given;
    expect(costIn(schema, source, variables)).toBeGreaterThan(ceiling);
  });

  test('a subscription begins with an event for each SKU, and costs as much', () => {
    const source = 'subscription($s:[ID!]!){atp(skus:$s){atp{quantity}}}';
    const one = costIn(schema, source, { s: ['A'] });
    expect(costIn(schema, source, { s: ['A', 'B', 'C', 'A'] })).toBe(3 * one);
    expect(costIn(schema, source, { s: [] })).toBe(one);
  });

  test.each(committedOperations().map(({ name, document, example }) => ({ name, document, example })))(
    '$name of schema/operations costs at most a quarter of the ceiling',
    ({ document, example }) => {
      const variables = JSON.parse(example) as Record<string, unknown>;
      const cost = operationCost(
        schema,
        costModelOf(schema),
        document,
        getOperationAST(document)!,
      )(variables);
      expect(cost).toBeLessThanOrEqual(ceiling / 4);
    },
  );

  test('so does every operation of the READMEs, and what GraphiQL asks of the schema', () => {
    const readme = ['README.md', 'README.zh-CN.md']
      .map((name) => readFileSync(path.join(packageRoot(), name), 'utf8'))
      .join('\n');
    const tour = [...readme.matchAll(/^ *(?:\w+=\$\()?gql '([\s\S]*?)'(?=\n| \||\)| >)/gm)].map(([, text]) =>
      text!.replaceAll(/'"?\$\{?\w+\}?"?'/g, 'X'),
    );
    const graphiql = getIntrospectionQuery({
      inputValueDeprecation: true,
      specifiedByUrl: true,
      directiveIsRepeatable: true,
      schemaDescription: true,
    });
    const operations = [...tour, graphiql];
    expect(operations.length).toBeGreaterThan(10);
    for (const source of operations)
      expect([source.slice(0, 60), costIn(schema, source) <= ceiling / 4]).toEqual([
        source.slice(0, 60),
        true,
      ]);
  });
});

function innermost(type: { kind: string; type?: unknown; name?: { value: string } }): string {
  return type.name?.value ?? innermost(type.type as typeof type);
}
