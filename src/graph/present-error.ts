import { randomUUID } from 'node:crypto';
import { unwrapResolverError } from '@apollo/server/errors';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { isConnectionLoss } from '../platform/connection-loss.ts';
import { HubError, errorCatalogue } from '../platform/errors.ts';
import type { Logger } from '../platform/log.ts';

/** Codes that say what is wrong with the request itself; they come from Apollo Server and graphql-js. */
const REQUEST_CODES = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_USER_INPUT',
  'BAD_REQUEST',
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_SUPPORTED',
  'PERSISTED_QUERY_NOT_FOUND',
]);

/**
 * What a client is told of an error, the same on both transports: catalogued errors as they are, request errors
 * with their code, and of a defect nothing but the id under which it was logged.
 */
export function presentError(formatted: GraphQLFormattedError, error: unknown, log: Logger): GraphQLFormattedError {
  const cause = unwrapResolverError(error);
  if (isConnectionLoss(cause)) {
    log.error({ err: cause }, 'the database did not answer');
    return told(formatted, 'DATABASE_UNAVAILABLE', 'The database did not answer; try again in a moment.');
  }
  if (cause instanceof HubError) return withoutStack(formatted);
  const code = formatted.extensions?.code;
  if (typeof code === 'string' && REQUEST_CODES.has(code)) return withoutStack(formatted);
  if (isRequestError(cause, formatted)) return { ...formatted, extensions: { code: requestCode(formatted) } };
  const id = randomUUID();
  log.error({ err: cause, errorId: id, path: formatted.path }, 'a request met a defect');
  return told(formatted, 'INTERNAL', `Something went wrong in the hub; it was logged under ${id}.`);
}

function told(formatted: GraphQLFormattedError, code: keyof typeof errorCatalogue, message: string) {
  return { ...formatted, message, extensions: { code, retryable: errorCatalogue[code].retryable } };
}

/** graphql-js reports what precedes execution without a path: syntax, validation, variables. */
function isRequestError(cause: unknown, formatted: GraphQLFormattedError): boolean {
  return cause instanceof GraphQLError && cause.path === undefined && formatted.path === undefined;
}

function requestCode(formatted: GraphQLFormattedError): string {
  if (formatted.message.startsWith('Syntax Error')) return 'GRAPHQL_PARSE_FAILED';
  return formatted.message.startsWith('Variable "$') ? 'BAD_USER_INPUT' : 'GRAPHQL_VALIDATION_FAILED';
}

function withoutStack(formatted: GraphQLFormattedError): GraphQLFormattedError {
  const { stacktrace: _stacktrace, ...extensions } = formatted.extensions ?? {};
  return { ...formatted, extensions };
}
