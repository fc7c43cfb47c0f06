import {
  Kind,
  OperationTypeNode,
  defaultFieldResolver,
  getArgumentValues,
  isNonNullType,
  visit,
  type DocumentNode,
  type ExecutionResult,
  type FieldNode,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import type { RequestContext } from '../../platform/api/request-context.ts';
import { collectFields, conditionVariables, fragmentsOf, type Selecting } from './collect-fields.ts';
import { compileVariables } from './compile-variables.ts';
import {
  ExecutionContext,
  completerOf,
  runOperation,
  type FieldPlan,
  type SelectionPlan,
  type Values,
} from './execute-operation.ts';

/** Each may double the plans of an operation. */
const MAX_CONDITION_VARIABLES = 4;

/** Undefined: it is not for this one to say what is wrong with the variables. Nothing was executed then. */
export type CompiledOperation = (
  variables: Readonly<Values>,
  context: RequestContext,
  rootValue?: unknown,
) => ExecutionResult | Promise<ExecutionResult> | undefined;

/**
 * An operation of a valid document with what `execute` of graphql-js would look up for every request looked up once:
 * which fields of which type, their resolvers, arguments and types. It answers as `execute` does. Undefined for what is
 * left to graphql-js: introspection, and the rare rest named below.
 */
export function compileOperation(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): CompiledOperation | undefined {
  const rootType = schema.getRootType(operation.operation);
  const conditions = conditionVariables(document);
  if (!rootType || conditions.length > MAX_CONDITION_VARIABLES || !isPlain(document)) return undefined;
  const coerce = compileVariables(schema, operation.variableDefinitions ?? []);
  const fragments = fragmentsOf(document);
  const serially = operation.operation === OperationTypeNode.MUTATION;
  const plans = new Map<number, SelectionPlan>();
  return (given, context, rootValue) => {
    const variables = coerce(given);
    const which = variables && bitsOf(conditions, variables);
    if (!variables || which === undefined) return undefined;
    let plan = plans.get(which);
    if (!plan) {
      const compiling = { schema, fragments, operation, conditions: valuesOf(conditions, variables) };
      plan = planOf(compiling, rootType, [operation.selectionSet]);
      plans.set(which, plan);
    }
    return runOperation(plan, serially, new ExecutionContext(context, variables, rootValue));
  };
}

/** Whether it has nothing that only graphql-js does: introspection, and a name that sets the prototype of an answer. */
function isPlain(document: DocumentNode): boolean {
  let plain = true;
  visit(document, {
    Field({ name, alias }) {
      if (name.value === '__schema' || name.value === '__type' || alias?.value === '__proto__') plain = false;
    },
  });
  return plain;
}

/** Which of the fields are selected, as a number; undefined when a condition has no value. */
function bitsOf(conditions: readonly string[], variables: Values): number | undefined {
  let bits = 0;
  for (const [at, name] of conditions.entries()) {
    if (!Object.hasOwn(variables, name) || typeof variables[name] !== 'boolean') return undefined;
    if (variables[name]) bits |= 1 << at;
  }
  return bits;
}

/** Of the conditions alone: a plan must not keep the whole of somebody's variables. */
function valuesOf(conditions: readonly string[], variables: Values): Selecting['conditions'] {
  return Object.fromEntries(conditions.map((name) => [name, variables[name] as boolean]));
}

type Compiling = Selecting & { operation: OperationDefinitionNode };

function planOf(
  compiling: Compiling,
  type: GraphQLObjectType,
  sets: readonly SelectionSetNode[],
): SelectionPlan {
  const fields = collectFields(compiling, type, sets);
  return { type, fields: [...fields].map(([key, nodes]) => fieldPlan(compiling, type, key, nodes)) };
}

function fieldPlan(
  compiling: Compiling,
  parentType: GraphQLObjectType,
  key: string,
  nodes: FieldNode[],
): FieldPlan {
  const fieldName = nodes[0]!.name.value;
  if (fieldName === '__typename') return { key, typename: parentType.name } as FieldPlan;
  const definition = parentType.getFields()[fieldName] as GraphQLField<unknown, RequestContext>;
  const { schema, fragments, operation } = compiling;
  const { type } = definition;
  const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
  return {
    key,
    nodes,
    type,
    resolve: definition.resolve ?? (defaultFieldResolver as GraphQLFieldResolver<unknown, RequestContext>),
    argumentsOf: argumentsOf(definition, nodes[0]!),
    info: { fieldName, fieldNodes: nodes, returnType: type, parentType, schema, fragments, operation },
    complete: completerOf(type, nodes, (objectType) => planOf(compiling, objectType, sets)),
  };
}

/** Copies the values of variables; what else there is, graphql-js does. */
function argumentsOf(
  definition: GraphQLField<unknown, RequestContext>,
  node: FieldNode,
): (variables: Values) => Values {
  if (definition.args.length === 0) return () => ({});
  const byGraphql = (variables: Values) =>
    getArgumentValues(definition as GraphQLField<unknown, unknown>, node, variables);
  const parts = definition.args.map(({ name, defaultValue, type }) => {
    const value = node.arguments?.find((given) => given.name.value === name)?.value;
    const variable = value?.kind === Kind.VARIABLE ? value.name.value : undefined;
    return { name, value, variable, usual: defaultValue as unknown, required: isNonNullType(type) };
  });
  const isSimple = parts.every(({ value, variable, usual, required }) =>
    value ? variable !== undefined : usual !== undefined || !required,
  );
  if (!isSimple) return byGraphql;
  return (variables) => {
    const values: Values = {};
    for (const { name, variable, usual } of parts) {
      if (variable === undefined) {
        if (usual !== undefined) values[name] = usual;
        continue;
      }
      const value = Object.hasOwn(variables, variable) ? variables[variable] : null;
      if (value === null || value === undefined) return byGraphql(variables);
      values[name] = value;
    }
    return values;
  };
}
