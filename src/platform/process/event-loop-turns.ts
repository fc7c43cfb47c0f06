/** So long one turn of the event loop may be held by executions, all together. */
const SLICE_MS = 2;

/** So many that have been served are taken out of the list of those who wait, all together. */
const MANY = 1_000;

/**
 * Shares the event loop between executions and everything else. One turn is counted for the whole process; what comes
 * when it is over waits for the next, in the order in which it came.
 */
class Turns {
  private began = 0;
  private readonly waiting: (() => void)[] = [];
  private next = 0;
  private scheduled = false;

  /** Whether this turn has been held for long enough. */
  isOver(): boolean {
    const now = performance.now();
    if (this.began > 0) return now - this.began > SLICE_MS;
    this.began = now;
    setImmediate(() => (this.began = 0));
    return false;
  }

  /** Goes on with `step` in a later turn. */
  later<T>(step: () => T | Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.waiting.push(() => {
        try {
          resolve(step());
        } catch (error) {
          reject(error as Error);
        }
      });
      this.schedule();
    });
  }

  /** Once a turn, however many wait. */
  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      this.run();
    });
  }

  /** Runs what the steps set free between them as it comes, so that it counts for the same turn. */
  private run(): void {
    this.began = 0;
    while (this.next < this.waiting.length && !this.isOver()) this.waiting[this.next++]!();
    if (this.next === this.waiting.length || this.next > MANY) {
      this.waiting.splice(0, this.next);
      this.next = 0;
    }
    if (this.waiting.length > 0) this.schedule();
  }
}

export const turns = new Turns();
