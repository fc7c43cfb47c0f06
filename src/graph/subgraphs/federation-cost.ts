import { Kind, parseConstValue, valueFromASTUntyped, type ConstDirectiveNode } from 'graphql';

/**
 * A cost directive as Federation 2.9 has it, whose weights are numbers and whose slicing arguments are `Int`: where a list
 * of ids decides the size, its greatest is assumed. Null takes the directive away. Other directives stay as they are.
 */
export function federationCost(directive: ConstDirectiveNode): ConstDirectiveNode | null | undefined {
  if (directive.name.value === 'cost')
    return withArguments(directive, { weight: Number(valueOf(directive, 'weight')) });
  if (directive.name.value !== 'listSize') return undefined;
  const slicing = (valueOf(directive, 'slicingArguments') as string[] | undefined) ?? [];
  if (slicing.every((name) => COUNTS.has(name))) return undefined;
  if (valueOf(directive, 'sizedFields')) return null; // the lists of a payload say what is assumed of each
  return withArguments(directive, { assumedSize: MOST_IDS });
}

/** No list of ids that decides a size may be longer. */
const MOST_IDS = 500;
/** The slicing arguments that are numbers. */
const COUNTS: ReadonlySet<string> = new Set(['first', 'days']);

function valueOf(directive: ConstDirectiveNode, name: string): unknown {
  const value = directive.arguments?.find((argument) => argument.name.value === name)?.value;
  return value && valueFromASTUntyped(value);
}

function withArguments(directive: ConstDirectiveNode, values: Record<string, unknown>): ConstDirectiveNode {
  return {
    ...directive,
    arguments: Object.entries(values).map(([name, value]) => ({
      kind: Kind.ARGUMENT,
      name: { kind: Kind.NAME, value: name },
      value: parseConstValue(JSON.stringify(value)),
    })),
  };
}
