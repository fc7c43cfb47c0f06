import { GraphQLClient } from 'graphql-request';
import { createClient, type Client } from 'graphql-ws';
import WebSocket from 'ws';
import type { RunningHub } from './hub.ts';

type Address = Pick<RunningHub, 'url' | 'adminKey'>;

/** A GraphQL client over HTTP, with the admin key. */
export function httpClient({ url, adminKey }: Address): GraphQLClient {
  return new GraphQLClient(`${url}/graphql`, { headers: { authorization: `Bearer ${adminKey}` } });
}

/** A GraphQL client over WebSocket, with the admin key. */
export function socketClient({ url, adminKey }: Address): Client {
  return createClient({
    url: `${url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${adminKey}` },
    retryAttempts: 0,
  });
}
