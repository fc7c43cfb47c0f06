import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

/**
 * The limit: `ws` alone, sending the same bytes to every socket that wants them. No protocol but enough for the same
 * clients to connect; told over IPC what to send, and to whom by the SKUs they have named.
 */
const server = createServer();
const sockets = new WebSocketServer({
  server,
  perMessageDeflate: false,
  handleProtocols: () => 'graphql-transport-ws',
});
const watching = new Map();

sockets.on('connection', (socket) => {
  socket.on('message', (data) => {
    const message = JSON.parse(data);
    if (message.type === 'connection_init') return socket.send('{"type":"connection_ack"}');
    for (const sku of message.payload.variables.skus) {
      const watchers = watching.get(sku) ?? new Set();
      watching.set(sku, watchers.add(socket));
      socket.send(`{"id":${JSON.stringify(message.id)},"type":"next","payload":{}}`); // as a snapshot
    }
  });
  socket.on('error', () => undefined);
});
process.on('message', ({ sku, text }) => {
  if (text === undefined) return;
  const bytes = Buffer.from(text);
  for (const socket of watching.get(sku) ?? []) socket.send(bytes, { binary: false });
});
process.on('SIGTERM', () => process.exit());
server.listen(0, '127.0.0.1', () => console.log(`ready at http://127.0.0.1:${server.address().port}`));
