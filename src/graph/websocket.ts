import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import {
  GraphQLError,
  execute,
  parse,
  specifiedRules,
  subscribe,
  validate,
  type DocumentNode,
  type ExecutionArgs,
  type FormattedExecutionResult,
  type GraphQLFormattedError,
  type GraphQLSchema,
} from 'graphql';
import { handleProtocols, type SubscribeMessage } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { HubError } from '../platform/errors.ts';
import type { Actor } from '../platform/access.ts';
import type { AdmittedDocument, AdmittedDocuments } from './admitted-documents.ts';
import { limits, withinLimits } from './limits.ts';
import { presentError } from './present-error.ts';
import type { ServerParts } from './server-parts.ts';
import { unstorableLiteral, unstorableVariable } from './storable-text.ts';

const KEEP_ALIVE_MS = 12_000;
const CONNECTION_INIT_TIMEOUT_MS = 5_000;

/**
 * GraphQL over WebSocket (protocol graphql-transport-ws) at /graphql, under the rules that HTTP has: key, limits,
 * masking. A connection without a good key is closed with 4403.
 */
export function serveWebSocket(
  server: Server,
  parts: ServerParts,
  documents: AdmittedDocuments,
): { close: () => Promise<void> } {
  const sockets = new WebSocketServer({ noServer: true, handleProtocols, maxPayload: limits.bodyBytes });
  const actors = new WeakMap<object, Actor>();
  const present = (errors: readonly GraphQLError[]): GraphQLFormattedError[] =>
    errors.map((error) => presentError(error.toJSON(), error, parts.log));

  // A text frame is checked to be UTF-8; a binary one would be read with replaced characters that nobody sent.
  sockets.on('connection', (socket) =>
    socket.on('message', (_data, isBinary) => {
      if (!isBinary) return;
      actors.delete(socket); // so that this message is not executed either
      socket.close(1003, 'Send text frames.');
    }),
  );
  const graphql = useServer(
    {
      isProd: true, // a defect closes the socket without telling its message
      connectionInitWaitTimeout: CONNECTION_INIT_TIMEOUT_MS,
      onConnect: async (context) => {
        try {
          actors.set(
            context.extra.socket,
            await parts.access.authenticate(context.connectionParams?.authorization),
          );
          return true;
        } catch (error) {
          if (error instanceof HubError) return false; // closes with 4403 Forbidden
          throw error;
        }
      },
      onSubscribe: (context, _id, payload) => {
        const actor = actors.get(context.extra.socket);
        if (!actor) return [new HubError('UNAUTHENTICATED', 'This connection has no key any more.')];
        return prepared(parts, documents, actor, payload);
      },
      onError: (_context, _id, _payload, errors) => present(errors as readonly GraphQLError[]),
      onNext: (_context, _id, _payload, _args, result) =>
        result.errors
          ? ({ ...result, errors: present(result.errors) } as FormattedExecutionResult)
          : undefined,
      execute,
      subscribe,
    },
    sockets,
    KEEP_ALIVE_MS,
  );

  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (request.url?.split('?')[0] !== '/graphql') {
      socket.on('error', () => socket.destroy()); // nobody else listens, and an unheard error ends the process
      socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) =>
      sockets.emit('connection', webSocket, request),
    );
  });

  return {
    async close() {
      for (const client of sockets.clients) client.close(1001, 'The hub is going away; reconnect.');
      await graphql.dispose();
    },
  };
}

/** The execution of one operation, or the errors that refuse it; as strict as Apollo Server is over HTTP. */
export function prepared(
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
