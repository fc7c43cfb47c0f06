import { createClient, type Client } from 'graphql-ws';
import { bearer } from '../access/authorized-fetch.ts';
import { refuseKey } from '../access/key-store.ts';
import { isRefusalClose } from '../access/refusal.ts';
import { untilRetry } from './backoff.ts';
import { setConnection } from './connection.ts';
import { socketEndpoint } from './endpoint.ts';

const PING_EVERY_MS = 15_000;
const PONG_WITHIN_MS = 8_000;
const NORMAL = 1000;
const CLOSED_SILENT = 4408;

/** A cable pulled out closes no socket: a ping without a pong does. */
function watchdog() {
  let socket: WebSocket | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    connected: (opened: unknown) => void (socket = opened as WebSocket),
    ping: (received: boolean) => {
      if (!received) timer = setTimeout(() => socket?.close(CLOSED_SILENT, 'no pong'), PONG_WITHIN_MS);
    },
    pong: (received: boolean) => received && clearTimeout(timer),
    closed: () => clearTimeout(timer),
  };
}

/** The farewell of a socket with another key may arrive when the next one is live already: it says nothing about that one. */
const closedByUs = (event: unknown) => event instanceof CloseEvent && event.code === NORMAL;

/** One socket for all subscriptions. It comes back for ever, unless the hub refuses the key. */
export function createSocket(key: string): Client {
  const dog = watchdog();
  return createClient({
    url: socketEndpoint(),
    connectionParams: { authorization: bearer(key) },
    retryAttempts: Number.POSITIVE_INFINITY,
    retryWait: untilRetry,
    shouldRetry: (event) => !isRefusalClose(event),
    keepAlive: PING_EVERY_MS,
    on: {
      connecting: (isRetry) => setConnection(isRetry ? 'reconnecting' : 'connecting'),
      connected: (socket) => {
        dog.connected(socket);
        setConnection('live');
      },
      ping: dog.ping,
      pong: dog.pong,
      closed: (event) => {
        dog.closed();
        if (!closedByUs(event)) setConnection('reconnecting');
        if (isRefusalClose(event)) refuseKey(key);
      },
    },
  });
}
