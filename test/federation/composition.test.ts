import { beforeAll, expect, test } from '@jest/globals';
import { composeServices as composeByApollo } from '@apollo/composition';
import { composeServices as composeByTheGuild } from '@theguild/federation-composition';
import { federateSubgraphs as composeByWunderGraph } from '@wundergraph/composition';
import { buildSchema, parse, type GraphQLSchema } from 'graphql';
import { buildHubSchema } from '../../src/graph/execution/build-schema.ts';
import { printSubgraphs } from '../../src/graph/subgraphs/build-subgraphs.ts';
import { resolverClasses, subgraphs } from '../../src/model.ts';
import { subgraphNames } from '../../src/platform/process/config.ts';
import { fileNames, fileOf, sorted, subgraphFiles } from '../support/federation/subgraph-files.ts';

let served: GraphQLSchema;
beforeAll(async () => {
  served = await buildHubSchema(resolverClasses);
});

const parts = subgraphFiles().map(({ name, sdl }) => ({
  name,
  url: `http://hub/subgraphs/${name}/graphql`,
  typeDefs: parse(sdl),
}));

test('the files in schema/ are the subgraphs that are served', () => {
  const printed = printSubgraphs(served, subgraphs);
  expect(subgraphFiles().map(({ name, sdl }) => [name, sdl])).toEqual(
    subgraphNames.map((name) => [name, printed.get(name)]),
  );
});

test('there is one file each, and the whole', () => {
  expect(fileNames().sort()).toEqual(['api', ...subgraphNames].sort());
});

test('@apollo/composition composes them to the served schema', () => {
  const { schema, errors, hints } = composeByApollo(parts);
  expect(errors).toBeUndefined();
  expect(sorted(schema!.toAPISchema().toGraphQLJSSchema())).toBe(sorted(served));
  expect(hints!.map(({ definition, message }) => `${definition.code}: ${message}`)).toEqual([]);
});

test('@theguild/federation-composition composes them to the served schema', () => {
  const { publicSdl, errors } = composeByTheGuild(parts);
  expect(errors).toBeUndefined();
  expect(sorted(buildSchema(publicSdl!))).toBe(sorted(served));
});

test('@wundergraph/composition composes them to the served schema', () => {
  const result = composeByWunderGraph({
    subgraphs: parts.map(({ typeDefs, ...part }) => ({ ...part, definitions: typeDefs })),
    version: '1',
  });
  if (!result.success) throw new AggregateError(result.errors, 'not composed');
  expect(result.warnings).toEqual([]);
  // This composer forgets what specifies a scalar.
  const expected = sorted(served).replaceAll(/ @specifiedBy\(.*\)/g, '');
  expect(sorted(result.federatedGraphClientSchema)).toBe(expected);
});

test('a resolver class in no subgraph, or in two, is a defect', () => {
  const { customer, ...others } = subgraphs;
  expect(() => printSubgraphs(served, others)).toThrow('Query.customer is in no subgraph');
  expect(() => printSubgraphs(served, { ...subgraphs, again: customer })).toThrow(
    'CustomerResolver is in the subgraphs customer and again',
  );
});

test('an entity is served where it is listed, with fields of others where their resolvers are', () => {
  const order = (name: string) => /^type Order @.*?^}/ms.exec(fileOf(name))?.[0];
  expect(order('orders')).toMatch(/@key\(fields: "id"\).* \{.* lines: .* reservations: /s);
  expect(order('aftersales')).toBe(
    'type Order @key(fields: "id") @cost(weight: 10) {\n  id: ID!\n  returns: [Return!]! @listSize(assumedSize: 10)\n  tickets: [Ticket!]! @listSize(assumedSize: 10)\n}',
  );
  expect(order('inventory')).toBeUndefined();
});
