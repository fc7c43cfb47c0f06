import {
  GraphQLError,
  OperationTypeNode,
  execute,
  getOperationAST,
  subscribe,
  type ExecutionResult,
  type GraphQLFormattedError,
} from 'graphql';
import { isAsyncIterable, print } from 'graphql-sse';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { HubError } from '../../platform/errors.ts';
import type { ValidatedDocumentCache } from '../execution/validated-document-cache.ts';
import { EventStream } from './event-stream-response.ts';
import { authenticate } from './authenticate.ts';
import { formatError } from '../policy/format-error.ts';
import type { ServerOptions } from '../server-options.ts';
import { prepareOperation } from '../execution/prepare-operation.ts';

const EVENT_STREAM_PATH = '/graphql/stream';

type Results = AsyncIterable<ExecutionResult>;
/** The type of an answer in graphql-sse; ours are what graphql-js makes of them. */
type Printable = Parameters<typeof print<false, 'next'>>[0]['data'];

interface StreamRequest {
  query: string;
  operationName?: string | null;
  variables?: Record<string, unknown> | null;
}

/**
 * GraphQL over server-sent events (protocol graphql-sse, distinct connections) at /graphql/stream, for networks that
 * let no WebSocket through, under the rules that sockets have. Own code around graphql-js: the handler of the package
 * takes results as fast as they come, and keeps for a slow reader whatever it has not read.
 */
export function serveEventStreams(
  app: FastifyInstance,
  parts: ServerOptions,
  documents: ValidatedDocumentCache,
): { close: () => Promise<void> } {
  const open = new Set<EventStream>();
  const onRequest = (request: FastifyRequest, _reply: FastifyReply, done: (error?: Error) => void) =>
    authenticate(request, parts.access, done);
  let closing = false;

  app.route({
    method: 'POST',
    url: EVENT_STREAM_PATH,
    onRequest,
    async handler(request, reply) {
      const asked = streamRequest(request);
      if (closing) return reply.code(503).send({ errors: [goingAway()] });
      reply.hijack();
      const stream = new EventStream(reply.raw);
      open.add(stream);
      try {
        await answer(stream, parts, await resultsOf(parts, documents, request, asked));
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

/** @throws HubError BAD_USER_INPUT of what is no request of this protocol */
function streamRequest({ headers, body }: FastifyRequest): StreamRequest {
  if (!headers.accept?.includes('text/event-stream'))
    throw new HubError(
      'BAD_USER_INPUT',
      `${EVENT_STREAM_PATH} answers with events; send "Accept: text/event-stream".`,
    );
  if (!isRecord(body) || typeof body.query !== 'string')
    throw new HubError('BAD_USER_INPUT', 'Send a JSON object with `query`.');
  const { query, operationName, variables } = body;
  if (!isAbsent(operationName) && typeof operationName !== 'string')
    throw new HubError('BAD_USER_INPUT', '`operationName` must be a text.');
  if (!isAbsent(variables) && !isRecord(variables))
    throw new HubError('BAD_USER_INPUT', '`variables` must be an object.');
  return { query, operationName, variables };
}

/** One result, or as many as a subscription has; what refuses the operation is a result too. */
async function resultsOf(
  parts: ServerOptions,
  documents: ValidatedDocumentCache,
  { actor }: FastifyRequest,
  { query, operationName, variables }: StreamRequest,
): Promise<ExecutionResult | Results> {
  const args = prepareOperation(parts, documents, actor!, { query, operationName, variables });
  if (Array.isArray(args)) return { errors: args };
  const { operation } = getOperationAST(args.document, args.operationName)!; // it has been judged
  return operation === OperationTypeNode.SUBSCRIPTION ? subscribe(args) : execute(args);
}

async function answer(
  stream: EventStream,
  parts: ServerOptions,
  results: ExecutionResult | Results,
): Promise<void> {
  const written = (result: ExecutionResult) =>
    print<false, 'next'>({ event: 'next', data: presented(parts, result) as Printable });
  if (isAsyncIterable<ExecutionResult>(results)) await stream.pump(results, written);
  else await stream.write(written(results));
  await stream.write(print<false, 'complete'>({ event: 'complete', data: null }));
  await stream.end();
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

function onlyPost(): HubError {
  return new HubError(
    'BAD_USER_INPUT',
    `${EVENT_STREAM_PATH} takes a POST for each operation (distinct connections); there is no other mode.`,
  );
}
