import {
  GraphQLError,
  execute,
  parse,
  validate,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLSchema,
} from 'graphql';
import type { SubscribeMessage } from 'graphql-ws';
import type { Actor } from '../../platform/api/actor.ts';
import { HubError } from '../../platform/errors.ts';
import type { RequestContext } from '../../platform/api/request-context.ts';
import { isCostRequested, type Charge, type CostPolicy } from '../policy/cost/cost-policy.ts';
import { limits, refuseLongDocument } from '../policy/query-limits.ts';
import { documentRefusal } from '../policy/document-work.ts';
import { allRules } from '../policy/validation-rules.ts';
import { isPromise } from './execute-operation.ts';
import type { ExecutionGuard } from './execution-guard.ts';
import type {
  AdmittedDocument,
  AdmittedOperation,
  ValidatedDocumentCache,
} from './validated-document-cache.ts';
import type { OperationObserver } from '../observe/operation-observer.ts';
import type { ServerOptions } from '../server-options.ts';
import { unstorableLiteral, unstorableVariable } from '../policy/storable-text.ts';

/** An operation that a client requests over a socket or an event stream. */
export type OperationRequest = SubscribeMessage['payload'];

/** An operation that may run, as `execute` and `subscribe` of graphql-js take it. */
export interface PreparedOperation extends ExecutionArgs {
  contextValue: RequestContext;
  admitted: AdmittedOperation;
  /** A guard for one execution, of which a subscription has many. */
  guard: () => ExecutionGuard;
  cost: number;
  /** Runs its execution, a dear one in its turn among those of its key. */
  inTurn: <T>(run: () => T | Promise<T>) => Promise<T>;
  /** Books an event of a subscription; after so many milliseconds it may be made. */
  eventDelayMs: () => number;
  /** Called with the answer; undefined where nobody asks. */
  charge: Charge | undefined;
}

/** Collaborators of one transport. */
export interface Preparing {
  parts: Pick<ServerOptions, 'schema' | 'contextOf'>;
  documents: ValidatedDocumentCache;
  policy: CostPolicy;
  observer: OperationObserver;
}

/**
 * Prepares an operation that came over a socket or an event stream, and charges it, or says what refuses it; as strict
 * as Apollo Server is over HTTP.
 * @param isGone whether the client has left
 */
export function prepareOperation(
  { parts, documents, policy }: Omit<Preparing, 'observer'>,
  actor: Actor,
  { query, operationName, variables, extensions }: OperationRequest,
  isGone: () => boolean,
  requestId: string,
): PreparedOperation | readonly GraphQLError[] {
  const document = documents.get(query) ?? admit(parts.schema, documents, query);
  if (Array.isArray(document)) return document;
  const operation = document.operation(operationName);
  if (!operation)
    return [
      refusal(
        'OPERATION_RESOLUTION_FAILURE',
        'Name the operation to execute: the document has none of that name.',
      ),
    ];
  const unstorable = unstorableVariable(variables);
  if (unstorable) return [new HubError('BAD_USER_INPUT', unstorable)];
  try {
    const cost = operation.cost(variables ?? {});
    const charge = policy.charge(actor, cost);
    let eventCost: number | undefined;
    return {
      schema: parts.schema,
      document: document.document,
      operationName,
      variableValues: variables,
      contextValue: parts.contextOf(actor, requestId),
      admitted: operation,
      guard: () => policy.guard(isGone),
      cost,
      inTurn: (run) => policy.inTurn(actor, cost, run),
      eventDelayMs: () => policy.eventDelayMs(actor, (eventCost ??= operation.eventCost(variables ?? {}))),
      charge: isCostRequested(extensions) ? charge : undefined,
    };
  } catch (error) {
    if (error instanceof HubError) return [error];
    throw error;
  }
}

export function isPrepared(
  prepared: PreparedOperation | readonly GraphQLError[],
): prepared is PreparedOperation {
  return !Array.isArray(prepared);
}

/** Executes an operation, or one event of a subscription. */
export function executePrepared(
  prepared: PreparedOperation,
  event?: unknown,
): ExecutionResult | Promise<ExecutionResult> {
  const { admitted, guard, charge, ...args } = prepared;
  const result =
    admitted.compiled()?.(args.variableValues ?? {}, args.contextValue, event, guard()) ??
    execute({ ...args, rootValue: event });
  const answer = (settled: ExecutionResult) =>
    charge === undefined ? settled : { ...settled, extensions: { cost: charge } };
  return isPromise(result) ? result.then(answer) : answer(result);
}

/** Validates a document that is not known yet. */
function admit(
  schema: GraphQLSchema,
  documents: ValidatedDocumentCache,
  source: string,
): AdmittedDocument | GraphQLError[] {
  const document = parsed(source);
  if (document instanceof GraphQLError) return [document];
  const refused = documentRefusal(document);
  if (refused) return [refused];
  const errors = validate(schema, document, allRules);
  if (errors.length > 0) return [...errors];
  const unstorable = unstorableLiteral(document);
  if (unstorable) return [new HubError('BAD_USER_INPUT', unstorable)];
  return documents.add(source, document);
}

function parsed(query: string): DocumentNode | GraphQLError {
  try {
    refuseLongDocument(query);
    return parse(query, { maxTokens: limits.tokens });
  } catch (error) {
    if (error instanceof GraphQLError) return error;
    return refusal('GRAPHQL_PARSE_FAILED', 'The document cannot be read.', error as Error);
  }
}

/** With a code that Apollo Server gives over HTTP. */
function refusal(code: string, message: string, originalError?: Error): GraphQLError {
  return new GraphQLError(message, { extensions: { code }, originalError });
}
