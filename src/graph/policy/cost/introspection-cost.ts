import {
  isEnumType,
  isInputObjectType,
  isIntrospectionType,
  isObjectType,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
} from 'graphql';

/** The schema lies in memory: a value of introspection costs a twentieth of what one costs that is loaded. */
const WEIGHT = 0.05;

/** The weight of a field of introspection; undefined for other fields. */
export function introspectionCost(
  parent: GraphQLObjectType,
  field: GraphQLField<unknown, unknown>,
): { weight: number } | undefined {
  return isIntrospectionType(parent) || field.name === '__schema' || field.name === '__type'
    ? { weight: WEIGHT }
    : undefined;
}

/** How many entries a list of introspection has: of types as many as there are, of the rest so many on average. */
export function introspectionSize(schema: GraphQLSchema, list: string): number {
  let sizes = known.get(schema);
  if (!sizes) known.set(schema, (sizes = measure(schema)));
  return sizes[list] ?? 1;
}

const known = new WeakMap<GraphQLSchema, Readonly<Record<string, number>>>();

function measure(schema: GraphQLSchema): Record<string, number> {
  const types = Object.values(schema.getTypeMap());
  const fields = types.map((type) => (isObjectType(type) ? Object.values(type.getFields()) : []));
  const args = fields.flat().map((field) => field.args.length);
  return {
    types: types.length,
    fields: average(fields.map((list) => list.length)),
    args: average(args),
    inputFields: average(
      types.map((type) => (isInputObjectType(type) ? Object.keys(type.getFields()).length : 0)),
    ),
    enumValues: average(types.map((type) => (isEnumType(type) ? type.getValues().length : 0))),
    directives: schema.getDirectives().length,
  };
}

/** Rounded up, so that a list that some types have counts for all. */
function average(counts: readonly number[]): number {
  return Math.ceil(counts.reduce((total, count) => total + count, 0) / Math.max(1, counts.length));
}
