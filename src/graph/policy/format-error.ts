import { randomUUID } from 'node:crypto';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { isConnectionLoss } from '../../platform/database/connection-loss.ts';
import { HubError, errorCatalogue, type ErrorCode } from '../../platform/errors.ts';
import type { Logger } from '../../platform/process/log.ts';
import { limits } from './query-limits.ts';

/** Codes that say what is wrong with the request itself; they come from Apollo Server and graphql-js. */
export const REQUEST_CODES: ReadonlySet<string> = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_USER_INPUT',
  'BAD_REQUEST',
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_SUPPORTED',
  'PERSISTED_QUERY_NOT_FOUND',
]);

/**
 * Formats an error for a client, the same on both transports: catalogued errors as they are, request errors with their
 * code, and of a defect nothing but the id under which it was logged. All have the id of their request.
 */
export function formatError(
  formatted: GraphQLFormattedError,
  error: unknown,
  log: Logger,
  requestId: string | undefined,
): GraphQLFormattedError {
  const known = catalogued(formatted, error, log, requestId);
  return requestId === undefined ? known : { ...known, extensions: { ...known.extensions, requestId } };
}

function catalogued(
  formatted: GraphQLFormattedError,
  error: unknown,
  log: Logger,
  requestId: string | undefined,
): GraphQLFormattedError {
  const cause = causeOf(error);
  if (isConnectionLoss(cause)) {
    log.error({ err: cause, requestId }, 'the database did not answer');
    return told(formatted, 'DATABASE_UNAVAILABLE', 'The database did not answer; try again in a moment.');
  }
  if (cause instanceof HubError) return withCode(formatted, cause.code);
  if (isTooManyVariableErrors(formatted)) return withCode(formatted, 'BAD_USER_INPUT');
  const code = requestCode(formatted, error, cause);
  if (code === 'GRAPHQL_PARSE_FAILED' && isBeyondParsing(cause))
    return told(
      formatted,
      'QUERY_TOO_COMPLEX',
      `The document is too long or nested too deep to be read; at most ${limits.tokens} tokens are allowed.`,
    );
  if (code !== undefined) return withCode(formatted, code);
  const id = randomUUID();
  log.error({ err: cause, errorId: id, requestId, path: formatted.path }, 'internal error in request');
  return told(formatted, 'INTERNAL', `Something went wrong in the hub; it was logged under ${id}.`);
}

/** The error that the libraries between the throw and here have wrapped. */
export function causeOf(error: unknown): unknown {
  let cause = error;
  while (cause instanceof GraphQLError && cause.originalError) cause = cause.originalError;
  return cause;
}

/** Apollo Server gives what is wrong with a persisted query no code of its own. */
const PERSISTED_QUERY_FAULTS: ReadonlySet<string> = new Set([
  'provided sha does not match query',
  'Unsupported persisted query version',
]);

/** The code of an error that the request itself has earned; undefined for a defect of ours. */
function requestCode(formatted: GraphQLFormattedError, error: unknown, cause: unknown): string | undefined {
  if (PERSISTED_QUERY_FAULTS.has(formatted.message)) return 'BAD_REQUEST';
  const given = formatted.extensions?.code;
  if (given !== undefined) return REQUEST_CODES.has(String(given)) ? String(given) : undefined;
  // Of a socket, by graphql-js, without a code: what precedes execution has no path, but a place in the document.
  if (!(error instanceof GraphQLError) || error.path) return undefined;
  if (!error.locations && !(cause instanceof GraphQLError)) return undefined;
  if (error.message.startsWith('Syntax Error')) return 'GRAPHQL_PARSE_FAILED';
  return error.message.startsWith('Variable "$') ? 'BAD_USER_INPUT' : 'GRAPHQL_VALIDATION_FAILED';
}

/** graphql-js ends the list of what is wrong with variables by a line without a place. */
function isTooManyVariableErrors({ message }: GraphQLFormattedError): boolean {
  return message.startsWith('Too many errors processing variables');
}

/** The parser counts tokens, and reads nested lists and selections by recursion. */
function isBeyondParsing(cause: unknown): boolean {
  return (
    cause instanceof RangeError ||
    (cause as Error).message.startsWith('Syntax Error: Document contains more that')
  );
}

function told(formatted: GraphQLFormattedError, code: ErrorCode, message: string): GraphQLFormattedError {
  return { ...formatted, message, extensions: { code, retryable: errorCatalogue[code].retryable } };
}

function withCode(formatted: GraphQLFormattedError, code: string): GraphQLFormattedError {
  const { stacktrace: _stacktrace, http: _http, ...extensions } = formatted.extensions ?? {};
  // What is wrong with a request stays wrong; what the catalogue has says it itself.
  return { ...formatted, extensions: Object.assign({ code, retryable: false }, extensions, { code }) };
}
