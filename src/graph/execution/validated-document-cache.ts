import { Kind, type DocumentNode, type GraphQLSchema, type OperationTypeNode } from 'graphql';
import { costModelOf, type CostModel } from '../policy/cost/cost-model.ts';
import { operationCost, type OperationCost } from '../policy/cost/operation-cost.ts';
import { compileOperation, type CompiledOperation } from './compile-operation.ts';

/**
 * Its memory: the syntax tree of a document takes up to 250 times the space of its text, so these are at most some
 * 60 MB for a caller who tries, and a few for the rest.
 */
const MAX_CHARACTERS = 250_000;
/** Longer ones are not remembered: one must not push out all others. */
const MAX_CHARACTERS_OF_ONE = 20_000;

/** A document that has been found good: parsed, valid for the schema, within the limits, of storable text. */
export interface AdmittedDocument {
  document: DocumentNode;
  /** The operation of this name; without a name, the only one. */
  operation: (name: string | null | undefined) => AdmittedOperation | undefined;
}

export interface AdmittedOperation {
  type: OperationTypeNode;
  name: string | undefined;
  /** Compiled when first asked for: many documents are sent once only. Undefined where graphql-js has to execute it. */
  compiled: () => CompiledOperation | undefined;
  /** The cost for the variables of a request; what they do not decide is computed when first asked for. */
  cost: OperationCost;
  /** The cost of one event of a subscription. */
  eventCost: OperationCost;
}

/**
 * The documents that one schema has admitted, by their text, so that a document is judged once and not with every
 * request. Who has judged it says so by `admit`; what is not here has yet to be judged. The least recently used go
 * first.
 */
export class ValidatedDocumentCache {
  private readonly known = new Map<string, AdmittedDocument>();
  private characters = 0;

  constructor(
    private readonly schema: GraphQLSchema,
    /** The costs of its fields; of a subgraph, that of the whole schema. */
    private readonly model: CostModel = costModelOf(schema),
  ) {}

  get(source: string): AdmittedDocument | undefined {
    const found = this.known.get(source);
    if (!found) return undefined;
    this.known.delete(source); // a Map keeps the order in which its keys were set
    this.known.set(source, found);
    return found;
  }

  add(source: string, document: DocumentNode): AdmittedDocument {
    const admitted = { document, operation: operationsOf(this.schema, this.model, document) };
    if (source.length > MAX_CHARACTERS_OF_ONE || this.known.has(source)) return admitted;
    this.known.set(source, admitted);
    this.characters += source.length;
    for (const oldest of this.known.keys()) {
      if (this.characters <= MAX_CHARACTERS) break;
      this.known.delete(oldest);
      this.characters -= oldest.length;
    }
    return admitted;
  }
}

/** A name that is none is not remembered: anybody could send ever new ones. */
function operationsOf(
  schema: GraphQLSchema,
  model: CostModel,
  document: DocumentNode,
): AdmittedDocument['operation'] {
  const byName = new Map<string | undefined, AdmittedOperation>();
  for (const part of document.definitions) {
    if (part.kind !== Kind.OPERATION_DEFINITION) continue;
    let compiled: CompiledOperation | undefined | null = null;
    let cost: OperationCost | undefined;
    let eventCost: OperationCost | undefined;
    byName.set(part.name?.value, {
      type: part.operation,
      name: part.name?.value,
      compiled: () => (compiled === null ? (compiled = compileOperation(schema, document, part)) : compiled),
      cost: (variables) => (cost ??= operationCost(schema, model, document, part))(variables),
      eventCost: (variables) =>
        (eventCost ??= operationCost(schema, model, document, part, 'EVENT'))(variables),
    });
  }
  const [first, ...others] = byName.values();
  const only = others.length === 0 ? first : undefined;
  return (name) => (name === null || name === undefined ? only : byName.get(name));
}
