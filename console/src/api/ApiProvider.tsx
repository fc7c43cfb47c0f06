import { useState, type ReactNode } from 'react';
import { Provider } from 'urql';
import { createApi } from './client.ts';
import { createSocket } from './socket.ts';

interface Props {
  accessKey: string;
  children: ReactNode;
}

/**
 * One client and one socket a key. Give it `key={accessKey}`: another key starts from nothing. Nothing is to be closed here:
 * the socket opens with the first subscription and closes with the last.
 */
export function ApiProvider({ accessKey, children }: Props) {
  const [api] = useState(() => createApi(accessKey, createSocket(accessKey)));
  return <Provider value={api}>{children}</Provider>;
}
