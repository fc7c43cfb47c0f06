import 'reflect-metadata';
import { GraphQLDateTime } from 'graphql-scalars';
import type { GraphQLSchema } from 'graphql';
import { buildSchema, type NonEmptyArray } from 'type-graphql';
import type { ResolverClass } from '../../platform/api/subgraph-parts.ts';
import type { Subscriptions } from '../../platform/api/subscribe.ts';
import { bindResolvers, bindSubscriptions } from './bind-resolvers.ts';

/**
 * The served schema, merged from the resolver classes of all domains. `instances` are the resolvers with their
 * collaborators, `subscriptions` the sources of events; a schema that is only printed needs none.
 */
export async function buildHubSchema(
  resolvers: readonly ResolverClass[],
  instances: readonly object[] = [],
  subscriptions: Subscriptions = {},
): Promise<GraphQLSchema> {
  const byClass = new Map<unknown, object>(instances.map((instance) => [instance.constructor, instance]));
  const schema = await buildSchema({
    resolvers: resolvers as unknown as NonEmptyArray<ResolverClass>,
    container: { get: (resolver) => byClass.get(resolver) },
    scalarsMap: [{ type: Date, scalar: GraphQLDateTime }],
    // The domains check their input themselves: with a catalogued code and a sentence, not a class-validator dump.
    validate: false,
    pubSub: unusedPubSub,
  });
  bindResolvers(schema, byClass);
  bindSubscriptions(schema, subscriptions);
  return schema;
}

/** type-graphql wants one; ours bring their own source, because its pub/sub fails in a burst (ADR 5). */
const unusedPubSub = {
  publish(): void {
    throw new Error('subscriptions bring their own source');
  },
  subscribe(): never {
    throw new Error('subscriptions bring their own source');
  },
};
