import {
  Kind,
  print,
  valueFromASTUntyped,
  type FieldNode,
  type GraphQLField,
  type ValueNode,
  type VariableDefinitionNode,
} from 'graphql';
import type { ListSize } from './cost-directives.ts';
import { DEFAULT_LIST_SIZE } from './cost-model.ts';
import { greatest, type Count } from './count.ts';

/** No field answers more entries for an argument: it refuses what asks for more, in words of its own. */
const MOST = 1_000;

/** The defaults of the variables of an operation, by name. */
export type VariableDefaults = ReadonlyMap<string, unknown>;

/** Reads the defaults that an operation gives its variables. */
export function variableDefaults(definitions: readonly VariableDefinitionNode[]): VariableDefaults {
  return new Map(
    definitions.flatMap(({ variable, defaultValue }) =>
      defaultValue ? [[variable.name.value, valueFromASTUntyped(defaultValue)] as const] : [],
    ),
  );
}

/** How many entries the list of a field has, by its slicing arguments or by what is assumed. */
export function listSize(
  size: ListSize | undefined,
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
  defaults: VariableDefaults,
): Count {
  const assumed = size?.assumedSize ?? DEFAULT_LIST_SIZE;
  const counts = (size?.slicingArguments ?? []).map((name) =>
    argumentSize(name, field, node, defaults, { assumed, distinct: true }),
  );
  return counts.length === 0 ? assumed : greatest(counts);
}

/** @param distinct whether each different entry of a list counts once */
export interface Counting {
  assumed: number;
  distinct: boolean;
}

/** The size that the value of one argument stands for; `input.ids` is a field of an argument that is an object. */
export function argumentSize(
  path: string,
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
  defaults: VariableDefaults,
  counting: Counting,
): Count {
  const [name, ...below] = path.split('.') as [string, ...string[]];
  const usual = field.args.find((argument) => argument.name === name)?.defaultValue as unknown;
  const given = node.arguments?.find((argument) => argument.name.value === name)?.value;
  const whenNull = sizeOf(valueAt(usual, below), counting);
  const count = (value: unknown) => sizeOf(value, { ...counting, assumed: whenNull });
  return given ? literalSize(given, below, { defaults, usual, count }) : count(valueAt(usual, below));
}

interface Reading {
  defaults: VariableDefaults;
  /** The default of the argument, for a variable that has no value. */
  usual: unknown;
  count: (value: unknown) => number;
}

function literalSize(value: ValueNode, below: readonly string[], reading: Reading): Count {
  const { defaults, usual, count } = reading;
  if (value.kind === Kind.VARIABLE) {
    const name = value.name.value;
    const read = (given: unknown) => count(valueAt(given, below));
    const whenAbsent = read(defaults.has(name) ? defaults.get(name) : usual);
    return (variables) => (Object.hasOwn(variables, name) ? read(variables[name]) : whenAbsent);
  }
  const [first, ...rest] = below;
  if (first !== undefined) {
    const fields = value.kind === Kind.OBJECT ? value.fields : [];
    const part = fields.find((field) => field.name.value === first)?.value;
    return part ? literalSize(part, rest, { ...reading, usual: undefined }) : count(undefined);
  }
  // A list counts by its entries as they are written, so that variables in it count too.
  return count(value.kind === Kind.LIST ? value.values.map(print) : valueFromASTUntyped(value));
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (at, name) => (at as Record<string, unknown> | null | undefined)?.[name],
    value,
  );
}

function sizeOf(value: unknown, { assumed, distinct }: Counting): number {
  if (value === undefined || value === null) return assumed;
  if (typeof value === 'number') return Math.min(Math.max(0, value), MOST);
  if (!Array.isArray(value)) return 1; // one value where a list is expected is a list of it
  if (!distinct || value.length < 2 || value.length > MOST) return Math.min(value.length, MOST);
  return new Set(value).size;
}
