import {
  Kind,
  type ASTVisitor,
  type SelectionSetNode,
  type ValidationContext,
  type ValidationRule,
} from 'graphql';
import { HubError } from '../../platform/errors.ts';

/** Bounds of one document, on both transports. */
export const limits = {
  /** Of the text of a document. */
  documentCharacters: 100_000,
  /** Nested selection sets; GraphiQL's introspection needs 13. */
  depth: 15,
  /** Fields of the whole document, fragments counted where they are spread. */
  fields: 1_000,
  /** Renamed fields: many aliases of one field multiply its cost. */
  aliases: 60,
  /** Fields of an operation's root, fragments counted too: a batch of commands in disguise. */
  rootFields: 30,
  /** Selections of any kind, directives, and arguments, as they are written. */
  selections: 2_000,
  directives: 200,
  arguments: 1_000,
  /** Fields of one name in one place are compared in pairs. */
  comparisons: 20_000,
  /** Lexical tokens, counted while parsing. */
  tokens: 10_000,
  bodyBytes: 1_000_000,
  /** Of one text among the arguments. */
  textCharacters: 20_000,
  /** Of an input object: its fields, and the characters of their names and of the texts that they have. */
  objectFields: 100,
  objectCharacters: 50_000,
  /** Values, objects and lists of a request's JSON; the longest lists of the API need a tenth of it. */
  jsonValues: 50_000,
  jsonDepth: 200,
} as const;

/**
 * Refuses a document by its length, before anything is made of its text.
 * @throws HubError QUERY_TOO_COMPLEX
 */
export function refuseLongDocument(query: unknown): void {
  if (typeof query !== 'string' || query.length <= limits.documentCharacters) return;
  throw new HubError(
    'QUERY_TOO_COMPLEX',
    `The document has ${query.length} characters; at most ${limits.documentCharacters} are allowed. Send values as variables.`,
  );
}

interface Size {
  depth: number;
  fields: number;
  aliases: number;
  /** Fields of its own level. */
  roots: number;
}

/** Refuses documents beyond `limits` before anything of them is executed. */
export const withinLimits: ValidationRule = (context: ValidationContext): ASTVisitor => ({
  OperationDefinition(operation) {
    const size = measure(operation.selectionSet, context, new Map());
    const excess =
      (size.depth > limits.depth && `is ${size.depth} levels deep; at most ${limits.depth} are allowed`) ||
      (size.fields > limits.fields &&
        `selects ${size.fields} fields; at most ${limits.fields} are allowed`) ||
      (size.aliases > limits.aliases &&
        `has ${size.aliases} aliases; at most ${limits.aliases} are allowed`) ||
      (size.roots > limits.rootFields &&
        `has ${size.roots} root fields; at most ${limits.rootFields} are allowed`);
    if (excess) context.reportError(new HubError('QUERY_TOO_COMPLEX', `The operation ${excess}.`));
  },
});

const nothing: Readonly<Size> = { depth: 0, fields: 0, aliases: 0, roots: 0 };

/** The size of a selection set. Each fragment is measured once, so nested spreads cannot make measuring itself slow. */
function measure(set: SelectionSetNode, context: ValidationContext, fragments: Map<string, Size>): Size {
  const total = { ...nothing };
  for (const selection of set.selections) {
    if (selection.kind === Kind.FIELD) {
      const { depth, fields, aliases } = selection.selectionSet
        ? measure(selection.selectionSet, context, fragments)
        : nothing;
      add(total, {
        depth: 1 + depth,
        fields: 1 + fields,
        aliases: aliases + (selection.alias ? 1 : 0),
        roots: 1,
      });
    } else if (selection.kind === Kind.INLINE_FRAGMENT) {
      add(total, measure(selection.selectionSet, context, fragments));
    } else {
      add(total, measureFragment(selection.name.value, context, fragments));
    }
  }
  return total;
}

function measureFragment(name: string, context: ValidationContext, fragments: Map<string, Size>): Size {
  const known = fragments.get(name);
  if (known) return known;
  fragments.set(name, nothing); // a cycle ends here; another rule reports it
  const fragment = context.getFragment(name);
  const size = fragment ? measure(fragment.selectionSet, context, fragments) : nothing;
  fragments.set(name, size);
  return size;
}

function add(total: Size, part: Size): void {
  total.depth = Math.max(total.depth, part.depth);
  total.fields += part.fields;
  total.aliases += part.aliases;
  total.roots += part.roots;
}
