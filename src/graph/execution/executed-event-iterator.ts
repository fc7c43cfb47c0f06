import { setTimeout as delay } from 'node:timers/promises';
import type { ExecutionResult } from 'graphql';
import { executeAfterOutage } from './after-outage.ts';
import { executePrepared, type PreparedOperation } from './prepare-operation.ts';

/**
 * Each event of a source executed for one subscriber, as `subscribe` of graphql-js does it; in an outage of the
 * database, once it is over.
 */
export class ExecutedEvents implements AsyncIterableIterator<ExecutionResult> {
  private readonly events: AsyncIterator<unknown>;
  private left = false;

  constructor(
    source: AsyncIterable<unknown>,
    private readonly operation: PreparedOperation,
  ) {
    this.events = source[Symbol.asyncIterator]();
  }

  async next(): Promise<IteratorResult<ExecutionResult, undefined>> {
    const event = await this.events.next();
    if (event.done) return { done: true, value: undefined };
    const waitMs = this.operation.eventDelayMs();
    if (waitMs > 0) await delay(waitMs, undefined, { ref: false });
    const run = () => executePrepared(this.operation, event.value);
    return { done: false, value: await executeAfterOutage(run, () => !this.left) };
  }

  async return(): Promise<IteratorResult<ExecutionResult, undefined>> {
    this.left = true;
    await this.events.return?.();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
