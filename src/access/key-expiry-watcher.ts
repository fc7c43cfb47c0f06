import type { KeyInvalidation } from '../platform/api/actor.ts';
import type { ChangeBus } from '../platform/bus/change-bus.ts';
import type { Logger } from '../platform/process/log.ts';
import { IntervalLoop } from '../platform/jobs/interval-loop.ts';
import type { KeyRow } from './read-keys.ts';

/** A key that has ended without a signal is noticed at the latest after this time. */
const SWEEP_MS = 5_000;
/** Longer waits for an expiry are cut: setTimeout's own limit is 24 days. */
const MAX_TIMER_MS = 3_600_000;

interface Watched {
  listeners: Set<(why: KeyInvalidation) => void>;
  expiry: NodeJS.Timeout | undefined;
}

/**
 * Notifies of the end of a key whoever works with it for long, e.g. a socket, that it has ended: revoked by whichever
 * process, or expired. By key, however many work with it; what holds is what the database says, a signal only has it
 * asked.
 */
export class KeyExpiryWatcher {
  private readonly watched = new Map<string, Watched>();
  private readonly sweep: IntervalLoop;
  private readonly unsubscribe: () => void;

  constructor(
    private readonly read: (prefixes: readonly string[]) => Promise<KeyRow[]>,
    bus: ChangeBus,
    topic: string,
    private readonly log: Logger,
    sweepMs = SWEEP_MS,
  ) {
    const runNow = () => this.look([...this.watched.keys()]);
    this.unsubscribe = bus.subscribe(topic, (prefixes) => void this.look(prefixes), runNow);
    this.sweep = new IntervalLoop(sweepMs, runNow);
    this.sweep.start();
  }

  /** @returns what ends the watching */
  watch(prefix: string, onEnd: (why: KeyInvalidation) => void): () => void {
    const known = this.watched.get(prefix);
    const watched = known ?? { listeners: new Set(), expiry: undefined };
    watched.listeners.add(onEnd);
    if (!known) {
      this.watched.set(prefix, watched);
      void this.look([prefix]); // it may have ended since it was let in, and when it will must be known
    }
    return () => {
      watched.listeners.delete(onEnd);
      if (watched.listeners.size === 0) this.forget(prefix, watched);
    };
  }

  close(): Promise<void> {
    this.unsubscribe();
    for (const [prefix, watched] of this.watched) this.forget(prefix, watched);
    return this.sweep.stop();
  }

  private async look(prefixes: readonly string[]): Promise<void> {
    const asked = prefixes.filter((prefix) => this.watched.has(prefix));
    if (asked.length === 0) return;
    try {
      const rows = new Map((await this.read(asked)).map((row) => [row.prefix, row]));
      for (const prefix of asked) this.settle(prefix, rows.get(prefix));
    } catch (error) {
      this.log.warn({ err: error }, 'keys of open sockets could not be read; it is tried again');
    }
  }

  private settle(prefix: string, row: KeyRow | undefined): void {
    const watched = this.watched.get(prefix);
    if (!watched) return;
    clearTimeout(watched.expiry);
    if (row?.state === 'GOOD') {
      if (row.msLeft !== null)
        watched.expiry = setTimeout(
          () => void this.look([prefix]),
          Math.min(row.msLeft + 1, MAX_TIMER_MS),
        ).unref();
      return;
    }
    this.forget(prefix, watched);
    for (const listener of watched.listeners) listener(row?.state ?? 'REVOKED');
  }

  private forget(prefix: string, watched: Watched): void {
    clearTimeout(watched.expiry);
    if (this.watched.get(prefix) === watched) this.watched.delete(prefix);
  }
}
