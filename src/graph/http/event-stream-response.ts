import type { ServerResponse } from 'node:http';
import type { EventRenderer, SharedEventSource } from '../../platform/api/shared-event-source.ts';
import { resultIn } from '../execution/event-renderer-cache.ts';
import { SAFETY_HEADERS } from './safety-headers.ts';

/** As often as sockets are pinged. */
const KEEP_ALIVE_MS = 12_000;
/** The longest time, in ms, that written bytes may take to leave when the hub ends the stream. */
const LEAVE_WITHIN_MS = 1_000;

const HEADERS = {
  ...SAFETY_HEADERS,
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store, no-transform',
  // Proxies of the nginx kind would gather events until their buffer is full.
  'x-accel-buffering': 'no',
};

/** The last event made: one message goes to many streams, one after the other. */
class Events {
  private message: Buffer | undefined;
  private event = Buffer.alloc(0);

  of(message: Buffer): Buffer {
    if (message !== this.message) {
      this.event = Buffer.concat([BEFORE, resultIn(message), AFTER]);
      this.message = message;
    }
    return this.event;
  }
}
const [BEFORE, AFTER] = [Buffer.from('event: next\ndata: '), Buffer.from('\n\n')];
const events = new Events();

/**
 * An answer of server-sent events to a reader of any speed. Nothing is taken from a source while the reader has not
 * made room for it, so what waits for a slow one waits in the source, where the latest value replaces older ones. Who
 * takes nothing from one keep-alive to the next is cut.
 */
export class EventStream {
  private readonly timer: NodeJS.Timeout;
  private source: { return?: () => unknown } | undefined;
  private ended = false;
  private stalled = false;

  constructor(
    private readonly response: ServerResponse,
    keepAliveMs = KEEP_ALIVE_MS,
  ) {
    response.writeHead(200, HEADERS);
    response.write(':\n\n'); // headers alone are kept back by some browsers
    response.on('drain', () => (this.stalled = false));
    response.on('error', () => undefined); // 'close' follows
    response.once('close', () => this.stop());
    this.timer = setInterval(() => this.keepAlive(), keepAliveMs).unref();
  }

  /** Writes what `results` has, until it or the stream ends; then it has been returned. */
  async pump<T>(results: AsyncIterable<T>, textOf: (result: T) => string): Promise<void> {
    const source = results[Symbol.asyncIterator]();
    this.source = source;
    if (this.ended) await source.return?.();
    while (!this.ended) {
      const { done, value } = await source.next();
      if (done) return;
      await this.write(textOf(value as T));
    }
  }

  /** Writes the messages that are made for many, until the source or the stream ends; then it has left the source. */
  async follow<T>(source: SharedEventSource<T>, rendering: EventRenderer<T>): Promise<void> {
    if (this.ended) return;
    const { response } = this;
    let leave: (() => void) | undefined;
    await new Promise<void>((resolve) => {
      this.source = { return: resolve };
      leave = source.subscribe(rendering, {
        get ready() {
          return !response.writableNeedDrain;
        },
        send: (message) => void response.write(events.of(message)),
        whenReady: (go) => void (response.writableNeedDrain ? response.once('drain', go) : go()),
        end: resolve,
      });
    });
    leave?.();
  }

  /** Resolves when there is room for more, or nobody reads any more. */
  async write(text: string): Promise<void> {
    if (this.ended || this.response.write(text)) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        this.response.off('drain', done);
        this.response.off('close', done);
        resolve();
      };
      this.response.on('drain', done);
      this.response.on('close', done);
    });
  }

  /** Ends the answer, with a last text; resolves when it has left, or cannot. */
  async end(last = ''): Promise<void> {
    const { response } = this;
    this.stop();
    if (response.closed) return;
    const late = setTimeout(() => response.destroy(), LEAVE_WITHIN_MS);
    await new Promise<void>((resolve) => {
      response.once('close', resolve);
      response.end(last);
    });
    clearTimeout(late);
  }

  /** Breaks the connection, so that the reader cannot take it for an end. */
  cut(): void {
    this.response.destroy();
  }

  private stop(): void {
    this.ended = true;
    clearInterval(this.timer);
    void this.source?.return?.();
  }

  private keepAlive(): void {
    if (!this.response.writableNeedDrain) this.response.write(':\n\n');
    else if (this.stalled) this.cut();
    else this.stalled = true;
  }
}
