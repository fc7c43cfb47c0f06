import { buildSubgraphSchema, type GraphQLResolverMap } from '@apollo/subgraph';
import { parse, type GraphQLSchema } from 'graphql';
import { createResolversMap } from 'type-graphql';
import type { RequestContext } from '../../platform/api/request-context.ts';
import type { SubgraphModel } from '../../platform/api/subgraph-parts.ts';
import { ownershipOf, type Ownership } from './subgraph-ownership.ts';
import { checkReferences, referenceResolvers } from './subgraph-references.ts';
import { subgraphSdls } from './subgraph-sdl.ts';

/** The SDL of every subgraph of the merged schema, by name; what schema/<name>.graphql holds. */
export function printSubgraphs(merged: GraphQLSchema, model: SubgraphModel): Map<string, string> {
  return subgraphSdls(merged, ownershipOf(model));
}

/**
 * The named subgraphs of the merged schema, executable: Federation 2 schemas over the very resolvers that the merged
 * schema calls, so that both answer the same.
 */
export function buildSubgraphs(
  merged: GraphQLSchema,
  model: SubgraphModel,
  names: readonly string[],
): Map<string, GraphQLSchema> {
  if (names.length === 0) return new Map();
  const ownership = ownershipOf(model);
  const sdls = subgraphSdls(merged, ownership);
  const resolvers = resolversOf(merged, ownership);
  return new Map(
    names.map((name) => {
      const schema = buildSubgraphSchema([{ typeDefs: parse(sdls.get(name)!), resolvers }]);
      checkReferences(schema, ownership);
      return [name, schema];
    }),
  );
}

/** Those of all types and fields: each subgraph takes what its SDL has. */
function resolversOf(merged: GraphQLSchema, ownership: Ownership): GraphQLResolverMap<RequestContext> {
  const resolvers = createResolversMap(merged) as GraphQLResolverMap<RequestContext>;
  for (const [type, reference] of referenceResolvers(merged, ownership))
    Object.assign(resolvers[type]!, reference);
  return resolvers;
}
