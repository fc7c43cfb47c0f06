import {
  Kind,
  OperationTypeNode,
  parse,
  visit,
  type DocumentNode,
  type FieldNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { fragmentsOf, type Fragments } from '../execution/collect-fields.ts';
import { HubError } from '../../platform/errors.ts';
import { limits } from './query-limits.ts';

/**
 * Says why validating a document would be too much work, or undefined. The rules of GraphQL compare fields of one name in
 * one place in pairs, and search for a similar name for each that they do not know; asked before any of them runs.
 */
export function excessiveWork(document: DocumentNode): string | undefined {
  let [selections, directives, args] = [0, 0, 0];
  visit(document, {
    Field: () => void (selections += 1),
    InlineFragment: () => void (selections += 1),
    FragmentSpread: () => void (selections += 1),
    Directive: () => void (directives += 1),
    Argument: () => void (args += 1),
  });
  if (selections > limits.selections)
    return `has ${selections} selections; at most ${limits.selections} are allowed`;
  if (directives > limits.directives)
    return `has ${directives} directives; at most ${limits.directives} are allowed`;
  if (args > limits.arguments) return `has ${args} arguments; at most ${limits.arguments} are allowed`;
  const fragments = fragmentsOf(document);
  for (const part of document.definitions)
    if (
      part.kind === Kind.OPERATION_DEFINITION &&
      comparisonsOf([part.selectionSet], fragments) > limits.comparisons
    )
      return 'repeats fields of one name too often in one place; ask for each once';
  return undefined;
}

/** Says what refuses a document before the rules of GraphQL are asked, or undefined. */
export function documentRefusal(document: DocumentNode): HubError | undefined {
  const excess = excessiveWork(document);
  if (excess !== undefined) return new HubError('QUERY_TOO_COMPLEX', `The document ${excess}.`);
  return mayHaveNoSource(document)
    ? new HubError(
        'BAD_USER_INPUT',
        'The root field of a subscription cannot be left out by @skip or @include.',
        {
          http: { status: 400 },
        },
      )
    : undefined;
}

/**
 * Refuses a document before it is handed to who validates it. What is no document passes.
 * @throws HubError QUERY_TOO_COMPLEX, BAD_USER_INPUT
 */
export function refuseDocument(query: string): void {
  let document: DocumentNode;
  try {
    document = parse(query, { maxTokens: limits.tokens, noLocation: true });
  } catch {
    return;
  }
  const refusal = documentRefusal(document);
  if (refusal) throw refusal;
}

/**
 * Whether a subscription may be left without its one field, as GraphQL forbids since 2025: it would have nothing to wait
 * for, and graphql-js fails on it like on a defect.
 */
function mayHaveNoSource(document: DocumentNode): boolean {
  const fragments = fragmentsOf(document);
  return document.definitions.some(
    (part) =>
      part.kind === Kind.OPERATION_DEFINITION &&
      part.operation === OperationTypeNode.SUBSCRIPTION &&
      selectionsOf([part.selectionSet], fragments).some(({ directives }) =>
        directives?.some(({ name }) => name.value === 'skip' || name.value === 'include'),
      ),
  );
}

/** The selections of one place, with those of fragments; each fragment once. */
function selectionsOf(sets: readonly SelectionSetNode[], fragments: Fragments): SelectionNode[] {
  const found: SelectionNode[] = [];
  const spread = new Set<string>();
  const left = [...sets];
  for (let set = left.pop(); set; set = left.pop())
    for (const selection of set.selections) {
      found.push(selection);
      if (selection.kind === Kind.INLINE_FRAGMENT) left.push(selection.selectionSet);
      if (selection.kind !== Kind.FRAGMENT_SPREAD || spread.has(selection.name.value)) continue;
      spread.add(selection.name.value);
      const fragment = fragments[selection.name.value];
      if (fragment) left.push(fragment.selectionSet);
    }
  return found;
}

/** The pairs of fields of one name, over all places; stops counting above the limit. */
function comparisonsOf(sets: readonly SelectionSetNode[], fragments: Fragments): number {
  let total = 0;
  const left: (readonly SelectionSetNode[])[] = [sets];
  for (let place = left.pop(); place && total <= limits.comparisons; place = left.pop())
    for (const same of Map.groupBy(
      fieldsOf(place, fragments),
      ({ alias, name }) => (alias ?? name).value,
    ).values()) {
      total += (same.length * (same.length - 1)) / 2;
      const inner = same.flatMap(({ selectionSet }) => selectionSet ?? []);
      if (inner.length > 0) left.push(inner);
      // A fragment that spreads others twice, again and again, has more places than could be counted.
      total += same.length;
    }
  return total;
}

/** The fields of one place, with those of fragments; each fragment once. */
function fieldsOf(sets: readonly SelectionSetNode[], fragments: Fragments): FieldNode[] {
  return selectionsOf(sets, fragments).filter((selection) => selection.kind === Kind.FIELD);
}
