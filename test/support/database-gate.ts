import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { StatementCounter } from './statement-counter.ts';

/** A way to a database, or to another server, that can be shut and opened again, on an address that stays the same. */
export interface DatabaseGate {
  url: string;
  /** Cuts all connections and refuses new ones, as a database server does that has been killed. */
  shut: () => Promise<void>;
  open: () => Promise<void>;
  /** Those that are open now. */
  connections: () => number;
  /** Statements that have passed, of PostgreSQL. */
  statements: () => number;
}

export async function gateTo(databaseUrl: string): Promise<DatabaseGate> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let statements = 0;
  const server = createServer((inbound) => {
    const outbound = connect(Number(target.port), target.hostname);
    for (const socket of [inbound, outbound]) {
      sockets.add(socket);
      socket.on('error', () => undefined); // 'close' follows
      socket.on('close', () => {
        sockets.delete(socket);
        inbound.destroy();
        outbound.destroy();
      });
    }
    const counter = new StatementCounter(() => (statements += 1));
    if (target.protocol.startsWith('postgres')) inbound.on('data', (chunk: Buffer) => counter.take(chunk));
    inbound.pipe(outbound).pipe(inbound);
  });
  const listen = async (port: number) => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  };
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String(port);
  return {
    url: url.href,
    async shut() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
    open: () => listen(port),
    connections: () => sockets.size / 2,
    statements: () => statements,
  };
}
