import { setTimeout as delay } from 'node:timers/promises';
import { untilOver } from './client.mjs';

const subscribe = (id, query, variables) =>
  JSON.stringify({ id: String(id), type: 'subscribe', payload: { query, variables } });
const FIVE_LEVELS =
  '{orders(first:100){nodes{customer{orders(first:100){nodes{customer{orders(first:100){nodes{customer{orders(first:100){nodes{id}}}}}}}}}}}}';
const long = (skus) =>
  `{availableToPromise(skus:${JSON.stringify(skus.slice(0, 50))}){projection(days:180){on quantity onHand demand shortfall safetyBuffer}}}`;
const watch = (skus, days) =>
  `subscription{atp(skus:${JSON.stringify(skus)}){kind atp{quantity projection(days:${days}){on quantity onHand demand}}}}`;

/** Clients over WebSocket. @param skus of the shop; the first one is what the neighbour reserves */
export const overSockets = (skus) => [
  {
    name: '100 orders of 100 orders, five levels deep',
    run: async (client) => {
      const socket = await client.socket();
      let id = 0;
      await client.repeat(1, async () => {
        for (let n = 0; n < 20; n++) socket.send(subscribe(id++, FIVE_LEVELS));
        await delay(20);
      });
    },
  },
  {
    name: '60 long answers on a socket that reads nothing, again and again',
    run: (client) =>
      client.repeat(2, async () => {
        const socket = await client.socket();
        socket.pause();
        for (let id = 0; id < 60; id++) socket.send(subscribe(id, long(skus)));
        await delay(1_000);
        socket.terminate();
      }),
  },
  {
    name: 'long answers, as many as are read',
    run: async (client) => {
      const socket = await client.socket();
      let id = 0;
      const next = () => socket.readyState === 1 && socket.send(subscribe(id++, long(skus)));
      socket.on('message', (text) => JSON.parse(text).type !== 'next' && setTimeout(next, 1));
      for (let n = 0; n < 20; n++) next();
      await untilOver(client);
    },
  },
  {
    name: '2,000 sockets that never say who they are',
    run: async (client) => {
      for (let n = 0; n < 2_000 && !client.signal.aborted; n++) await client.socket({ silent: true });
      await untilOver(client);
    },
  },
  {
    name: '100 watchers of 50 SKUs on each of 10 sockets, with projections',
    run: async (client) => {
      for (let n = 0; n < 10; n++) {
        const socket = await client.socket();
        for (let id = 0; id < 100; id++) socket.send(subscribe(id, watch(skus.slice(0, 50), 30)));
      }
      await untilOver(client);
    },
  },
  {
    name: '100 different watchers of the moving SKU that read nothing',
    run: async (client) => {
      const socket = await client.socket();
      socket.pause();
      for (let id = 0; id < 100; id++) socket.send(subscribe(id, watch([skus[0]], 10 + id)));
      await untilOver(client);
    },
  },
  {
    name: 'subscribe and complete, 200 at a time',
    run: async (client) => {
      const socket = await client.socket();
      let id = 0;
      await client.repeat(1, async () => {
        for (let n = 0; n < 200; n++, id++) {
          socket.send(subscribe(id, watch([skus[n % skus.length]], 1)));
          socket.send(JSON.stringify({ id: String(id), type: 'complete' }));
        }
        await delay(50);
      });
    },
  },
  {
    name: 'connect, say who, leave',
    run: (client) => client.repeat(16, async () => (await client.socket()).terminate()),
  },
  {
    name: 'connect with keys that do not exist',
    run: (client) =>
      client.repeat(8, () =>
        client.socket({
          params: { authorization: `Bearer owk_${String(Math.random()).slice(2, 12)}_${'y'.repeat(41)}` },
        }),
      ),
  },
  {
    name: 'a million pings',
    run: async (client) => {
      const socket = await client.socket();
      await client.repeat(1, async () => {
        for (let n = 0; n < 2_000; n++) socket.send('{"type":"ping"}');
        await delay(20);
      });
    },
  },
  {
    name: 'frames of 5 MB, of no JSON, of no UTF-8',
    run: (client) =>
      client.repeat(4, async (number) => {
        const socket = await client.socket();
        if (number % 3 === 0) socket.send('x'.repeat(5_000_000));
        if (number % 3 === 1) socket.send('{"id":');
        if (number % 3 === 2) socket.send(Buffer.from([0xff, 0xfe, 0xff]), { binary: false });
        await delay(50);
        socket.terminate();
      }),
  },
  {
    name: '2,000 streams of one key',
    transport: 'event stream',
    run: async (client) => {
      for (let n = 0; n < 2_000 && !client.signal.aborted; n++) {
        await client.stream(watch([skus[0]], 1));
        if (n % 20 === 0) await delay(10);
      }
      await untilOver(client);
    },
  },
  {
    name: '100 streams of the longest projection that read nothing',
    transport: 'event stream',
    run: async (client) => {
      for (let n = 0; n < 100; n++) await client.stream(watch([skus[0]], 300), { read: false });
      await untilOver(client);
    },
  },
  {
    name: 'five levels deep',
    transport: 'event stream',
    run: (client) =>
      client.repeat(8, () =>
        client.post(
          { query: FIVE_LEVELS },
          { path: '/graphql/stream', headers: { accept: 'text/event-stream' } },
        ),
      ),
  },
  {
    name: 'long answers',
    transport: 'event stream',
    run: (client) =>
      client.repeat(8, () =>
        client.post(
          { query: long(skus) },
          { path: '/graphql/stream', headers: { accept: 'text/event-stream' } },
        ),
      ),
  },
];
