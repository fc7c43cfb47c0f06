import type { IncomingHttpHeaders } from 'node:http';
import {
  OperationTypeNode,
  execute,
  type DocumentNode,
  type ExecutionResult,
  type GraphQLError,
  type GraphQLFormattedError,
  type GraphQLSchema,
} from 'graphql';
import type { Logger } from '../../platform/process/log.ts';
import type { RequestContext } from '../../platform/api/request-context.ts';
import type { ValidatedDocumentCache, AdmittedOperation } from '../execution/validated-document-cache.ts';
import { formatError } from '../policy/format-error.ts';
import { isPromise } from '../execution/execute-operation.ts';
import { answerTooLong, type ExecutionGuard } from '../execution/execution-guard.ts';
import { isCostRequested, type Charge } from '../policy/cost/cost-policy.ts';
import type { Actor } from '../../platform/api/actor.ts';
import type { HubError } from '../../platform/errors.ts';
import { outageStatus } from '../policy/outage-status.ts';
import { firstCode, type OperationObserver } from '../observe/operation-observer.ts';
import { unstorableVariable } from '../policy/storable-text.ts';
import { USUAL_CONTENT_TYPES } from './read-json.ts';

const JSON_TYPE = 'application/json; charset=utf-8';
const RESPONSE_TYPE = 'application/graphql-response+json; charset=utf-8';

/** The types that Apollo Server answers usual clients with; of others it decides itself. */
const ANSWER_TYPES: ReadonlyMap<unknown, string> = new Map([
  [undefined, JSON_TYPE],
  ['*/*', JSON_TYPE],
  ['application/json', JSON_TYPE],
  ['application/json, */*', JSON_TYPE],
  ['application/json, text/plain, */*', JSON_TYPE], // axios
  ['application/graphql-response+json', RESPONSE_TYPE],
  ['application/graphql-response+json, application/json', RESPONSE_TYPE],
  ['application/graphql-response+json,application/json;q=0.9', RESPONSE_TYPE], // Apollo Client
  // graphql-request and urql
  ['application/graphql-response+json, application/graphql+json, application/json', RESPONSE_TYPE],
  [
    'application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed',
    RESPONSE_TYPE,
  ],
]);

/** Headers by which a request asks for what only Apollo Server has; the first may be sent to be served by it. */
export const TRACE_HEADER = 'apollo-federation-include-trace';
const APOLLO_HEADERS = ['apollo-require-preflight', TRACE_HEADER] as const;

/** A request that the lean path can serve. */
export interface LeanRequest {
  document: DocumentNode;
  operation: AdmittedOperation;
  operationName: string | null | undefined;
  variables: Readonly<Record<string, unknown>> | null | undefined;
  extensions: unknown;
  answerType: string;
}

/** The means to execute one request. */
export interface LeanExecution {
  schema: GraphQLSchema;
  context: RequestContext;
  guard: ExecutionGuard;
  /** The most that an answer may have. */
  answerBytes: number;
  charge: Charge;
  log: Logger;
  observer: OperationObserver;
  /** When the request came, by performance.now(). */
  began: number;
  requestId: string;
}

/** A whole answer. */
export interface LeanAnswer {
  status: number;
  type: string;
  body: string;
  /** Value of the header `Retry-After`, in seconds. */
  retryAfter?: string | undefined;
}

/**
 * The request, if it is one of the common ones: a POST of an admitted document with well-formed parameters. Undefined
 * for whatever else there is, above all for everything that is wrong: refusing is the work of Apollo Server alone.
 */
export function fastPathRequest(
  request: { method: string; headers: IncomingHttpHeaders; body: unknown },
  documents: ValidatedDocumentCache,
): LeanRequest | undefined {
  const { method, headers, body } = request;
  const answerType = ANSWER_TYPES.get(headers.accept);
  if (method !== 'POST' || answerType === undefined || !USUAL_CONTENT_TYPES.has(headers['content-type']))
    return undefined;
  if (APOLLO_HEADERS.some((name) => headers[name] !== undefined) || !isRecord(body)) return undefined;
  const { query, variables, operationName, extensions } = body;
  if (typeof query !== 'string' || !isAbsentOr(operationName, isText)) return undefined;
  if (!isAbsentOr(variables, isRecord) || !isAbsentOr(extensions, isWithoutPersistedQuery)) return undefined;
  const admitted = documents.get(query);
  const operation = admitted?.operation(operationName);
  // That a subscription is for the socket is for Apollo Server to say.
  if (!admitted || !operation || operation.type === OperationTypeNode.SUBSCRIPTION) return undefined;
  if (unstorableVariable(variables) !== undefined) return undefined;
  return { document: admitted.document, operation, operationName, variables, extensions, answerType };
}

/**
 * Executes it as Apollo Server would. Undefined, without anything having been executed, when the variables are not of
 * the types of the operation.
 */
export function fastPathResponse(
  request: LeanRequest,
  execution: LeanExecution,
): LeanAnswer | Promise<LeanAnswer> | undefined {
  const { schema, context, guard, charge } = execution;
  const extensions = isCostRequested(request.extensions) ? { cost: charge } : undefined;
  const answer = (result: ExecutionResult) =>
    boundedAnswer(extensions ? { ...result, extensions } : result, request, execution);
  const compiled = request.operation.compiled();
  const result = compiled
    ? compiled(request.variables ?? {}, context, undefined, guard)
    : interpreted(request, schema, context);
  if (result === undefined) return undefined;
  return isPromise(result) ? result.then(answer) : answer(result);
}

/** By graphql-js, which answers without data when the variables are not of their types. */
function interpreted(
  { document, operationName, variables: variableValues }: LeanRequest,
  schema: GraphQLSchema,
  contextValue: RequestContext,
): ExecutionResult | Promise<ExecutionResult> | undefined {
  const result = execute({ schema, document, operationName, variableValues, contextValue });
  return isPromise(result) || 'data' in result ? result : undefined;
}

/** The answer of a request that is refused before anything of it runs. */
export function refusedAnswer(
  { answerType, operation }: LeanRequest,
  error: HubError,
  actor: Actor,
  { observer, began, requestId, log }: Pick<LeanExecution, 'observer' | 'began' | 'requestId' | 'log'>,
): LeanAnswer {
  observer.ended(operation, began, undefined, actor, requestId, error.code);
  const result = { errors: [error] };
  return answerOf(result, presentedErrors(result.errors, log, requestId), answerType);
}

function boundedAnswer(
  result: ExecutionResult,
  { operation, answerType }: LeanRequest,
  { observer, began, charge, context, requestId, answerBytes: most, log }: LeanExecution,
): LeanAnswer {
  let errors = presentedErrors(result.errors, log, requestId);
  let answer = answerOf(result, errors, answerType);
  // A character has at most three bytes, so that most answers need not be counted.
  if (answer.body.length * 3 > most && Buffer.byteLength(answer.body) > most) {
    const refused = { errors: [answerTooLong(most)], data: null };
    errors = presentedErrors(refused.errors, log, requestId);
    answer = answerOf(refused, errors, answerType);
  }
  observer.ended(operation, began, charge.cost, context.actor, requestId, firstCode(errors));
  return answer;
}

/** As Apollo Server writes it: errors first, a line's end, and the status 200, unless the errors name another. */
function answerOf(
  result: ExecutionResult,
  errors: readonly GraphQLFormattedError[] | undefined,
  type: string,
): LeanAnswer {
  const { data, extensions } = result;
  const outage = outageStatus(data, errors);
  return {
    status: outage?.status ?? statusOf(result),
    type,
    body: `${JSON.stringify({ errors, data, extensions })}\n`,
    retryAfter: outage?.retryAfter,
  };
}

/** The HTTP status of an answer: 200, unless an error names another. */
export function statusOf({ errors }: ExecutionResult): number {
  return errors?.reduce((before, error) => statusOfError(error) ?? before, 200) ?? 200;
}

/** The errors as a client is told of them. */
export function presentedErrors(
  errors: readonly GraphQLError[] | undefined,
  log: Logger,
  requestId: string | undefined,
): GraphQLFormattedError[] | undefined {
  return errors?.map((error) => presented(error, log, requestId));
}

function statusOfError({ extensions }: GraphQLError): number | undefined {
  return (extensions.http as { status?: number } | undefined)?.status;
}

function presented(error: GraphQLError, log: Logger, requestId: string | undefined): GraphQLFormattedError {
  const { http: _http, ...extensions } = error.extensions;
  return formatError({ ...error.toJSON(), extensions }, error, log, requestId);
}

function isAbsentOr<T>(value: unknown, is: (value: unknown) => value is T): value is T | null | undefined {
  return value === undefined || value === null || is(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isWithoutPersistedQuery(value: unknown): value is Record<string, unknown> {
  return isRecord(value) && !value.persistedQuery;
}
