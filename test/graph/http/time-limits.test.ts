import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { startHub, type RunningHub } from '../../support/hub.ts';

/** In seconds; the hub looks for late connections twice a second. */
const HEADERS = 1;
const REQUEST = 2;

let hub: RunningHub;
beforeAll(async () => {
  hub = await startHub({
    environment: {
      HUB_HEADERS_SECONDS: String(HEADERS),
      HUB_REQUEST_SECONDS: String(REQUEST),
      HUB_KEEP_ALIVE_SECONDS: '1',
    },
  });
});
afterAll(() => hub?.stop());

function open(): Socket {
  const { hostname, port } = new URL(hub.url);
  const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
  socket.on('error', () => undefined);
  return socket;
}

/** Sends a text, then one byte after the other until the hub has ended the connection. @returns what it answered */
async function dripping(head: string): Promise<string> {
  const socket = open();
  let told = '';
  socket.on('data', (chunk: Buffer) => (told += chunk.toString()));
  socket.write(head);
  const drip = setInterval(() => socket.write('x'), 100); // fails once nobody is there to read
  await closed(socket);
  clearInterval(drip);
  return told;
}

/** `once` would reject by the error of a write after the end. */
const closed = (socket: Socket) => new Promise((resolve) => socket.once('close', resolve));

const head = (path: string, more = '', method = 'POST') =>
  `${method} ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n${more}\r\n`;
const key = () => `authorization: Bearer ${hub.adminKey}\r\n`;

// All at once, each on connections of its own: what they wait for is the clock of the hub.
test.concurrent.each([
  ['/graphql', () => head('/graphql', key())],
  ['/graphql/stream', () => head('/graphql/stream', `${key()}accept: text/event-stream\r\n`)],
])('a body of one byte now and then ends with 408: %s', async (_path, request) => {
  const told = await dripping(request());
  expect(told).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
  expect(JSON.parse(told.split('\r\n\r\n')[1]!)).toEqual({
    errors: [
      {
        message: 'The request did not come within its time.',
        extensions: { code: 'REQUEST_TIMEOUT', retryable: true },
      },
    ],
  });
});

test.concurrent.each([
  ['refused for want of a key', 401, () => head('/graphql')],
  ['of an event stream without a key', 401, () => head('/graphql/stream')],
  ['to a page', 404, () => head('/graphiql')],
  ['to a source that there is not', 404, () => head('/hooks/nobody')],
  ['of a page', 200, () => head('/', '', 'GET')],
  ['of /livez', 200, () => head('/livez', '', 'GET')],
])('a request %s is answered once, and its body not read for ever', async (_what, status, request) => {
  const told = await dripping(request());
  // Where Fastify reads the body first, nothing was answered before the time was over.
  const answered = told.startsWith('HTTP/1.1 408') ? 408 : status;
  expect(told).toMatch(new RegExp(`^HTTP/1\\.1 ${answered} `));
  expect(told.match(/^HTTP\/1\.1/gm)).toHaveLength(1);
});

test.concurrent('headers of one byte now and then end with 408', async () => {
  expect(await dripping('GET /livez HTTP/1.1\r\nx-slow: ')).toMatch(/^HTTP\/1\.1 408 /);
});

test.concurrent('a connection that says nothing is closed', async () => {
  const socket = open();
  socket.resume();
  await once(socket, 'end');
  socket.destroy();
});

test.concurrent('a connection is closed that was refused an upgrade and does not go', async () => {
  const told = await dripping(
    'GET /other HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n',
  );
  expect(told).toMatch(/^HTTP\/1\.1 404 Not Found/);
});

test.concurrent('a kept connection is closed when no other request comes', async () => {
  const socket = open();
  let told = '';
  socket.on('data', (chunk: Buffer) => (told += chunk.toString()));
  socket.write('GET /livez HTTP/1.1\r\nhost: x\r\n\r\n');
  await once(socket, 'end');
  expect(told).toMatch(/^HTTP\/1\.1 200 OK/);
  socket.destroy();
});

test.concurrent(
  'what is no HTTP, and headers beyond 16 kB, are refused in the form of every refusal',
  async () => {
    const garbage = await dripping('\u0001\u0002 /graphql HTTP/9\r\n\r\n');
    expect(garbage).toMatch(/^HTTP\/1\.1 400 /);
    expect(garbage).toMatch(/"code":"BODY_INVALID"/);
    const large = await dripping(`GET /livez HTTP/1.1\r\nhost: x\r\nx-large: ${'x'.repeat(20_000)}\r\n\r\n`);
    expect(large).toMatch(/^HTTP\/1\.1 431 /);
    expect(large).toMatch(/"code":"BODY_INVALID"/);
  },
);
