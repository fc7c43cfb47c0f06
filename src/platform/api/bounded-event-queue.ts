/** A client that falls further behind than this is better served by a query. */
const MAX_PENDING = 1_000;

/** Events for one client of a subscription; holds at most `MAX_PENDING` for it, dropping the oldest. */
export class BoundedEventQueue<T> implements AsyncIterableIterator<T> {
  private readonly pending: T[] = [];
  private wake: (() => void) | undefined;
  private ended = false;

  constructor(private readonly onEnd: () => void) {}

  push(event: T): void {
    this.pending.push(event);
    if (this.pending.length > MAX_PENDING) this.pending.shift();
    this.wake?.();
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    while (!this.ended) {
      const event = this.pending.shift();
      if (event !== undefined) return { done: false, value: event };
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    this.ended = true;
    this.onEnd();
    this.wake?.();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
