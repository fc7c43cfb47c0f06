import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';

/** How a hostile client reaches the hub, and what it was answered. */
export class HostileClient {
  /** How often each answer came, by HTTP status, code or close code. */
  answers = new Map();
  #open = new Set();

  constructor(hub, key, signal) {
    this.hub = hub;
    this.key = key;
    this.signal = signal;
    this.host = new URL(hub.url);
  }

  count(answer) {
    this.answers.set(answer, (this.answers.get(answer) ?? 0) + 1);
  }

  /** Repeats an act on `connections` lines at once until the row is over. */
  async repeat(connections, act) {
    const line = async (number) => {
      while (!this.signal.aborted) {
        try {
          await act(number);
        } catch (error) {
          this.count(
            error.name === 'AbortError' ? 'left' : (error.cause?.code ?? error.code ?? error.message),
          );
          await delay(10);
        }
      }
    };
    await Promise.all(Array.from({ length: connections }, (_, number) => line(number)));
  }

  /** One POST of a JSON body, or of a text as it is; the answer is read to its end and counted by its code. */
  async post(body, { path = '/graphql', headers = {}, key = this.key, leaveAfterMs } = {}) {
    const response = await fetch(`${this.hub.url}${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(key && { authorization: `Bearer ${key}` }),
        ...headers,
      },
      body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
      signal: leaveAfterMs === undefined ? this.signal : AbortSignal.timeout(leaveAfterMs),
    });
    const text = await response.text();
    const code = /"code":"([A-Z_]+)"/.exec(text)?.[1] ?? 'data';
    this.count(`${response.status} ${code}`);
    if (response.status === 429) await delay(50); // a client that is refused would rather try something else
    return text;
  }

  /** A connection below HTTP that is ended with the row. */
  raw(onData = () => undefined) {
    const socket = connect(Number(this.host.port), this.host.hostname);
    socket.on('data', onData);
    return this.#owned(socket, 'close', () => socket.destroy());
  }

  /** A WebSocket that has been acknowledged, unless it is to be left mute. */
  async socket({ silent = false, params = { authorization: `Bearer ${this.key}` } } = {}) {
    const socket = new WebSocket(`${this.hub.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    socket.on('close', (code) => this.count(`closed ${code}`));
    this.#owned(socket, 'close', () => socket.terminate());
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    if (silent) return socket;
    socket.send(JSON.stringify({ type: 'connection_init', payload: params }));
    await new Promise((resolve, reject) => {
      socket.once('message', resolve).once('close', (code) => reject(new Error(`closed ${code}`)));
    });
    socket.on('message', (text) =>
      this.count(/"code":"([A-Z_]+)"/.exec(String(text))?.[1] ?? JSON.parse(text).type),
    );
    return socket;
  }

  /** An event stream whose events are counted, or left unread. */
  async stream(query, { read = true } = {}) {
    const body = JSON.stringify({ query });
    const head =
      `POST /graphql/stream HTTP/1.1\r\nhost: x\r\naccept: text/event-stream\r\nauthorization: Bearer ${this.key}\r\n` +
      `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n`;
    let seen = false;
    const socket = this.raw((chunk) => {
      if (!seen) this.count(`stream ${chunk.toString('latin1', 9, 12)}`);
      seen = true;
      if (!read) socket.pause();
    });
    socket.write(head + body);
    return socket;
  }

  close() {
    for (const end of this.#open) end();
    this.#open.clear();
  }

  #owned(emitter, event, end) {
    emitter.on('error', (error) => this.count(error.code ?? error.message));
    this.#open.add(end);
    emitter.once(event, () => this.#open.delete(end));
    return emitter;
  }
}

/** Waits until the row is over. */
export const untilOver = (client) =>
  client.signal.aborted
    ? undefined
    : new Promise((resolve) => client.signal.addEventListener('abort', resolve));
