import type { Logger } from '../process/log.ts';

/** A name of what happens in a domain, and the type of what is told of it; declared by the domain that causes it. */
export interface Signal<Value> {
  readonly name: string;
  /** Of the type alone. */
  readonly value?: Value;
}

export function defineSignal<Value>(name: string): Signal<Value> {
  return { name };
}

type Listener = (value: never) => void;

/**
 * Carries what a commit has changed to the parts of this process, at once. Signals are hints: a crash loses
 * them, so a listener reads the database for what is true, and looks again by itself now and then.
 */
export class Signals {
  private readonly listeners = new Map<unknown, Listener[]>();

  constructor(private readonly log: Logger) {}

  /** Calls the listener with each value, until what is returned is called. */
  on<Value>(signal: Signal<Value>, listener: (value: Value) => void): () => void {
    this.listeners.set(signal, [...(this.listeners.get(signal) ?? []), listener as Listener]);
    return () => {
      const others = (this.listeners.get(signal) ?? []).filter((one) => one !== listener);
      this.listeners.set(signal, others);
    };
  }

  /** Called after the commit. A listener that fails does not keep it from the others: the change stands. */
  publish<Value>(signal: Signal<Value>, value: Value): void {
    for (const listener of this.listeners.get(signal) ?? [])
      try {
        listener(value as never);
      } catch (error) {
        this.log.error({ err: error, signal: signal.name }, 'a listener met a defect');
      }
  }
}
