import {
  getNamedType,
  isCompositeType,
  isLeafType,
  isRequiredArgument,
  isUnionType,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  type OperationTypeNode,
} from 'graphql';

/** Names an argument's value, as GraphQL writes it, for the fields that need one: by "Type.field". */
export type ArgumentsOf = Readonly<Record<string, string>>;

type Field = GraphQLField<unknown, unknown>;
interface Step {
  type: GraphQLObjectType;
  field: Field;
}

/** How far below the root field. */
const DEPTH = 4;

/**
 * Operations that follow every edge of the schema: for each root field, one path of up to four edges to each edge that
 * can be reached from it, with all plain fields on the way.
 */
export function generatedOperations(
  schema: GraphQLSchema,
  kind: OperationTypeNode,
  argumentsOf: ArgumentsOf,
): string[] {
  const root = schema.getRootType(kind)!;
  return Object.values(root.getFields()).flatMap((field) =>
    pathsFrom(schema, { type: root, field }).map((path) => `${kind} { ${selection(path, argumentsOf)} }`),
  );
}

/** Breadth first, so that each edge is reached by its shortest path. */
function pathsFrom(schema: GraphQLSchema, start: Step): Step[][] {
  const paths: Step[][] = [[start]];
  const seen = new Set<string>();
  for (let next = 0; next < paths.length; next++) {
    const path = paths[next]!;
    if (path.length > DEPTH) continue;
    for (const step of edgesOf(schema, path.at(-1)!.field)) {
      const edge = `${step.type.name}.${step.field.name}`;
      if (seen.has(edge)) continue;
      seen.add(edge);
      paths.push([...path, step]);
    }
  }
  return paths;
}

function edgesOf(schema: GraphQLSchema, field: Field): Step[] {
  return objectsOf(schema, field).flatMap((type) =>
    Object.values(type.getFields())
      .filter((each) => isCompositeType(getNamedType(each.type)))
      .map((each) => ({ type, field: each })),
  );
}

function objectsOf(schema: GraphQLSchema, field: Field): readonly GraphQLObjectType[] {
  const type = getNamedType(field.type);
  if (isUnionType(type)) return schema.getPossibleTypes(type);
  return isLeafType(type) ? [] : [type as GraphQLObjectType];
}

function selection([step, ...deeper]: readonly Step[], argumentsOf: ArgumentsOf): string {
  const { type, field } = step!;
  const coordinate = `${type.name}.${field.name}`;
  const given = argumentsOf[coordinate];
  if (given === undefined && field.args.some(isRequiredArgument))
    throw new Error(`say which arguments to generate for ${coordinate}`);
  const called = `${field.name}${given === undefined ? '' : `(${given})`}`;
  const target = getNamedType(field.type);
  if (isLeafType(target)) return called;
  const plain = isUnionType(target) ? [] : plainFields(target as GraphQLObjectType);
  return `${called} { __typename ${[...plain, ...below(deeper, isUnionType(target), argumentsOf)].join(' ')} }`;
}

function below(path: readonly Step[], inUnion: boolean, argumentsOf: ArgumentsOf): string[] {
  if (path.length === 0) return [];
  const selected = selection(path, argumentsOf);
  return [inUnion ? `... on ${path[0]!.type.name} { ${selected} }` : selected];
}

function plainFields(type: GraphQLObjectType): string[] {
  return Object.values(type.getFields())
    .filter((field) => isLeafType(getNamedType(field.type)))
    .map(({ name }) => name);
}
