import {
  GraphQLError,
  OperationTypeNode,
  createSourceEventStream,
  type ExecutionResult,
  type GraphQLFormattedError,
} from 'graphql';
import { isAsyncIterable, print } from 'graphql-sse';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ServerResponse } from 'node:http';
import { HubError } from '../../platform/errors.ts';
import { EventStream } from './event-stream-response.ts';
import { authenticate } from './authenticate.ts';
import { formatError } from '../policy/format-error.ts';
import type { ServerOptions } from '../server-options.ts';
import {
  executePrepared,
  isPrepared,
  prepareOperation,
  type OperationRequest,
  type PreparedOperation,
  type Preparing,
} from '../execution/prepare-operation.ts';
import type { SocketQuota } from '../websocket/socket-quota.ts';
import { openEventStreams } from '../observe/connection.metrics.ts';
import { UNKNOWN_OPERATION, firstCode } from '../observe/operation-observer.ts';
import { REQUEST_ID_HEADER } from '../observe/request-id.ts';
import { endSpan, isTracing, runInServerSpan } from '../../platform/tracing/tracer.ts';
import { isSharedSource, type SharedEventSource } from '../../platform/api/shared-event-source.ts';
import { sharedOperation, type EventRendererCache } from '../execution/event-renderer-cache.ts';
import { ExecutedEvents } from '../execution/executed-event-iterator.ts';

/** The path of event streams. */
export const EVENT_STREAM_PATH = '/graphql/stream';

type Results = AsyncIterable<ExecutionResult>;
/** The results of an operation, and the operation itself where it was not refused. */
interface Answered {
  prepared?: PreparedOperation;
  results: ExecutionResult | Results | SharedEventSource<unknown>;
}
/** Collaborators of event streams. */
type EventStreaming = Preparing & { parts: ServerOptions; renderings: EventRendererCache };
/** The type of an answer in graphql-sse; ours are what graphql-js makes of them. */
type Printable = Parameters<typeof print<false, 'next'>>[0]['data'];

/**
 * GraphQL over server-sent events (protocol graphql-sse, distinct connections) at /graphql/stream, for networks that
 * let no WebSocket through, under the rules that sockets have. Own code around graphql-js: the handler of the package
 * takes results as fast as they come, and keeps for a slow reader whatever it has not read.
 */
export function serveEventStreams(
  app: FastifyInstance,
  preparing: EventStreaming,
  perKey: SocketQuota,
): { close: () => Promise<void> } {
  const { parts } = preparing;
  const open = new Set<EventStream>();
  const onRequest = (request: FastifyRequest, _reply: FastifyReply, done: (error?: Error) => void) =>
    authenticate(request, parts, done);
  let closing = false;

  app.route({
    method: 'POST',
    url: EVENT_STREAM_PATH,
    onRequest,
    async handler(request, reply) {
      const asked = streamRequest(request);
      if (closing) return reply.code(503).send({ errors: [goingAway()] });
      const actor = request.actor!;
      if (!perKey.admit(actor)) throw tooManyConnections(perKey.limit);
      reply.raw.once('close', () => perKey.closed(actor));
      const began = performance.now();
      const { id } = request;
      reply.hijack();
      reply.raw.setHeader(REQUEST_ID_HEADER, id);
      const stream = new EventStream(reply.raw);
      open.add(stream);
      endWithKey(stream, reply.raw, parts, request);
      openEventStreams.inc();
      const serve = async () =>
        answer(stream, preparing, request, began, await resultsOf(preparing, request, asked));
      try {
        await (isTracing()
          ? runInServerSpan(request.headers, (span) => serve().finally(() => endSpan(span)))
          : serve());
      } catch (error) {
        parts.log.error({ err: error, requestId: id }, 'an event stream met a defect');
        stream.cut(); // as a socket is closed with 4500
      } finally {
        open.delete(stream);
        openEventStreams.dec();
      }
    },
  });
  app.route({
    method: ['GET', 'PUT', 'DELETE'],
    url: EVENT_STREAM_PATH,
    onRequest,
    handler: (_request, reply) =>
      reply
        .code(405)
        .header('allow', 'POST')
        .send({ errors: [onlyPost()] }),
  });
  return {
    async close() {
      closing = true;
      await Promise.all([...open].map((stream) => stream.end(RESTARTING)));
    },
  };
}

/**
 * Has a stream ended when its key ends, also one that is silent: with the code that a request would get now, and
 * `complete`, so that its client does not come back with the same key.
 */
function endWithKey(
  stream: EventStream,
  response: ServerResponse,
  parts: ServerOptions,
  { actor, id }: FastifyRequest,
): void {
  const stopWatching = parts.access.onKeyInvalidated?.(actor!, (keyState) => {
    const says = keyState === 'EXPIRED' ? 'The key has expired.' : 'The key was revoked.';
    const errors = [new HubError('UNAUTHENTICATED', says, { keyState })];
    void stream.end(nextMessage(presented(parts, { errors }, id)) + COMPLETE);
  });
  if (stopWatching) response.once('close', stopWatching);
}

/** @throws HubError BAD_USER_INPUT of what is no request of this protocol */
function streamRequest({ headers, body }: FastifyRequest): OperationRequest {
  if (!headers.accept?.includes('text/event-stream'))
    throw new HubError(
      'BAD_USER_INPUT',
      `${EVENT_STREAM_PATH} answers with events; send "Accept: text/event-stream".`,
    );
  if (!isRecord(body) || typeof body.query !== 'string')
    throw new HubError('BAD_USER_INPUT', 'Send a JSON object with `query`.');
  const { query, operationName, variables, extensions } = body;
  if (!isAbsent(operationName) && typeof operationName !== 'string')
    throw new HubError('BAD_USER_INPUT', '`operationName` must be a text.');
  if (!isAbsent(variables) && !isRecord(variables))
    throw new HubError('BAD_USER_INPUT', '`variables` must be an object.');
  if (!isAbsent(extensions) && !isRecord(extensions))
    throw new HubError('BAD_USER_INPUT', '`extensions` must be an object.');
  return { query, operationName, variables, extensions };
}

/** One result, or as many as a subscription has; what refuses the operation is a result too. */
async function resultsOf(
  preparing: Preparing,
  { actor, raw, id }: FastifyRequest,
  asked: OperationRequest,
): Promise<Answered> {
  const prepared = prepareOperation(preparing, actor!, asked, () => raw.socket.destroyed, id);
  if (!isPrepared(prepared)) return { results: { errors: prepared } };
  if (prepared.admitted.type !== OperationTypeNode.SUBSCRIPTION)
    return { prepared, results: await prepared.inTurn(() => executePrepared(prepared)) };
  const source = await createSourceEventStream(prepared);
  if (isSharedSource(source)) return { prepared, results: source };
  return {
    prepared,
    results: Symbol.asyncIterator in source ? new ExecutedEvents(source, prepared) : source,
  };
}

async function answer(
  stream: EventStream,
  { parts, observer, renderings }: EventStreaming,
  { actor, id, body }: FastifyRequest,
  began: number,
  { prepared, results }: Answered,
): Promise<void> {
  const observed = (code: string | undefined) =>
    observer.ended(prepared?.admitted ?? UNKNOWN_OPERATION, began, prepared?.cost, actor, id, code);
  if (isSharedSource(results)) {
    observed(undefined);
    const { query } = body as OperationRequest;
    const used = renderings.acquire(sharedOperation(query, prepared!), results);
    await stream.follow(results, used.rendering).finally(() => renderings.release(used));
  } else if (isAsyncIterable<ExecutionResult>(results)) {
    observed(undefined);
    await stream.pump(results, (result) => nextMessage(presented(parts, result, id)));
  } else {
    const only = presented(parts, results, id);
    observed(firstCode(only.errors));
    await stream.write(nextMessage(only));
  }
  await stream.end(COMPLETE);
}

/** The last of a stream whose hub stops; without `complete`, so that its client connects again, after `retry` ms. */
const RESTARTING = ': Server is restarting. Connect again.\nretry: 1000\n\n';

const COMPLETE = print<false, 'complete'>({ event: 'complete', data: null });

function nextMessage(result: Presented): string {
  return print<false, 'next'>({ event: 'next', data: result as Printable });
}

type Presented = Omit<ExecutionResult, 'errors'> & { errors?: readonly GraphQLFormattedError[] };

function presented(
  { log }: ServerOptions,
  { errors, ...result }: ExecutionResult,
  requestId: string,
): Presented {
  if (!errors) return result;
  const told: GraphQLFormattedError[] = errors.map((error) =>
    formatError(error instanceof GraphQLError ? error.toJSON() : error, error, log, requestId),
  );
  return { ...result, errors: told };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isAbsent(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

function goingAway(): HubError {
  return new HubError('OVERLOADED', 'Server is restarting. Connect again.', { retryAfterSeconds: 1 });
}

function tooManyConnections(limit: number): HubError {
  return new HubError(
    'TOO_MANY_CONNECTIONS',
    `This key has ${limit} sockets and event streams open, the most it may have.`,
    { limit },
  );
}

function onlyPost(): HubError {
  return new HubError(
    'BAD_USER_INPUT',
    `${EVENT_STREAM_PATH} takes a POST for each operation (distinct connections); there is no other mode.`,
  );
}
