import { connect, type Socket } from 'node:net';
import { createClient, type Client } from 'graphql-sse';
import type { RunningHub } from './hub.ts';

type Address = Pick<RunningHub, 'url' | 'adminKey'>;

/** A GraphQL client over server-sent events, with the admin key. */
export function streamClient({ url, adminKey }: Address, retryAttempts = 0): Client {
  return createClient({
    url: `${url}/graphql/stream`,
    headers: { authorization: `Bearer ${adminKey}` },
    retryAttempts,
    retry: async () => undefined,
  });
}

/** The answer to exactly this request; its body is read as it comes. */
export function postStream(hub: Address, body: unknown, headers: Record<string, string> = {}) {
  return fetch(`${hub.url}/graphql/stream`, {
    method: 'POST',
    headers: {
      accept: 'text/event-stream',
      'content-type': 'application/json',
      authorization: `Bearer ${hub.adminKey}`,
      ...headers,
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

/** A connection below HTTP clients, whose reader can be paused. */
export function rawStream(hub: Address, body: object): Socket {
  const { hostname, port } = new URL(hub.url);
  const text = JSON.stringify(body);
  const socket = connect(Number(port), hostname);
  socket.write(
    `POST /graphql/stream HTTP/1.1\r\nhost: x\r\naccept: text/event-stream\r\nauthorization: Bearer ${hub.adminKey}\r\n` +
      `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  );
  return socket;
}
