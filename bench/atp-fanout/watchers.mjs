import { randomUUID } from 'node:crypto';
import WebSocket from 'ws';

/**
 * The clients, in a process of their own: sockets that subscribe and count. Of every tenth socket each message's
 * arrival is kept, by SKU and commit counter. As little as can be is done with a message: the machine is shared with
 * the server that is measured.
 */
const QUERY = `subscription WatchAtp($skus: [ID!]!) {
  atp(skus: $skus) {
    kind previousVersion coalesced
    atp { sku { code } quantity version asOf terms { kind quantity } }
  }
}`;
const OPENING_AT_ONCE = 100;
const KEPT_ONE_IN = 10;

const counted = { deliveries: 0, bytes: 0, closed: 0 };
let sample;
let arrivals = new Map();
const sockets = [];

function open({ url, key, skus, keep }) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, 'graphql-transport-ws', { perMessageDeflate: false });
    socket.on('open', () =>
      socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${key}` } })),
    );
    socket.once('message', () => {
      const payload = { query: QUERY, variables: { skus } };
      socket.send(JSON.stringify({ id: randomUUID(), type: 'subscribe', payload }));
      socket.on('message', (data) => take(data, keep));
      resolve(socket);
    });
    socket.on('close', () => (counted.closed += 1));
    socket.on('error', reject);
  });
}

function take(data, keep) {
  counted.deliveries += 1;
  counted.bytes += data.length;
  if (!keep) return;
  sample = data;
  const text = data.latin1Slice();
  const code = /"code":"([^"]*)"/.exec(text)?.[1];
  const counter = /"version":"0*(\d*)\./.exec(text)?.[1];
  if (code === undefined || counter === undefined) return;
  const at = `${code} ${counter}`;
  const known = arrivals.get(at);
  const now = performance.timeOrigin + performance.now();
  if (known) known.push(now);
  else arrivals.set(at, [now]);
}

const does = {
  async open({ url, key, baskets }) {
    for (let from = 0; from < baskets.length; from += OPENING_AT_ONCE)
      sockets.push(
        ...(await Promise.all(
          baskets
            .slice(from, from + OPENING_AT_ONCE)
            .map((skus, at) => open({ url, key, skus, keep: (from + at) % KEPT_ONE_IN === 0 })),
        )),
      );
  },
  count: () => ({ ...counted, sample: sample && JSON.parse(sample.toString()) }),
  forget: () => void (arrivals = new Map()),
  arrivals: () => [...arrivals],
  pause: () => sockets.forEach((socket) => socket.pause()),
  resume: () => sockets.forEach((socket) => socket.resume()),
  close: () => sockets.splice(0).forEach((socket) => socket.terminate()),
};
process.on('message', async ({ what, ...rest }) => {
  try {
    process.send({ answer: await does[what](rest) });
  } catch (error) {
    process.send({ error: String(error?.stack ?? error) });
  }
});
process.on('disconnect', () => process.exit());
