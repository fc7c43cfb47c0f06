import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import {
  GraphQLError,
  createSourceEventStream,
  execute,
  parse,
  specifiedRules,
  validate,
  type DocumentNode,
  type ExecutionArgs,
  type FormattedExecutionResult,
  type GraphQLFormattedError,
  type GraphQLSchema,
} from 'graphql';
import {
  CloseCode,
  handleProtocols,
  makeServer,
  type ConnectionInitMessage,
  type SubscribeMessage,
} from 'graphql-ws';
import { WebSocketServer, type WebSocket } from 'ws';
import { HubError } from '../platform/errors.ts';
import type { Actor } from '../platform/access.ts';
import type { Logger } from '../platform/log.ts';
import { isSharedSource } from '../platform/shared-source.ts';
import type { AdmittedDocument, AdmittedDocuments } from './admitted-documents.ts';
import { limits, withinLimits } from './limits.ts';
import { presentError } from './present-error.ts';
import type { ServerParts } from './server-parts.ts';
import { Connection } from './socket/connection.ts';
import { ExecutedEvents } from './socket/executed-events.ts';
import { KeepAlive } from './socket/keep-alive.ts';
import { Renderings } from './socket/renderings.ts';
import { closeWithKey, refuse, sayGoodbye } from './socket/socket-life.ts';
import { SocketsOfKeys } from './socket/sockets-of-keys.ts';
import { unstorableLiteral, unstorableVariable } from './storable-text.ts';

const CONNECTION_INIT_TIMEOUT_MS = 5_000;

/**
 * GraphQL over WebSocket (protocol graphql-transport-ws) at /graphql, under the rules that HTTP has: key, limits,
 * masking. A connection without a good key, or whose key ends, is closed with 4403 or 4401. graphql-ws serves the protocol; subscriptions whose
 * events are the same for many are taken over by `Connection`, and their messages made once for all (ADR 24).
 */
export function serveWebSocket(
  server: Server,
  parts: ServerParts,
  documents: AdmittedDocuments,
): { close: () => Promise<void> } {
  const sockets = new WebSocketServer({
    noServer: true,
    handleProtocols,
    maxPayload: limits.bodyBytes,
    perMessageDeflate: false, // Connection writes frames itself, and compressing would be done for each socket
  });
  const keepAlive = new KeepAlive(parts.socketLimits.pingMs);
  const graphql = graphqlOverSockets(parts, documents);
  const present = presenting(parts);
  const renderings = new Renderings(parts.contextOf, (result) => ({
    ...result,
    ...(result.errors && { errors: present(result.errors) }),
  }));

  const begin = (webSocket: WebSocket, stream: Duplex): void => {
    const connection = new Connection(webSocket, stream, renderings, parts.socketLimits.unsentBytes);
    keepAlive.watch(webSocket);
    serveConnection(connection, graphql, parts.log);
  };
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (request.url?.split('?')[0] !== '/graphql') {
      socket.on('error', () => socket.destroy()); // nobody else listens, and an unheard error ends the process
      socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => begin(webSocket, socket));
  });

  return {
    async close() {
      keepAlive.close();
      sayGoodbye(sockets.clients);
      await new Promise<void>((resolve, reject) =>
        sockets.close((error) => (error ? reject(error) : resolve())),
      );
    },
  };
}

type Graphql = ReturnType<typeof makeServer<ConnectionInitMessage['payload'], Connection>>;

/** The protocol on one socket. */
function serveConnection(connection: Connection, graphql: Graphql, log: Logger): void {
  const { webSocket } = connection;
  const fail = (error: unknown) => {
    log.error({ err: error }, 'a socket met a defect');
    webSocket.close(CloseCode.InternalServerError, 'Internal server error');
  };
  webSocket.once('error', (error) => {
    log.debug({ err: error }, 'a socket failed'); // what is no WebSocket was sent; ws closes with the code for it
  });
  const closed = graphql.opened(
    {
      protocol: webSocket.protocol,
      send: (text) => connection.send(text),
      close: (code, reason) => webSocket.close(code, reason),
      onMessage: (receive) =>
        webSocket.on('message', (data, isBinary) => {
          // A text frame is checked to be UTF-8; a binary one would be read with replaced characters that nobody sent.
          if (isBinary) {
            connection.actor = undefined; // so that what follows is not executed either
            return webSocket.close(1003, 'Send text frames.');
          }
          const text = String(data);
          if (!connection.takes(text)) receive(text).catch(fail);
        }),
    },
    connection,
  );
  webSocket.once('close', (code, reason) => {
    connection.closed();
    void closed(code, String(reason));
  });
}

/** The rules of the hub on every socket. */
function graphqlOverSockets(parts: ServerParts, documents: AdmittedDocuments): Graphql {
  const present = presenting(parts);
  const perKey = new SocketsOfKeys(parts.socketLimits.ofOneKey);
  return makeServer<ConnectionInitMessage['payload'], Connection>({
    connectionInitWaitTimeout: CONNECTION_INIT_TIMEOUT_MS,
    onConnect: async ({ connectionParams, extra: connection }) => {
      try {
        const actor = await parts.access.authenticate(connectionParams?.authorization);
        if (!perKey.admit(actor, connection.webSocket)) return true; // closed already, so that this is not heard
        connection.actor = actor;
        closeWithKey(connection.webSocket, parts.access, actor, () => (connection.actor = undefined));
        return true;
      } catch (error) {
        if (!(error instanceof HubError)) throw error;
        refuse(connection.webSocket, error);
        return false;
      }
    },
    onSubscribe: ({ extra: { actor, sharedCount }, subscriptions }, _id, payload) => {
      if (!actor) return [new HubError('UNAUTHENTICATED', 'This connection has no key any more.')];
      const { operations } = parts.socketLimits;
      if (sharedCount + Object.keys(subscriptions).length > operations)
        return [
          new HubError('TOO_MANY_OPERATIONS', `A socket has at most ${operations} operations at once.`, {
            limit: operations,
          }),
        ];
      return prepared(parts, documents, actor, payload);
    },
    // A shared operation is taken over: for graphql-ws it is as if the client had completed it.
    onOperation: ({ extra: connection, subscriptions }, id, { query }, args, result) => {
      if (!isSharedSource(result) || !(id in subscriptions)) return;
      delete subscriptions[id];
      connection.share(id, { query, args, actor: connection.actor! }, result);
    },
    onError: (_context, _id, _payload, errors) => present(errors as readonly GraphQLError[]),
    onNext: (_context, _id, _payload, _args, result) =>
      result.errors ? ({ ...result, errors: present(result.errors) } as FormattedExecutionResult) : undefined,
    execute,
    subscribe: async (args) => {
      const source = await createSourceEventStream(args);
      if (!(Symbol.asyncIterator in source)) return source;
      return isSharedSource(source) ? (source as never) : new ExecutedEvents(source, args);
    },
  });
}

function presenting({ log }: Pick<ServerParts, 'log'>) {
  return (errors: readonly GraphQLError[]): GraphQLFormattedError[] =>
    errors.map((error) => presentError(error.toJSON(), error, log));
}

/** The execution of one operation, or the errors that refuse it; as strict as Apollo Server is over HTTP. */
function prepared(
  parts: ServerParts,
  documents: AdmittedDocuments,
  actor: Actor,
  payload: SubscribeMessage['payload'],
) {
  const admitted = documents.get(payload.query) ?? admit(parts.schema, documents, payload.query);
  if (Array.isArray(admitted)) return admitted;
  if (!admitted.operation(payload.operationName))
    return [
      refusal(
        'OPERATION_RESOLUTION_FAILURE',
        'Name the operation to execute: the document has none of that name.',
      ),
    ];
  const unstorable = unstorableVariable(payload.variables);
  if (unstorable) return [new HubError('BAD_USER_INPUT', unstorable)];
  return {
    schema: parts.schema,
    document: admitted.document,
    operationName: payload.operationName,
    variableValues: payload.variables,
    contextValue: parts.contextOf(actor),
  } satisfies ExecutionArgs;
}

/** Judges a document that is not known yet. */
function admit(
  schema: GraphQLSchema,
  documents: AdmittedDocuments,
  source: string,
): AdmittedDocument | GraphQLError[] {
  const document = parsed(source);
  if (document instanceof GraphQLError) return [document];
  const errors = validate(schema, document, [...specifiedRules, withinLimits]);
  if (errors.length > 0) return [...errors];
  const unstorable = unstorableLiteral(document);
  if (unstorable) return [new HubError('BAD_USER_INPUT', unstorable)];
  return documents.admit(source, document);
}

function parsed(query: string): DocumentNode | GraphQLError {
  try {
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
