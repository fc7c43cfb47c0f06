import { writeSignal } from './signal.ts';

/** Of a topic, beyond which "anything" is said instead: what waits in an outage stays small. */
const MAX_KEYS = 10_000;

/** Signals that are still to be sent: each key once, however often it changes before that. */
export class Outbox {
  private topics = new Map<string, Set<string> | null>();

  get isEmpty(): boolean {
    return this.topics.size === 0;
  }

  add(topic: string, keys: Iterable<string> | null): void {
    const waiting = this.topics.get(topic) ?? (this.topics.has(topic) ? null : new Set<string>());
    if (waiting && keys) for (const key of keys) waiting.add(key);
    this.topics.set(topic, keys && waiting && waiting.size <= MAX_KEYS ? waiting : null);
  }

  /** Removes and returns all entries. `putBack`: they could not be sent. */
  take(origin: string, maxBytes: number): { payloads: string[]; putBack: () => void } {
    const taken = this.topics;
    this.topics = new Map();
    return {
      payloads: [...taken].flatMap(([topic, keys]) =>
        writeSignal({ origin, topic, keys: keys && [...keys] }, maxBytes),
      ),
      putBack: () => taken.forEach((keys, topic) => this.add(topic, keys)),
    };
  }
}
