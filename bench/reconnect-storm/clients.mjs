import WebSocket from 'ws';

/**
 * Clients that remember the version of each SKU they were told of, in a process of their own. `connect` opens all of
 * them, at once or by hundreds, with `resume` of what they remember; `told` counts messages since.
 */
const QUERY = `subscription WatchAtp($skus: [ID!]!, $resume: [AtpVersionInput!]) {
  atp(skus: $skus, resume: $resume) { kind atp { sku { code } version quantity } }
}`;
let clients = [];
let told = 0;

function connect(client, url, key) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, 'graphql-transport-ws', { perMessageDeflate: false });
    client.socket = socket;
    socket.on('error', reject);
    socket.on('open', () =>
      socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${key}` } })),
    );
    socket.on('message', (data) => {
      const { type, payload } = JSON.parse(data);
      if (type === 'connection_ack') {
        const resume = [...client.versions].map(([sku, version]) => ({ sku, version }));
        socket.send(
          JSON.stringify({
            id: '1',
            type: 'subscribe',
            payload: { query: QUERY, variables: { skus: client.skus, resume } },
          }),
        );
        resolve();
      } else if (type === 'next') {
        told += 1;
        client.versions.set(payload.data.atp.atp.sku.code, payload.data.atp.atp.version);
      } else if (type === 'ping') socket.send('{"type":"pong"}');
    });
  });
}

const does = {
  make: ({ baskets }) => void (clients = baskets.map((skus) => ({ skus, versions: new Map() }))),
  async connect({ url, key, atOnce }) {
    told = 0;
    for (let from = 0; from < clients.length; from += atOnce)
      await Promise.all(clients.slice(from, from + atOnce).map((client) => connect(client, url, key)));
  },
  told: () => told,
  /** Clients that do not show the given version of a SKU that they watch. */
  behind: ({ versions }) => {
    const current = new Map(versions);
    return clients.filter(({ skus, versions: known }) =>
      skus.some((sku) => current.has(sku) && !known.get(sku)?.startsWith(current.get(sku))),
    ).length;
  },
  close: () => clients.forEach(({ socket }) => socket.terminate()),
};
process.on('message', async ({ what, ...rest }) => {
  try {
    process.send({ answer: await does[what](rest) });
  } catch (error) {
    process.send({ error: String(error?.stack ?? error) });
  }
});
process.on('disconnect', () => process.exit());
