import { Client, fetchExchange, mapExchange } from 'urql';
import { authorizedFetch } from '../access/authorized-fetch.ts';
import { refuseKey } from '../access/key-store.ts';
import { isRefusalCode } from '../access/refusal.ts';
import { httpEndpoint } from './endpoint.ts';

/** No cache exchange: every number here lives in the hub, and a stale one would be a promise nobody can keep. */
export function createApi(key: string): Client {
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
    ],
  });
}
