import { CloseCode } from 'graphql-ws';
import type { WebSocket } from 'ws';
import type { Access, Actor, KeyInvalidation } from '../../platform/api/actor.ts';
import type { HubError } from '../../platform/errors.ts';
import { TOO_MANY_WRONG_KEYS } from './socket-connection.ts';

/** The close code by reason: with an expired key it may get a new one, with a revoked one nobody wants it back. */
const codeOf = {
  EXPIRED: { code: CloseCode.Unauthorized, reason: 'The key has expired.' },
  REVOKED: { code: CloseCode.Forbidden, reason: 'The key was revoked.' },
} as const satisfies Record<KeyInvalidation, { code: number; reason: string }>;

/** The key of a `connection_init`: clients write the name of the header in either case. */
export function authorizationOf(params: Readonly<Record<string, unknown>> | undefined): unknown {
  const named = Object.entries(params ?? {}).find(([name]) => name.toLowerCase() === 'authorization');
  return named?.[1];
}

const NO_KEY = 'No key was sent: connectionParams must be {"authorization": "Bearer <key>"}.';

/** Closes a socket that brought no good key, with the reason that its owner needs. */
export function rejectSocket(socket: WebSocket, authorization: unknown, error: HubError): void {
  const { keyState } = error.extensions;
  if (error.code === 'RATE_LIMITED') socket.close(TOO_MANY_WRONG_KEYS, error.message);
  else if (keyState === 'EXPIRED' || keyState === 'REVOKED') {
    const { code, reason } = codeOf[keyState];
    socket.close(code, reason);
  } else {
    const isMissing = typeof authorization !== 'string' || authorization === '';
    socket.close(CloseCode.Forbidden, isMissing ? NO_KEY : error.message);
  }
}

/** Has the socket closed when its key ends. @param onEnd called before: nothing may be executed for it any more */
export function closeWithKey(socket: WebSocket, access: Access, actor: Actor, onEnd: () => void): void {
  const stopWatching = access.onKeyInvalidated?.(actor, (why) => {
    onEnd();
    socket.close(codeOf[why].code, codeOf[why].reason);
  });
  if (stopWatching) socket.once('close', stopWatching);
}

/** So many clients come back in a second, spread evenly; a process of one core takes several times that. */
const RETURNING_A_SECOND = 1_000;
const SHORTEST_WINDOW_MS = 1_000;
const LONGEST_WINDOW_MS = 30_000;

/** When each of `count` clients is to come back, in milliseconds from now: spread over a window that grows with them. */
export function reconnectDelays(count: number, random: () => number = Math.random): number[] {
  const wanted = (count / RETURNING_A_SECOND) * 1000;
  const windowMs = Math.min(LONGEST_WINDOW_MS, Math.max(SHORTEST_WINDOW_MS, wanted));
  return Array.from({ length: count }, (_, index) => Math.round(((index + random()) / count) * windowMs));
}

/** Closes all sockets with 1001, telling each when to come back, so that they do not all come at once. */
export function closeForRestart(sockets: ReadonlySet<WebSocket>): void {
  const times = reconnectDelays(sockets.size);
  for (const socket of sockets)
    socket.close(1001, JSON.stringify({ message: 'Server is restarting.', retryAfterMs: times.pop() }));
}
