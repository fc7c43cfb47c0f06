import type { Client as Socket } from 'graphql-ws';
import { Client, fetchExchange, mapExchange, subscriptionExchange } from 'urql';
import { authorizedFetch } from '../access/authorized-fetch.ts';
import { refuseKey } from '../access/key-store.ts';
import { isRefusalCode } from '../access/refusal.ts';
import { httpEndpoint } from './endpoint.ts';
import { resumable } from './resume.ts';

/** No cache exchange: every number here lives in the hub, and a stale one would be a promise nobody can keep. */
export function createApi(key: string, socket: Socket): Client {
  return new Client({
    url: httpEndpoint(),
    preferGetMethod: false,
    fetch: authorizedFetch(key),
    exchanges: [
      mapExchange({
        onError: ({ graphQLErrors }) => {
          if (graphQLErrors.some((error) => isRefusalCode(error.extensions.code))) refuseKey(key);
        },
      }),
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query = '', variables, operationName }) => ({
          subscribe: (sink) => {
            const { payload, seen } = resumable({ query, variables, operationName });
            const unsubscribe = socket.subscribe(payload, {
              next: (result) => {
                seen(result);
                sink.next(result as Parameters<typeof sink.next>[0]);
              },
              error: (error) => sink.error(error),
              complete: () => sink.complete(),
            });
            return { unsubscribe };
          },
        }),
      }),
    ],
  });
}
