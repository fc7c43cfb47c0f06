import { createClient, type Client } from 'graphql-ws';
import { untilRetry } from './back-off.ts';
import { advisedMs, remedyFor } from './close-codes.ts';

const PING_EVERY_MS = 15_000;
const PONG_WITHIN_MS = 8_000;
const NORMAL = 1000;
const CLOSED_SILENT = 4408;

/** How the socket is, for showing it. */
export type SocketState = 'connecting' | 'live' | 'reconnecting';

export interface LiveSocketOptions {
  /** Address of the hub's GraphQL: `ws://…/graphql` or `wss://…/graphql`. */
  url: string;
  key: string;
  /** The WebSocket implementation to use, e.g. `ws`, where there is no global `WebSocket` (Node before 22). */
  webSocketImpl?: unknown;
  onState?: (state: SocketState) => void;
  /** The hub does not take the key, or no longer: the socket does not come back. */
  onKeyRefused?: () => void;
}

/**
 * One socket for all subscriptions; a graphql-ws client, so that other operations may use it too. It opens with the first
 * subscription, closes with the last, and comes back for ever, unless that cannot help.
 */
export function createLiveSocket({
  url,
  key,
  webSocketImpl,
  onState,
  onKeyRefused,
}: LiveSocketOptions): Client {
  const dog = watchdog();
  let advised: number | undefined;
  let ids = 0;
  return createClient({
    url,
    webSocketImpl,
    connectionParams: { authorization: `Bearer ${key}` },
    // Short, and on every socket the same: subscribers with the same id are sent the very same bytes.
    generateID: () => String((ids += 1)),
    retryAttempts: Number.POSITIVE_INFINITY,
    retryWait: (attempt) => untilRetry(attempt, advised),
    shouldRetry: (event) => remedyFor(event) === 'RETRY',
    keepAlive: PING_EVERY_MS,
    on: {
      connecting: (isRetry) => onState?.(isRetry ? 'reconnecting' : 'connecting'),
      connected: (socket) => {
        dog.connected(socket);
        onState?.('live');
      },
      ping: dog.ping,
      pong: dog.pong,
      closed: (event) => {
        dog.closed();
        advised = advisedMs(event);
        if (!closedByUs(event)) onState?.('reconnecting');
        if (remedyFor(event) === 'KEY') onKeyRefused?.();
      },
    },
  });
}

/** A cable pulled out closes no socket: a ping without a pong does. */
function watchdog() {
  let socket: { close: (code: number, reason: string) => void } | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    connected: (opened: unknown) => void (socket = opened as NonNullable<typeof socket>),
    ping: (received: boolean) => {
      if (!received) timer = setTimeout(() => socket?.close(CLOSED_SILENT, 'no pong'), PONG_WITHIN_MS);
    },
    pong: (received: boolean) => received && clearTimeout(timer),
    closed: () => clearTimeout(timer),
  };
}

/** The farewell of a socket with another key may arrive when the next one is live already: it says nothing about that one. */
const closedByUs = (event: unknown) => (event as { code?: number } | null)?.code === NORMAL;
