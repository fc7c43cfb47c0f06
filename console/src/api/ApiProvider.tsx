import type { Client as Socket } from 'graphql-ws';
import { createContext, use, useState, type ReactNode } from 'react';
import { Provider } from 'urql';
import { createApi } from './client.ts';
import { createSocket } from './socket.ts';

interface Props {
  accessKey: string;
  children: ReactNode;
}

const SocketContext = createContext<Socket | undefined>(undefined);

/**
 * One client and one socket a key. Give it `key={accessKey}`: another key starts from nothing. Nothing is to be closed here:
 * the socket opens with the first subscription and closes with the last.
 */
export function ApiProvider({ accessKey, children }: Props) {
  const [{ api, socket }] = useState(() => ({ api: createApi(accessKey), socket: createSocket(accessKey) }));
  return (
    <SocketContext value={socket}>
      <Provider value={api}>{children}</Provider>
    </SocketContext>
  );
}

/** The socket of the key that is in use. */
export function useSocket(): Socket {
  const socket = use(SocketContext);
  if (!socket) throw new Error('there is no ApiProvider around this');
  return socket;
}
