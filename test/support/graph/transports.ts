import WebSocket from 'ws';
import { createClient } from 'graphql-ws';
import { GRAPHQL_TRANSPORT_WS_PROTOCOL } from 'graphql-ws';
import type { RunningHub } from '../hub.ts';

export interface ToldError {
  message: string;
  path?: (string | number)[];
  extensions: { code: string; retryable?: boolean; [detail: string]: unknown };
}
export interface Answer<Data = Record<string, unknown>> {
  data?: Data | null;
  errors?: ToldError[];
  /** Over HTTP only, whichever way. */
  status?: number;
}

/** One way of sending an operation and getting its first answer, whatever it says. */
export interface Transport {
  name: 'HTTP' | 'HTTP, the lean way' | 'HTTP, Apollo Server' | 'WebSocket';
  send: <Data = Record<string, unknown>>(
    hub: Pick<RunningHub, 'url' | 'adminKey'>,
    query: string,
    variables?: object,
    operationName?: string,
  ) => Promise<Answer<Data>>;
}

export const overHttp: Transport = {
  name: 'HTTP',
  async send(hub, query, variables, operationName) {
    const response = await post(hub, JSON.stringify({ query, variables, operationName }));
    return { ...((await response.json()) as Answer<never>), status: response.status };
  },
};

/** Asks for Apollo Server, which serves whatever the lean path does not. */
export const BY_APOLLO = { 'apollo-require-preflight': '1' };

const overApollo: Transport = {
  name: 'HTTP, Apollo Server',
  async send(hub, query, variables, operationName) {
    const response = await post(hub, JSON.stringify({ query, variables, operationName }), BY_APOLLO);
    return { ...((await response.json()) as Answer<never>), status: response.status };
  },
};

/** As a document is served that was sent before: by the lean path, if it is a good one. */
const overLean: Transport = {
  name: 'HTTP, the lean way',
  async send(hub, query, variables, operationName) {
    await makeKnown(hub, query);
    return overHttp.send(hub, query, variables, operationName);
  },
};

/** Has a document parsed, validated and remembered; nothing of it is executed, since it has no such operation. */
export async function makeKnown(hub: Pick<RunningHub, 'url' | 'adminKey'>, query: string): Promise<void> {
  const response = await post(hub, JSON.stringify({ query, operationName: 'NobodyHasThisName' }));
  await response.arrayBuffer();
}

export const overSocket: Transport = {
  name: 'WebSocket',
  async send(hub, query, variables, operationName) {
    const client = createClient({
      url: socketUrl(hub),
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${hub.adminKey}` },
      retryAttempts: 0,
    });
    try {
      return await new Promise<Answer<never>>((resolve, reject) => {
        client.subscribe(
          { query, variables: variables as Record<string, unknown>, operationName },
          {
            next: (answer) => resolve(answer as Answer<never>),
            error: (error) =>
              Array.isArray(error) ? resolve({ errors: error as ToldError[] }) : reject(failure(error)),
            complete: () => reject(new Error('completed without an answer')),
          },
        );
      });
    } finally {
      await client.dispose();
    }
  },
};

/** A client is told of a closed socket by its close event, which says nothing when thrown. */
function failure(error: unknown): Error {
  const { code, reason } = error as { code?: number; reason?: string };
  return new Error(`the socket was closed with ${code}: ${reason}`);
}

export const transports = [overLean, overApollo, overSocket];

/** A POST of exactly this body. */
export function post(
  hub: Pick<RunningHub, 'url' | 'adminKey'>,
  body: string | Uint8Array,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(`${hub.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${hub.adminKey}`, ...headers },
    body: body as string,
  });
}

export const socketUrl = ({ url }: Pick<RunningHub, 'url'>) => `${url.replace('http', 'ws')}/graphql`;

export interface RawSocket {
  socket: WebSocket;
  /** What the server has sent so far. */
  received: { type: string; id?: string; payload?: unknown }[];
  /** The code and reason of the close. */
  closed: Promise<{ code: number; reason: string }>;
}

/** A socket below the protocol, to send what no client library would. */
export async function openSocket(hub: Pick<RunningHub, 'url'>, path?: string): Promise<RawSocket> {
  const socket = new WebSocket(
    path ? `${hub.url.replace('http', 'ws')}${path}` : socketUrl(hub),
    GRAPHQL_TRANSPORT_WS_PROTOCOL,
  );
  const received: RawSocket['received'] = [];
  socket.on('message', (data) => received.push(JSON.parse(String(data))));
  const closed = new Promise<{ code: number; reason: string }>((resolve) =>
    socket.once('close', (code, reason) => resolve({ code, reason: String(reason) })),
  );
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  socket.on('error', () => undefined); // 'close' follows
  return { socket, received, closed };
}

/** A raw socket whose key the hub has accepted. */
export async function openSignedIn(hub: Pick<RunningHub, 'url' | 'adminKey'>): Promise<RawSocket> {
  const raw = await openSocket(hub);
  const acknowledged = new Promise((resolve) => raw.socket.once('message', resolve));
  raw.socket.send(initMessage({ authorization: `Bearer ${hub.adminKey}` }));
  await acknowledged;
  return raw;
}

export const initMessage = (payload?: object) => JSON.stringify({ type: 'connection_init', payload });
