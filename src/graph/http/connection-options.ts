import { STATUS_CODES, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { HubError } from '../../platform/errors.ts';
import type { ConnectionLimits } from '../../platform/process/connection-limits.ts';

/** How often connections that are late are looked for; a limit is kept as exactly as this. */
const CHECK_EVERY_MS = 500;

/** Requests that were answered before all of their body had come, by connection. */
const answeredEarly = new WeakMap<Socket, IncomingMessage>();

/** Marks a request as being answered; one whose body still comes must not be answered a second time. */
export function markAnswered(request: IncomingMessage): void {
  if (!request.complete) answeredEarly.set(request.socket, request);
}

/**
 * The time limits of connections, as Fastify and Node.js take them. They count from the first byte of a request, or from
 * the connection, whatever the route says: a body is given up also where the request was refused before it was read.
 */
export function connectionOptions({ headersMs, requestMs, keepAliveMs }: ConnectionLimits) {
  return {
    requestTimeout: requestMs,
    keepAliveTimeout: keepAliveMs,
    http: {
      headersTimeout: headersMs,
      requestTimeout: requestMs,
      connectionsCheckingInterval: CHECK_EVERY_MS,
    },
    clientErrorHandler: answerClientError,
  };
}

/** Answers a request that is none, or came too slowly, unless it was answered already; closes its connection. */
function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const early = answeredEarly.get(socket);
  if (socket.writable && (early === undefined || early.complete)) {
    const { status, failure } = refusalOf(error);
    const body = JSON.stringify({ errors: [failure] });
    socket.write(
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\ncontent-type: application/json; charset=utf-8\r\n` +
        `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
  }
  socket.destroySoon();
}

function refusalOf({ code }: { code?: string }): { status: number; failure: HubError } {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return {
      status: 408,
      failure: new HubError('REQUEST_TIMEOUT', 'The request did not come within its time.'),
    };
  if (code === 'HPE_HEADER_OVERFLOW')
    return {
      status: 431,
      failure: new HubError('BODY_INVALID', 'The headers of the request are too large; 16 kB are allowed.'),
    };
  return { status: 400, failure: new HubError('BODY_INVALID', 'The request is not HTTP.') };
}
