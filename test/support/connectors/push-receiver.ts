import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { RawPush } from '../../../connectors/spi/index.ts';

/** Takes the pushes of a system, as the hub would get them. */
export interface PushReceiver {
  url: string;
  readonly pushes: RawPush[];
  /** While false, pushes meet a hub that is down. */
  isUp: boolean;
  stop(): void;
}

/** @param port any free one if left out */
export async function startPushReceiver(port = 0): Promise<PushReceiver> {
  const pushes: RawPush[] = [];
  const server = createServer((request, response) => {
    if (!receiver.isUp) return request.socket.destroy();
    void buffer(request).then((body) => {
      const headers = Object.fromEntries(
        Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
      );
      pushes.push({ method: 'POST', headers, query: {}, body, receivedAt: new Date() });
      return response.end('{"ok":true}');
    });
    return undefined;
  }).listen(port, '127.0.0.1');
  await once(server, 'listening');
  const receiver: PushReceiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks/source`,
    pushes,
    isUp: true,
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
  return receiver;
}
