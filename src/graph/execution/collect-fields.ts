import {
  GraphQLIncludeDirective,
  GraphQLSkipDirective,
  Kind,
  SchemaMetaFieldDef,
  TypeMetaFieldDef,
  getDirectiveValues,
  isAbstractType,
  typeFromAST,
  visit,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  type SelectionNode,
  type SelectionSetNode,
  type TypeNode,
} from 'graphql';

export type Fragments = Record<string, FragmentDefinitionNode>;

/** The variables that decide which fields of a document are executed, beside the types of the values. */
export interface Selecting {
  schema: GraphQLSchema;
  fragments: Fragments;
}

/** Whether a selection is executed, as far as @skip and @include decide it. */
export type Includes = (selection: SelectionNode) => boolean;

/** The fields that a value of this type answers, by their names in the answer and in the order of their first mention. */
export function collectFields(
  selecting: Selecting,
  type: GraphQLObjectType,
  sets: readonly SelectionSetNode[],
  includes: Includes,
): Map<string, FieldNode[]> {
  const fields = new Map<string, FieldNode[]>();
  const visited = new Set<string>();
  for (const set of sets) collect(selecting, type, set, { fields, visited, includes });
  return fields;
}

interface Collected {
  fields: Map<string, FieldNode[]>;
  /** The fragments that were spread: each counts once. */
  visited: Set<string>;
  includes: Includes;
}

function collect(
  selecting: Selecting,
  type: GraphQLObjectType,
  { selections }: SelectionSetNode,
  collected: Collected,
): void {
  const { fields, visited, includes } = collected;
  for (const selection of selections) {
    if (!includes(selection)) continue;
    if (selection.kind === Kind.FIELD) {
      const name = selection.alias?.value ?? selection.name.value;
      const nodes = fields.get(name);
      if (nodes) nodes.push(selection);
      else fields.set(name, [selection]);
      continue;
    }
    let part: { typeCondition?: TypeNode; selectionSet: SelectionSetNode } | undefined;
    if (selection.kind === Kind.INLINE_FRAGMENT) part = selection;
    else if (!visited.has(selection.name.value)) {
      visited.add(selection.name.value);
      part = selecting.fragments[selection.name.value];
    }
    if (part && appliesTo(selecting.schema, part.typeCondition, type))
      collect(selecting, type, part.selectionSet, collected);
  }
}

/** By the values of the variables that @skip and @include ask. */
export function includedBy(conditions: Readonly<Record<string, boolean>>): Includes {
  return (selection) => {
    if (!selection.directives?.length) return true;
    if (getDirectiveValues(GraphQLSkipDirective, selection, conditions)?.if === true) return false;
    return getDirectiveValues(GraphQLIncludeDirective, selection, conditions)?.if !== false;
  };
}

/** Includes a selection whatever the variables are: left out is only what the document itself leaves out. */
export const isLiterallyIncluded: Includes = ({ directives }) =>
  !directives?.some(({ name, arguments: given }) => {
    const value = given?.find((argument) => argument.name.value === 'if')?.value;
    if (value?.kind !== Kind.BOOLEAN) return false;
    return name.value === GraphQLSkipDirective.name
      ? value.value
      : name.value === GraphQLIncludeDirective.name && !value.value;
  });

/** A field by its name, of introspection too; undefined for `__typename`. */
export function fieldDefinition(
  schema: GraphQLSchema,
  parent: GraphQLObjectType,
  name: string,
): GraphQLField<unknown, unknown> | undefined {
  if (parent === schema.getQueryType()) {
    if (name === SchemaMetaFieldDef.name) return SchemaMetaFieldDef;
    if (name === TypeMetaFieldDef.name) return TypeMetaFieldDef;
  }
  return parent.getFields()[name];
}

function appliesTo(schema: GraphQLSchema, condition: TypeNode | undefined, type: GraphQLObjectType): boolean {
  if (!condition) return true;
  const named = typeFromAST(schema, condition);
  return named === type || (isAbstractType(named) && schema.isSubType(named, type));
}

export function fragmentsOf(document: DocumentNode): Fragments {
  const fragments = Object.create(null) as Fragments;
  for (const part of document.definitions)
    if (part.kind === Kind.FRAGMENT_DEFINITION) fragments[part.name.value] = part;
  return fragments;
}

/** The names of the variables that any @skip or @include of the document asks. */
export function conditionVariables(document: DocumentNode): string[] {
  const names = new Set<string>();
  visit(document, {
    Directive({ name, arguments: given }) {
      if (name.value !== GraphQLSkipDirective.name && name.value !== GraphQLIncludeDirective.name) return;
      for (const { value } of given ?? []) if (value.kind === Kind.VARIABLE) names.add(value.name.value);
    },
  });
  return [...names];
}
