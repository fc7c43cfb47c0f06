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
import {
  collectFields,
  conditionVariables,
  fieldDefinition,
  fragmentsOf,
  includedBy,
  type Includes,
  type Selecting,
} from './collect-fields.ts';
import { compileVariables } from './compile-variables.ts';
import type { ExecutionGuard } from './execution-guard.ts';
import {
  ExecutionContext,
  completerOf,
  runOperation,
  type FieldPlan,
  type SelectionPlan,
  type Values,
} from './execute-operation.ts';

/** Each condition may double the plans of an operation: so many are remembered. */
const MAX_PLANS = 16;

/** Undefined: it is not for this one to say what is wrong with the variables. Nothing was executed then. */
export type CompiledOperation = (
  variables: Readonly<Values>,
  context: RequestContext,
  rootValue?: unknown,
  guard?: ExecutionGuard,
) => ExecutionResult | Promise<ExecutionResult> | undefined;

/**
 * An operation of a valid document with what `execute` of graphql-js would look up for every request looked up once:
 * which fields of which type, their resolvers, arguments and types. It answers as `execute` does. Undefined without a
 * root type, which is for graphql-js to say.
 */
export function compileOperation(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): CompiledOperation | undefined {
  const rootType = schema.getRootType(operation.operation);
  const conditions = conditionVariables(document);
  if (!rootType) return undefined;
  const create = setsPrototype(document) ? () => Object.create(null) as Values : () => ({});
  const coerce = compileVariables(schema, operation.variableDefinitions ?? []);
  const fragments = fragmentsOf(document);
  const serially = operation.operation === OperationTypeNode.MUTATION;
  const plans = new Map<string, SelectionPlan>();
  return (given, context, rootValue, guard) => {
    const variables = coerce(given);
    const which = variables && choiceOf(conditions, variables);
    if (!variables || which === undefined) return undefined;
    let plan = plans.get(which);
    if (!plan) {
      const includes = includedBy(valuesOf(conditions, variables));
      const compiling = { schema, fragments, operation, includes, create };
      if (plans.size === MAX_PLANS) plans.clear();
      plan = planOf(compiling, rootType, [operation.selectionSet]);
      plans.set(which, plan);
    }
    return runOperation(plan, serially, new ExecutionContext(context, variables, rootValue, guard));
  };
}

/** Whether a name in the answer would set the prototype of a plain object. */
function setsPrototype(document: DocumentNode): boolean {
  let sets = false;
  visit(document, {
    Field({ alias }) {
      if (alias?.value === '__proto__') sets = true;
    },
  });
  return sets;
}

/** Which of the fields are selected; undefined when a condition has no value. */
function choiceOf(conditions: readonly string[], variables: Values): string | undefined {
  let choice = '';
  for (const name of conditions) {
    if (!Object.hasOwn(variables, name) || typeof variables[name] !== 'boolean') return undefined;
    choice += variables[name] ? '1' : '0';
  }
  return choice;
}

/** Of the conditions alone: a plan must not keep the whole of somebody's variables. */
function valuesOf(conditions: readonly string[], variables: Values): Record<string, boolean> {
  return Object.fromEntries(conditions.map((name) => [name, variables[name] as boolean]));
}

type Compiling = Selecting & {
  operation: OperationDefinitionNode;
  includes: Includes;
  create: () => Values;
};

function planOf(
  compiling: Compiling,
  type: GraphQLObjectType,
  sets: readonly SelectionSetNode[],
): SelectionPlan {
  const fields = collectFields(compiling, type, sets, compiling.includes);
  return {
    type,
    create: compiling.create,
    nameBytes: [...fields.keys()].reduce((bytes, key) => bytes + Buffer.byteLength(key) + 4, 2),
    fields: [...fields].map(([key, nodes]) => fieldPlan(compiling, type, key, nodes)),
  };
}

function fieldPlan(
  compiling: Compiling,
  parentType: GraphQLObjectType,
  key: string,
  nodes: FieldNode[],
): FieldPlan {
  const fieldName = nodes[0]!.name.value;
  if (fieldName === '__typename') return { key, typename: parentType.name } as FieldPlan;
  const definition = fieldDefinition(compiling.schema, parentType, fieldName)!;
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
  definition: GraphQLField<unknown, unknown>,
  node: FieldNode,
): (variables: Values) => Values {
  if (definition.args.length === 0) return () => ({});
  const byGraphql = (variables: Values) => getArgumentValues(definition, node, variables);
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
