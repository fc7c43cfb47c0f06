import type { GraphQLResolveInfo, GraphQLSchema } from 'graphql';
import { HubError } from '../platform/errors.ts';
import type { RequestContext } from '../platform/request-context.ts';
import type { Ownership } from './subgraph-ownership.ts';

type Reference = Readonly<Record<string, unknown>>;

/** A resolver of references for each entity: through the domain's loader, so that those of one request are batched. */
export function referenceResolvers({ entities }: Ownership) {
  return [...entities].map(([type, { key, load }]) => {
    const resolve = (reference: Reference, context: RequestContext) => context.load(load, reference[key] as string);
    return [type, { __resolveReference: resolve }] as const;
  });
}

/**
 * Checks what `_entities` is asked before anything is loaded: its scalar takes any JSON, and the loaders trust
 * their keys to be texts.
 */
export function checkReferences(schema: GraphQLSchema, { entities }: Ownership): void {
  const field = schema.getQueryType()!.getFields()['_entities'];
  if (!field) return;
  const { resolve } = field;
  field.resolve = (source: unknown, args: { representations: unknown[] }, context: unknown, info: GraphQLResolveInfo) => {
    for (const [index, reference] of args.representations.entries())
      if (!isReference(reference, schema, entities))
        throw new HubError('BAD_USER_INPUT', `\`representations[${index}]\` is no entity of this subgraph with its key.`);
    return resolve!(source, args, context, info);
  };
}

function isReference(value: unknown, schema: GraphQLSchema, entities: Ownership['entities']): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { __typename: type, ...fields } = value as Reference;
  if (typeof type !== 'string' || !schema.getType(type)) return false;
  const entity = entities.get(type);
  return entity !== undefined && typeof fields[entity.key] === 'string';
}
