import { createGraphiQLFetcher, type Fetcher } from '@graphiql/toolkit';
import type { Client as Socket } from 'graphql-ws';
import { authorizedFetch } from '../access/authorized-fetch.ts';
import { httpEndpoint } from '../api/endpoint.ts';

export const createFetcher = (key: string, socket: Socket): Fetcher =>
  createGraphiQLFetcher({
    url: httpEndpoint(),
    fetch: authorizedFetch(key),
    wsClient: socket,
    // The hub answers in one part; the multipart fetcher of the toolkit would not use our fetch.
    enableIncrementalDelivery: false,
  });
