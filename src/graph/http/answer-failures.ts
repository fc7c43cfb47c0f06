import type { FastifyInstance } from 'fastify';
import type { GraphQLFormattedError } from 'graphql';
import { HubError, errorCatalogue } from '../../platform/errors.ts';
import type { Logger } from '../../platform/process/log.ts';
import { UNKNOWN_OPERATION, firstCode, type OperationObserver } from '../observe/operation-observer.ts';
import type { Transport } from '../observe/operation.metrics.ts';
import { formatError } from '../policy/format-error.ts';
import { outageStatus } from '../policy/outage-status.ts';
import { limits } from '../policy/query-limits.ts';
import { EVENT_STREAM_PATH } from './event-stream.ts';
import { NO_STORE } from './no-store.ts';

/** Failures before GraphQL is reached answer in the form of a GraphQL error, with a catalogued code. */
export function answerFailuresAsGraphql(
  app: FastifyInstance,
  log: Logger,
  observers: Record<Transport, OperationObserver>,
): void {
  app.setErrorHandler((error: Error & { code?: string; statusCode?: number }, request, reply) => {
    const { id, actor } = request;
    const { status, failure } = classify(error, log, id);
    const transport = transportOf(request.routeOptions.url);
    if (transport)
      observers[transport].ended(
        UNKNOWN_OPERATION,
        performance.now(),
        undefined,
        actor,
        id,
        firstCode([failure]),
      );
    void reply.header('cache-control', NO_STORE);
    const outage = outageStatus(undefined, [failure]);
    if (outage) void reply.header('retry-after', outage.retryAfter);
    if (status === 401) void reply.header('www-authenticate', 'Bearer');
    return reply
      .code(outage?.status ?? status)
      .type('application/json; charset=utf-8')
      .send({ errors: [failure] });
  });
}

/** The transport that a route belongs to; undefined for pages and the like. */
function transportOf(url: string | undefined): Transport | undefined {
  if (url === '/graphql') return 'http';
  if (url === EVENT_STREAM_PATH) return 'event-stream';
  return url?.startsWith('/subgraphs/') ? 'subgraph' : undefined;
}

function classify(
  error: Error & { code?: string; statusCode?: number },
  log: Logger,
  requestId: string,
): { status: number; failure: GraphQLFormattedError } {
  const refused = (refusal: HubError) => formatError(refusal.toJSON(), refusal, log, requestId);
  if (error instanceof HubError) {
    const { http } = error.extensions as { http?: { status: number } };
    return { status: http?.status ?? errorCatalogue[error.code].http, failure: refused(error) };
  }
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    const tooLarge = new HubError('BODY_TOO_LARGE', `The request body exceeds ${limits.bodyBytes} bytes.`);
    return { status: 413, failure: refused(tooLarge) };
  }
  const status = error.statusCode ?? 500;
  if (status < 500) return { status, failure: refused(new HubError('BODY_INVALID', error.message)) };
  return { status: 500, failure: formatError({ message: error.message }, error, log, requestId) };
}
