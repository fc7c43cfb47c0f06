import type { Client } from 'graphql-ws';
import { createLiveSocket } from '../../../client/live-atp/index.ts';
import { refuseKey } from '../access/key-store.ts';
import { setConnection } from './connection.ts';
import { socketEndpoint } from './endpoint.ts';

/** One socket for all subscriptions. It comes back for ever, unless the hub refuses the key. */
export const createSocket = (key: string): Client =>
  createLiveSocket({
    url: socketEndpoint(),
    key,
    onState: setConnection,
    onKeyRefused: () => refuseKey(key),
  });
