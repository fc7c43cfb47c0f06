import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { SpanKind } from '@opentelemetry/api';
import {
  GraphQLError,
  OperationTypeNode,
  createSourceEventStream,
  type FormattedExecutionResult,
  type GraphQLFormattedError,
} from 'graphql';
import { handleProtocols, makeServer, type ConnectionInitMessage } from 'graphql-ws';
import { WebSocketServer, type WebSocket } from 'ws';
import { HubError } from '../../platform/errors.ts';
import { isSharedSource } from '../../platform/api/shared-event-source.ts';
import type { BodyPace } from '../policy/body-pace.ts';
import { limits } from '../policy/query-limits.ts';
import {
  executePrepared,
  isPrepared,
  prepareOperation,
  type PreparedOperation,
  type Preparing,
} from '../execution/prepare-operation.ts';
import { sharedOperation, type EventRendererCache } from '../execution/event-renderer-cache.ts';
import { ExecutedEvents } from '../execution/executed-event-iterator.ts';
import { formatError } from '../policy/format-error.ts';
import { openSockets } from '../observe/connection.metrics.ts';
import { UNKNOWN_OPERATION, firstCode } from '../observe/operation-observer.ts';
import { REQUEST_ID_HEADER, requestIdOf } from '../observe/request-id.ts';
import { inSpan, isTracing } from '../../platform/tracing/tracer.ts';
import type { ServerOptions } from '../server-options.ts';
import { SocketConnection, TOO_MANY_SOCKETS, type SocketConnectionDeps } from './socket-connection.ts';
import { KeepAlive } from './keep-alive.ts';
import { authorizationOf, closeWithKey, rejectSocket, closeForRestart } from './socket-close.ts';
import type { SocketQuota } from './socket-quota.ts';

const CONNECTION_INIT_TIMEOUT_MS = 5_000;

/**
 * GraphQL over WebSocket (protocol graphql-transport-ws) at /graphql, under the rules that HTTP has: key, limits,
 * masking. A connection without a good key, or whose key ends, is closed with 4403 or 4401. graphql-ws serves the
 * protocol; subscriptions whose events are the same for many are taken over by `Connection`, and their messages made
 * once for all (ADR 24).
 */
export function serveWebSocket(
  server: Server,
  preparing: Preparing & { parts: ServerOptions; renderings: EventRendererCache; bodyPace: BodyPace },
  perKey: SocketQuota,
): { close: () => Promise<void> } {
  const { parts, renderings, bodyPace } = preparing;
  const sockets = new WebSocketServer({
    noServer: true,
    handleProtocols,
    maxPayload: limits.bodyBytes,
    perMessageDeflate: false, // Connection writes frames itself, and compressing would be done for each socket
  });
  const keepAlive = new KeepAlive(parts.socketLimits.pingMs);
  const graphql = graphqlOverSockets(preparing, perKey);
  const common: SocketConnectionDeps = {
    renderings,
    maxUnsentBytes: parts.socketLimits.unsentBytes,
    maxCost: parts.costLimits.ceiling,
    bodyPace,
    onDefect: (error, requestId) => parts.log.error({ err: error, requestId }, 'internal error on socket'),
  };
  const fails = (error: Error) => parts.log.debug({ err: error }, 'a socket failed'); // ws closes with the code for it

  const serve = (webSocket: WebSocket, stream: Duplex, request: IncomingMessage, requestId: string): void => {
    const addressOf = () => parts.clientAddress(request);
    const connection = new SocketConnection(webSocket, stream, addressOf, common, requestId);
    openSockets.inc();
    const closed = graphql.opened(connection, connection);
    keepAlive.watch(webSocket);
    webSocket.on('error', fails);
    webSocket.on('message', (data, isBinary) => connection.take(data, isBinary));
    webSocket.on('close', (code, reason) => {
      keepAlive.forget(webSocket);
      openSockets.dec();
      if (connection.countedFor) perKey.closed(connection.countedFor);
      connection.closed();
      void closed(code, String(reason));
    });
  };
  sockets.on('headers', (headers, request: IncomingMessage) => {
    headers.push(`${REQUEST_ID_HEADER}: ${String(request.headers[REQUEST_ID_HEADER])}`);
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (request.url?.split('?')[0] !== '/graphql') {
      socket.on('error', () => socket.destroy()); // nobody else listens, and an unheard error ends the process
      // Half an end would leave the connection to a client that never ends its own half.
      socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n', () => socket.destroy());
      return;
    }
    const requestId = requestIdOf(request.headers);
    request.headers[REQUEST_ID_HEADER] = requestId; // the answer repeats it
    sockets.handleUpgrade(request, socket, head, (webSocket) => serve(webSocket, socket, request, requestId));
  });

  return {
    async close() {
      keepAlive.close();
      closeForRestart(sockets.clients);
      await new Promise<void>((resolve, reject) =>
        sockets.close((error) => (error ? reject(error) : resolve())),
      );
    },
  };
}

/** An operation with the socket that it came over. */
interface SocketOperation extends PreparedOperation {
  connection: SocketConnection;
  requestId: string;
  /** When it came, by performance.now(). */
  began: number;
}

type Graphql = ReturnType<typeof makeServer<ConnectionInitMessage['payload'], SocketConnection>>;

/** The rules of the hub on every socket. */
function graphqlOverSockets(preparing: Preparing & { parts: ServerOptions }, perKey: SocketQuota): Graphql {
  const { parts, observer } = preparing;
  const present = presenting(parts);
  /** The ids of operations that were refused, by what asked for them. */
  const refused = new WeakMap<object, { requestId: string; began: number }>();
  const observed = ({ admitted, began, cost, contextValue, requestId }: SocketOperation, code?: string) =>
    observer.ended(admitted, began, cost, contextValue.actor, requestId, code);
  return makeServer<ConnectionInitMessage['payload'], SocketConnection>({
    connectionInitWaitTimeout: CONNECTION_INIT_TIMEOUT_MS,
    onConnect: async ({ connectionParams, extra: connection }) => {
      const authorization = authorizationOf(connectionParams);
      try {
        const actor = await parts.access.authenticate(authorization, connection.addressOf);
        if (!connection.isOpen) return true;
        if (!perKey.admit(actor)) {
          const reason = `This key has ${perKey.limit} sockets and streams open, the most it may have.`;
          connection.close(TOO_MANY_SOCKETS, reason);
          return true; // not heard by who was closed
        }
        connection.actor = connection.countedFor = actor;
        closeWithKey(connection.webSocket, parts.access, actor, () => (connection.actor = undefined));
        return true;
      } catch (error) {
        if (!(error instanceof HubError)) throw error;
        rejectSocket(connection.webSocket, authorization, error);
        return false;
      }
    },
    onSubscribe: ({ extra: connection, subscriptions }, id, payload) => {
      const { actor, sharedCount } = connection;
      const requestId = connection.nextRequestId();
      const began = performance.now();
      refused.set(payload, { requestId, began });
      if (!actor)
        return [
          new HubError(
            'UNAUTHENTICATED',
            'The API key of this connection expired or was revoked. Reconnect with a valid key.',
          ),
        ];
      const { operations } = parts.socketLimits;
      if (sharedCount + Object.keys(subscriptions).length > operations)
        return [
          new HubError('TOO_MANY_OPERATIONS', `A socket has at most ${operations} operations at once.`, {
            limit: operations,
          }),
        ];
      const isGone = () => !connection.isOpen || !(id in subscriptions);
      const prepared = prepareOperation(preparing, actor, payload, isGone, requestId);
      if (!isPrepared(prepared)) return prepared;
      refused.delete(payload);
      return { ...prepared, connection, requestId, began } satisfies SocketOperation;
    },
    // A shared operation is taken over: for graphql-ws it is as if the client had completed it.
    onOperation: ({ extra: connection, subscriptions }, id, { query }, args, result) => {
      const operation = args as SocketOperation;
      if (Symbol.asyncIterator in result || isSharedSource(result)) observed(operation);
      if (!isSharedSource(result) || !(id in subscriptions)) return;
      delete subscriptions[id];
      if (!connection.actor) return; // its key has ended
      connection.share(id, sharedOperation(query, operation), result);
    },
    onError: ({ extra: connection }, _id, payload, errors) => {
      const { requestId, began } = refused.get(payload) ?? {
        requestId: connection.nextRequestId(),
        began: performance.now(),
      };
      const told = present(errors as readonly GraphQLError[], requestId);
      const { actor = null } = connection;
      observer.ended(UNKNOWN_OPERATION, began, undefined, actor, requestId, firstCode(told));
      return told;
    },
    onNext: (_context, _id, _payload, args, result) => {
      const operation = args as SocketOperation;
      const errors = result.errors && present(result.errors, operation.requestId);
      // Of the events of a subscription, none: it was counted when it began.
      if (operation.admitted.type !== OperationTypeNode.SUBSCRIPTION || !('data' in result))
        observed(operation, firstCode(errors));
      return errors ? ({ ...result, errors } as FormattedExecutionResult) : undefined;
    },
    execute: async (args) => {
      const { connection, requestId, began: _began, ...prepared } = args as SocketOperation;
      const executed = () => prepared.inTurn(() => executePrepared(prepared));
      const run = () => connection.queries.run(prepared.cost, executed);
      const attributes = { 'orderweave.request_id': requestId, 'orderweave.transport': 'websocket' };
      const answer = await (isTracing()
        ? inSpan(prepared.admitted.type, { kind: SpanKind.SERVER, attributes }, run)
        : run());
      return answer ?? { data: null };
    },
    subscribe: async (args) => {
      const source = await createSourceEventStream(args);
      if (!(Symbol.asyncIterator in source)) return source;
      return isSharedSource(source) ? (source as never) : new ExecutedEvents(source, args as SocketOperation);
    },
  });
}

function presenting({ log }: Pick<ServerOptions, 'log'>) {
  return (errors: readonly GraphQLError[], requestId: string): GraphQLFormattedError[] =>
    errors.map((error) => formatError(error.toJSON(), error, log, requestId));
}
