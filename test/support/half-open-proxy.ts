import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** A way to a database whose bytes can vanish, or arrive late, while every socket stays open: a half-open network. */
export interface HalfOpenProxy {
  url: string;
  /** From now on bytes of both directions vanish; connections that are made meanwhile get no answer. */
  lose: () => void;
  /** Bytes of old connections still vanish, as their gaps cannot be mended; new connections work. */
  mend: () => void;
  /** Delays every chunk by so many ms in each direction. */
  delayBy: (ms: number) => void;
  close: () => Promise<void>;
}

export async function halfOpenProxyTo(databaseUrl: string): Promise<HalfOpenProxy> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let losing = false;
  let latencyMs = 0;
  /** Connections whose bytes are lost for good. */
  const broken = new Set<Socket>();
  const server = createServer((inbound) => {
    const outbound = connect(Number(target.port), target.hostname);
    sockets.add(inbound).add(outbound);
    if (losing) broken.add(inbound);
    for (const [from, to] of [
      [inbound, outbound],
      [outbound, inbound],
    ] as const) {
      let last = Promise.resolve();
      from.on('data', (chunk: Buffer) => {
        if (losing) broken.add(inbound);
        if (broken.has(inbound)) return;
        if (latencyMs === 0) return void to.write(chunk);
        const after = delay(latencyMs);
        last = last.then(() => after).then(() => void to.write(chunk));
      });
      from.on('error', () => undefined); // 'close' follows
      from.on('close', () => {
        sockets.delete(from);
        // The other side learns nothing of it where bytes are lost.
        if (!broken.has(inbound)) to.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    lose: () => {
      losing = true;
      for (const socket of sockets) broken.add(socket);
    },
    mend: () => {
      losing = false;
    },
    delayBy: (ms) => {
      latencyMs = ms;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
