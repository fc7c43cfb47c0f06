import { afterEach, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { WebhookHttpClient } from '../../../src/webhooks/http/webhook-http-client.ts';

const ends: (() => void)[] = [];
afterEach(() => ends.splice(0).forEach((end) => end()));

/** A server below HTTP; @param onRequest told of each request with its place in its connection */
async function serve(onRequest: (socket: Socket, nth: number) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    let nth = 0;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (data: Buffer) => {
      if (data.toString().includes('POST')) onRequest(socket, (nth += 1));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

function sender(answerWithinMs?: number): WebhookHttpClient {
  const made = new WebhookHttpClient('any', answerWithinMs);
  ends.push(() => made.close());
  return made;
}

const message = (url: string) => ({
  id: 'm1',
  url,
  payload: '{"type":"t","data":{}}',
  secrets: [`whsec_${Buffer.alloc(32, 7).toString('base64')}`],
});
const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n';

test('a connection that was kept and is lost in the moment of its use is no failure', async () => {
  let connections = 0;
  const url = await serve((socket, nth) => {
    if (nth === 1) connections += 1;
    if (nth === 1) socket.write(OK);
    else socket.resetAndDestroy();
  });
  const one = sender();
  for (let sent = 0; sent < 3; sent++)
    expect(await one.send(message(url))).toEqual({ status: 200, error: null, retryAfterMs: null });
  expect(connections).toBe(3);
});

test('a new connection that is cut is a failure', async () => {
  const url = await serve((socket) => socket.resetAndDestroy());
  expect(await sender().send(message(url))).toMatchObject({
    status: null,
    error: expect.stringMatching(/ECONNRESET/),
  });
});

test.each([
  ['no answer', () => undefined],
  [
    'an answer without an end',
    (socket: Socket) => void socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nx'),
  ],
])('%s is given up after the time for it', async (_what, answer) => {
  const url = await serve(answer);
  expect(await sender(100).send(message(url))).toEqual({
    status: null,
    error: 'no answer within 0.1 s',
    retryAfterMs: null,
  });
});

test('nobody listens', async () => {
  const url = await serve(() => undefined);
  ends.splice(0).forEach((end) => end());
  expect(await sender().send(message(url))).toMatchObject({ error: expect.stringMatching(/ECONNREFUSED/) });
});

test('of a refusal the status is stored, and nothing of what the receiver says; not all of it is read', async () => {
  const url = await serve((socket) => {
    socket.write('HTTP/1.1 500 No\r\ntransfer-encoding: chunked\r\nretry-after: 7\r\n\r\n');
    const chunk = `no\u0000\u001b[31m stock ${'x'.repeat(5_000)}`;
    const write = () => {
      while (!socket.destroyed && socket.write(`${Buffer.byteLength(chunk).toString(16)}\r\n${chunk}\r\n`));
      if (!socket.destroyed) socket.once('drain', write); // for ever
    };
    write();
  });
  const { status, error, retryAfterMs } = await sender().send(message(url));
  expect({ status, retryAfterMs }).toEqual({ status: 500, retryAfterMs: 7_000 });
  expect(error).toBe('answered 500');
});
