import { Kind, valueFromASTUntyped, type ConstDirectiveNode } from 'graphql';

/** The definitions of IBM's GraphQL cost directives, as that specification has them. */
export const COST_DIRECTIVES = `directive @cost(weight: String!) on ARGUMENT_DEFINITION | ENUM | FIELD_DEFINITION | INPUT_FIELD_DEFINITION | OBJECT | SCALAR

directive @listSize(assumedSize: Int, requireOneSlicingArgument: Boolean = true, sizedFields: [String!], slicingArguments: [String!]) on FIELD_DEFINITION`;

/** The arguments of `@listSize` on a field. */
export interface ListSize {
  /** The size without a slicing argument that has a value. */
  assumedSize: number | undefined;
  slicingArguments: readonly string[];
  /** The lists below the field that have this size; empty: the field itself is the list. */
  sizedFields: readonly string[];
}

interface WithDirectives {
  astNode?: { readonly directives?: readonly ConstDirectiveNode[] } | null;
}

/** The cost directives of a type or field of a schema. */
export function costDirectivesOf({ astNode }: WithDirectives): readonly ConstDirectiveNode[] {
  return (astNode?.directives ?? []).filter(({ name }) => name.value === 'cost' || name.value === 'listSize');
}

/** The weight that `@cost` gives, undefined without. */
export function weightOf(part: WithDirectives): number | undefined {
  const weight = argumentsOf(part, 'cost')?.['weight'];
  return weight === undefined ? undefined : Number(weight);
}

/** The size that `@listSize` gives, undefined without. */
export function listSizeOf(part: WithDirectives): ListSize | undefined {
  const given = argumentsOf(part, 'listSize');
  if (!given) return undefined;
  return {
    assumedSize: given['assumedSize'] as number | undefined,
    slicingArguments: (given['slicingArguments'] as string[] | undefined) ?? [],
    sizedFields: (given['sizedFields'] as string[] | undefined) ?? [],
  };
}

function argumentsOf(part: WithDirectives, name: string): Record<string, unknown> | undefined {
  const directive = costDirectivesOf(part).find((one) => one.name.value === name);
  if (!directive) return undefined;
  return Object.fromEntries(
    (directive.arguments ?? []).map(({ name: argument, value }) => [
      argument.value,
      value.kind === Kind.NULL ? undefined : valueFromASTUntyped(value),
    ]),
  );
}
