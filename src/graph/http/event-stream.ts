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
import type { Actor } from '../../platform/api/actor.ts';
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
  type Preparing,
} from '../execution/prepare-operation.ts';
import type { SocketQuota } from '../websocket/socket-quota.ts';
import { ExecutedEvents } from '../execution/executed-event-iterator.ts';

const EVENT_STREAM_PATH = '/graphql/stream';

type Results = AsyncIterable<ExecutionResult>;
/** The type of an answer in graphql-sse; ours are what graphql-js makes of them. */
type Printable = Parameters<typeof print<false, 'next'>>[0]['data'];

/**
 * GraphQL over server-sent events (protocol graphql-sse, distinct connections) at /graphql/stream, for networks that
 * let no WebSocket through, under the rules that sockets have. Own code around graphql-js: the handler of the package
 * takes results as fast as they come, and keeps for a slow reader whatever it has not read.
 */
export function serveEventStreams(
  app: FastifyInstance,
  preparing: Preparing & { parts: ServerOptions },
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
      reply.hijack();
      const stream = new EventStream(reply.raw);
      open.add(stream);
      endWithKey(stream, reply.raw, parts, actor);
      try {
        await answer(stream, parts, await resultsOf(preparing, request, asked));
      } catch (error) {
        parts.log.error({ err: error }, 'an event stream met a defect');
        stream.cut(); // as a socket is closed with 4500
      } finally {
        open.delete(stream);
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
      await Promise.all([...open].map((stream) => stream.end()));
    },
  };
}

/**
 * Has a stream ended when its key ends, also one that is silent: with the code that a request would get now, and
 * `complete`, so that its client does not come back with the same key.
 */
function endWithKey(stream: EventStream, response: ServerResponse, parts: ServerOptions, actor: Actor): void {
  const stopWatching = parts.access.onKeyInvalidated?.(actor, (keyState) => {
    const says = keyState === 'EXPIRED' ? 'The key has expired.' : 'The key was revoked.';
    const errors = [new HubError('UNAUTHENTICATED', says, { keyState })];
    void stream.end(nextMessage(parts, { errors }) + COMPLETE);
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
  { actor, raw }: FastifyRequest,
  asked: OperationRequest,
): Promise<ExecutionResult | Results> {
  const prepared = prepareOperation(preparing, actor!, asked, () => raw.socket.destroyed);
  if (!isPrepared(prepared)) return { errors: prepared };
  if (prepared.admitted.type !== OperationTypeNode.SUBSCRIPTION) return executePrepared(prepared);
  const source = await createSourceEventStream(prepared);
  return Symbol.asyncIterator in source ? new ExecutedEvents(source, prepared) : source;
}

async function answer(
  stream: EventStream,
  parts: ServerOptions,
  results: ExecutionResult | Results,
): Promise<void> {
  const written = (result: ExecutionResult) => nextMessage(parts, result);
  if (isAsyncIterable<ExecutionResult>(results)) await stream.pump(results, written);
  else await stream.write(written(results));
  await stream.end(COMPLETE);
}

const COMPLETE = print<false, 'complete'>({ event: 'complete', data: null });

function nextMessage(parts: ServerOptions, result: ExecutionResult): string {
  return print<false, 'next'>({ event: 'next', data: presented(parts, result) as Printable });
}

function presented({ log }: ServerOptions, { errors, ...result }: ExecutionResult) {
  if (!errors) return result;
  const told: GraphQLFormattedError[] = errors.map((error) =>
    formatError(error instanceof GraphQLError ? error.toJSON() : error, error, log),
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
