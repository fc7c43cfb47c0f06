import type { ExecutionResult } from 'graphql';
import { executePrepared, type PreparedOperation } from './prepare-operation.ts';

/** Each event of a source executed for one subscriber, as `subscribe` of graphql-js does it. */
export class ExecutedEvents implements AsyncIterableIterator<ExecutionResult> {
  private readonly events: AsyncIterator<unknown>;

  constructor(
    source: AsyncIterable<unknown>,
    private readonly operation: PreparedOperation,
  ) {
    this.events = source[Symbol.asyncIterator]();
  }

  async next(): Promise<IteratorResult<ExecutionResult, undefined>> {
    const event = await this.events.next();
    if (event.done) return { done: true, value: undefined };
    return { done: false, value: await executePrepared(this.operation, event.value) };
  }

  async return(): Promise<IteratorResult<ExecutionResult, undefined>> {
    await this.events.return?.();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
