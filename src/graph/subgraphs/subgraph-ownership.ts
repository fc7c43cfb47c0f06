import { getMetadataStorage } from 'type-graphql';
import type { SubgraphEntity, SubgraphModel } from '../../platform/api/subgraph-parts.ts';

export interface OwnedEntity extends SubgraphEntity {
  subgraph: string;
}

/** Which subgraph serves what, read from the metadata that type-graphql keeps of the resolver classes. */
export interface Ownership {
  subgraphs: readonly string[];
  /** By type name. */
  entities: ReadonlyMap<string, OwnedEntity>;
  /** The subgraph whose resolver class has the field; undefined for a plain field of its type's class. */
  ofResolver: (type: string, field: string) => string | undefined;
}

/** Call it after the merged schema was built: only then the metadata is complete. */
export function ownershipOf(model: SubgraphModel): Ownership {
  const bySubgraph = subgraphsOfClasses(model);
  const fields = new Map<string, string>();
  for (const { target, type, field } of resolvedFields()) {
    const subgraph = bySubgraph.get(target);
    if (subgraph) fields.set(`${type}.${field}`, subgraph);
  }
  return {
    subgraphs: Object.keys(model).sort(),
    entities: entitiesOf(model),
    ofResolver: (type, field) => fields.get(`${type}.${field}`),
  };
}

function subgraphsOfClasses(model: SubgraphModel): Map<unknown, string> {
  const known = new Map<unknown, string>();
  for (const [name, { resolvers }] of Object.entries(model))
    for (const resolver of resolvers) {
      const other = known.get(resolver);
      if (other) throw new Error(`${resolver.name} is in the subgraphs ${other} and ${name}`);
      known.set(resolver, name);
    }
  return known;
}

function entitiesOf(model: SubgraphModel): Map<string, OwnedEntity> {
  return new Map(
    Object.entries(model).flatMap(([subgraph, { entities }]) =>
      Object.entries(entities ?? {}).map(([type, entity]) => [type, { ...entity, subgraph }] as const),
    ),
  );
}

interface ResolvedField {
  /** The resolver class. */
  target: unknown;
  type: string;
  field: string;
}

function resolvedFields(): ResolvedField[] {
  const { queries, mutations, subscriptions, fieldResolvers, resolverClasses, objectTypes } =
    getMetadataStorage();
  const roots = { Query: queries, Mutation: mutations, Subscription: subscriptions };
  const ofRoots = Object.entries(roots).flatMap(([type, handlers]) =>
    handlers.map(({ target, schemaName }) => ({ target, type, field: schemaName })),
  );
  const nameOf = new Map<unknown, string>(objectTypes.map(({ target, name }) => [target, name]));
  const classes = new Map<unknown, () => unknown>(
    resolverClasses.map(({ target, getObjectType }) => [target, getObjectType]),
  );
  const ofTypes = fieldResolvers.flatMap(({ target, schemaName }) => {
    const type = nameOf.get(classes.get(target)?.());
    return type === undefined ? [] : [{ target, type, field: schemaName }];
  });
  return [...ofRoots, ...ofTypes];
}
