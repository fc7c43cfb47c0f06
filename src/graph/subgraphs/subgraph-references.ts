import type { GraphQLResolveInfo, GraphQLSchema } from 'graphql';
import { HubError } from '../../platform/errors.ts';
import type { RequestContext } from '../../platform/api/request-context.ts';
import type { SubgraphEntity } from '../../platform/api/subgraph-parts.ts';
import type { Ownership } from './subgraph-ownership.ts';

/** As many as a query may name SKUs. */
const MOST_REFERENCES = 500;

type Reference = Readonly<Record<string, unknown>>;
type Resolve<Args> = (
  source: unknown,
  args: Args,
  context: RequestContext,
  info: GraphQLResolveInfo,
) => unknown;

/** How an entity is found by its key, by type name; the look-ups of one request are batched by the domains' loaders. */
export function referenceResolvers(merged: GraphQLSchema, { entities }: Ownership) {
  return [...entities].map(([type, entity]) => {
    const lookUp = lookUpOf(merged, type, entity);
    // Async, so that one that is refused is an error of its own and leaves the others of its list alone.
    const resolve = async (reference: Reference, context: RequestContext, info: GraphQLResolveInfo) =>
      lookUp(undefined, { [entity.key]: reference[entity.key] as string }, context, info);
    return [type, { __resolveReference: resolve }] as const;
  });
}

function lookUpOf(
  merged: GraphQLSchema,
  type: string,
  { key, lookUp }: SubgraphEntity,
): Resolve<Record<string, string>> {
  if ('query' in lookUp) {
    const { resolve } = merged.getQueryType()!.getFields()[lookUp.query] ?? {};
    if (!resolve) throw new Error(`${type} is looked up by Query.${lookUp.query}, which there is not`);
    return resolve;
  }
  return (_source, args, context) => {
    if (!context.actor.admin) throw new HubError('FORBIDDEN', `Looking up a ${type} needs the admin key.`);
    return context.load(lookUp.load, args[key]!);
  };
}

/**
 * Checks what `_entities` is asked before anything is loaded: its scalar takes any JSON, and the loaders trust
 * their keys to be texts.
 */
export function checkReferences(subgraph: GraphQLSchema, { entities }: Ownership): void {
  const field = subgraph.getQueryType()!.getFields()['_entities'];
  if (!field) return;
  const resolve = field.resolve as Resolve<{ representations: unknown[] }>;
  field.resolve = (source, args: { representations: unknown[] }, context: RequestContext, info) => {
    const { length } = args.representations;
    if (length > MOST_REFERENCES)
      throw new HubError(
        'TOO_MANY_LINES',
        `\`representations\` has ${length} entries, may have ${MOST_REFERENCES}.`,
        {
          max: MOST_REFERENCES,
        },
      );
    for (const [index, reference] of args.representations.entries())
      if (!isReference(reference, subgraph, entities))
        throw new HubError(
          'BAD_USER_INPUT',
          `\`representations[${index}]\` is no entity of this subgraph with its key.`,
        );
    return resolve(source, args, context, info);
  };
}

function isReference(value: unknown, subgraph: GraphQLSchema, entities: Ownership['entities']): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { __typename: type, ...fields } = value as Reference;
  if (typeof type !== 'string' || !subgraph.getType(type)) return false;
  const entity = entities.get(type);
  return entity !== undefined && typeof fields[entity.key] === 'string';
}
