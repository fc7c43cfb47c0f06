import type { LoaderDefinition } from './request-context.ts';

// eslint-disable-next-line typescript/no-unsafe-function-type -- type-graphql's own type of a resolver class
export type ResolverClass = Function & { prototype: object };

/** A type that other subgraphs name by its key only, and add fields to. */
export interface SubgraphEntity {
  /** The field that names one. */
  key: string;
  /**
   * How a reference is looked up. By the root field that answers one, whose argument is the key: by its rules of access
   * and its loader. Or, where no root field answers one, by a loader, for the admin key alone.
   */
  lookUp: { query: string } | { load: LoaderDefinition<string, object | null> };
}

/** The parts of one subgraph. */
export interface SubgraphParts {
  /** Their root fields, and the fields that they add to any type. */
  resolvers: readonly ResolverClass[];
  /** By type name: the entities whose plain fields it serves. */
  entities?: Readonly<Record<string, SubgraphEntity>>;
}

/** All subgraphs, by name. Types that are no entities need no owner: they are whole wherever they are used. */
export type SubgraphModel = Readonly<Record<string, SubgraphParts>>;
