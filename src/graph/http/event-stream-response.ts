import type { ServerResponse } from 'node:http';
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

/**
 * An answer of server-sent events to a reader of any speed. Nothing is taken from a source while the reader has not
 * made room for it, so what waits for a slow one waits in the source, where the latest value replaces older ones. Who
 * takes nothing from one keep-alive to the next is cut.
 */
export class EventStream {
  private readonly timer: NodeJS.Timeout;
  private source: AsyncIterator<unknown> | undefined;
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
