import 'reflect-metadata';
import { GraphQLDateTime } from 'graphql-scalars';
import type { GraphQLSchema } from 'graphql';
import { buildSchema, type NonEmptyArray } from 'type-graphql';

// eslint-disable-next-line typescript/no-unsafe-function-type -- type-graphql's own type of a resolver class
export type ResolverClass = Function & { prototype: object };

/**
 * The served schema, merged from the resolver classes of all domains. `instances` are the resolvers with their
 * collaborators; a schema that is only printed needs none.
 */
export async function buildHubSchema(
  resolvers: readonly ResolverClass[],
  instances: readonly object[] = [],
): Promise<GraphQLSchema> {
  const byClass = new Map(instances.map((instance) => [instance.constructor, instance]));
  return buildSchema({
    resolvers: resolvers as unknown as NonEmptyArray<ResolverClass>,
    container: { get: (resolver) => byClass.get(resolver) },
    scalarsMap: [{ type: Date, scalar: GraphQLDateTime }],
    // The domains check their input themselves: with a catalogued code and a sentence, not a class-validator dump.
    validate: false,
    // Subscriptions bring their own source (architecture decision 5); type-graphql's pub/sub is not used.
    pubSub: { publish: () => undefined, subscribe: () => neverPublished() },
  });
}

async function* neverPublished(): AsyncGenerator<never> {
  // nothing
}
