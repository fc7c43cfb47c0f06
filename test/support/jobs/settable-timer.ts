import type { JobTimer } from '../../../src/platform/jobs/job-timer.ts';

interface Timer {
  at: number;
  callBack: () => void;
}

/** Time that passes when a test says so. */
export class SettableTimer implements JobTimer {
  private time = Date.parse('2026-12-01T08:00:00Z');
  private readonly timers = new Set<Timer>();

  /** @param draw what is drawn by chance, 0 to 1; in the middle unless told */
  constructor(private readonly draw: () => number = () => 0.5) {}

  now(): Date {
    return new Date(this.time);
  }

  after(ms: number, callBack: () => void): () => void {
    const timer = { at: this.time + ms, callBack };
    this.timers.add(timer);
    return () => void this.timers.delete(timer);
  }

  random(): number {
    return this.draw();
  }

  /** Lets time pass, with what becomes due by the way; promises that nothing holds up have ended after it. */
  async pass(ms: number): Promise<void> {
    await settled(); // what has begun before
    const until = this.time + ms;
    for (let next = this.nextBefore(until); next; next = this.nextBefore(until)) {
      this.time = next.at;
      this.timers.delete(next);
      next.callBack();
      await settled();
    }
    this.time = until;
    await settled();
  }

  private nextBefore(until: number): Timer | undefined {
    return [...this.timers].filter(({ at }) => at <= until).toSorted((a, b) => a.at - b.at)[0];
  }
}

/** Until the microtasks, and what they begin, are done. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
