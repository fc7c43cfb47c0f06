import { useEffect, useState, type ReactNode } from 'react';
import { Provider, type Client } from 'urql';
import { createApi } from './client.ts';
import { createSocket } from './socket.ts';

interface Props {
  accessKey: string;
  children: ReactNode;
}

/** One client and one socket a key. Give it `key={accessKey}`: another key starts from nothing. */
export function ApiProvider({ accessKey, children }: Props) {
  const [api, setApi] = useState<Client>();
  useEffect(() => {
    const socket = createSocket(accessKey);
    setApi(createApi(accessKey, socket));
    return () => void socket.dispose();
  }, [accessKey]);
  return api && <Provider value={api}>{children}</Provider>;
}
