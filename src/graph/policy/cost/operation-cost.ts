import {
  OperationTypeNode,
  getNamedType,
  getNullableType,
  isAbstractType,
  isCompositeType,
  isListType,
  type DocumentNode,
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLObjectType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import {
  collectFields,
  fieldDefinition,
  fragmentsOf,
  isLiterallyIncluded,
  type Fragments,
} from '../../execution/collect-fields.ts';
import type { CostModel } from './cost-model.ts';
import { evaluate, greatest, product, sum, type Count, type RequestVariables } from './count.ts';
import { introspectionCost, introspectionSize } from './introspection-cost.ts';
import { argumentSize, listSize, variableDefaults, type VariableDefaults } from './list-sizes.ts';

/** The cost of an operation for the variables of a request. */
export type OperationCost = (variables: RequestVariables) => number;

interface Costing {
  schema: GraphQLSchema;
  model: CostModel;
  fragments: Fragments;
  defaults: VariableDefaults;
}

/** Sizes of lists that the field above decides, by the name of the list. */
type Sizes = ReadonlyMap<string, Count>;
const NO_SIZES: Sizes = new Map();

/**
 * Computes what an operation of a valid document costs: field cost and type cost of IBM's GraphQL cost specification,
 * added up. What does not depend on variables is computed here, once. Of a union's types the dearest counts; what @skip
 * and @include leave out by a variable counts all the same.
 * @param of of a subscription, whether its start is meant, with an event for each SKU it names, or one later event
 */
export function operationCost(
  schema: GraphQLSchema,
  model: CostModel,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  of: 'START' | 'EVENT' = 'START',
): OperationCost {
  const root = schema.getRootType(operation.operation);
  if (!root) return () => 1; // validation refuses it
  const costing = {
    schema,
    model,
    fragments: fragmentsOf(document),
    defaults: variableDefaults(operation.variableDefinitions ?? []),
  };
  const sets = [operation.selectionSet];
  const fields = selectionCost(costing, root, sets, NO_SIZES);
  const isStart = of === 'START' && operation.operation === OperationTypeNode.SUBSCRIPTION;
  const times = isStart ? firstEvents(costing, root, sets) : 1;
  const whole = product(times, sum([model.typeWeight(root.name), fields]));
  return (variables) => Math.ceil(evaluate(whole, variables));
}

function selectionCost(
  costing: Costing,
  type: GraphQLObjectType,
  sets: readonly SelectionSetNode[],
  sizes: Sizes,
): Count {
  const fields = collectFields(costing, type, sets, isLiterallyIncluded);
  return sum([...fields.values()].map((nodes) => fieldCost(costing, type, nodes, sizes)));
}

function fieldCost(costing: Costing, parent: GraphQLObjectType, nodes: FieldNode[], sizes: Sizes): Count {
  const [node] = nodes as [FieldNode];
  const name = node.name.value;
  const definition = fieldDefinition(costing.schema, parent, name);
  if (!definition) return 0; // __typename
  const type = getNamedType(definition.type);
  const { model, schema, defaults } = costing;
  const introspection = introspectionCost(parent, definition);
  const rule = model.field(parent.name, name);
  const weight = introspection?.weight ?? rule?.weight ?? (isCompositeType(type) ? 1 : 0);
  if (!isCompositeType(type)) return weight;
  const size = rule?.size;
  const own = () =>
    name === '_entities'
      ? argumentSize('representations', definition, node, defaults, { assumed: 1, distinct: false })
      : introspection
        ? introspectionSize(schema, definition.name)
        : listSize(size, definition, node, defaults);
  const below = new Map(
    size?.sizedFields.length ? size.sizedFields.map((field) => [field, own()] as const) : [],
  );
  const count = isListType(getNullableType(definition.type)) ? (sizes.get(name) ?? own()) : 1;
  const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
  const each = greatest(
    typesOf(schema, type).map((one) =>
      sum([introspection?.weight ?? model.typeWeight(one.name), selectionCost(costing, one, sets, below)]),
    ),
  );
  return sum([weight, product(count, each)]);
}

function typesOf(schema: GraphQLSchema, type: GraphQLCompositeType): readonly GraphQLObjectType[] {
  return isAbstractType(type) ? schema.getPossibleTypes(type) : [type];
}

/** How many events a subscription has at its start; at least one is counted. */
function firstEvents(costing: Costing, root: GraphQLObjectType, sets: readonly SelectionSetNode[]): Count {
  for (const [node] of collectFields(costing, root, sets, isLiterallyIncluded).values()) {
    const eventsOf = costing.model.field(root.name, node!.name.value)?.eventsOf;
    const definition = fieldDefinition(costing.schema, root, node!.name.value);
    if (eventsOf === undefined || !definition) continue;
    const counting = { assumed: 1, distinct: true };
    return greatest([1, argumentSize(eventsOf, definition, node!, costing.defaults, counting)]);
  }
  return 1;
}
