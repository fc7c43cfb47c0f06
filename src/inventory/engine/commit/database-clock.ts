/** How old the newest reading may be for the clock to be foreseen, in ms. */
const FRESH_MS = 500;
/** Readings needed before anything is decided by the clock: the best of so few is as good as that of many. */
const READINGS_NEEDED = 8;
/** Misses in a row after which the clock may be another one: a server that took over, or one that was set. */
const MISSES_BELIEVED = 3;

/**
 * Estimates the database's clock from readings of it. A moment `at` is in ms of this process's monotonic clock
 * (performance.now()).
 */
export class DatabaseClock {
  private newest: { now: Date; at: number } | undefined;
  private runs = false;
  /**
   * By how many ms the database's clock is ahead of ours: the most that was seen. A reading is older than its arrival, so
   * each sees too little. The least late of them is right to a fraction of a millisecond, so that nothing is decided to
   * have happened before it was asked for.
   */
  private lead = -Infinity;
  private readings = 0;
  private misses = 0;

  /** Whether the time at the moment `at` can be foreseen. */
  isReady(at: number): boolean {
    const isKnown = this.runs && this.readings >= READINGS_NEEDED;
    return isKnown && this.newest !== undefined && at - this.newest.at < FRESH_MS;
  }

  /** The database's time at the moment `at`, never later than it is. */
  timeAt(at: number): Date {
    return new Date(Math.floor(at + this.lead));
  }

  /** Records a reading `now` that arrived at the moment `at`. */
  read(now: Date, at: number): void {
    // A clock that stands still, as in tests, cannot be foreseen.
    this.runs = this.newest !== undefined && now > this.newest.now;
    this.newest = { now, at };
    this.lead = Math.max(this.lead, now.getTime() - at);
    this.readings += 1;
  }

  /** A batch that was decided by the estimate is committed; it has read the clock. */
  confirm(now: Date, at: number): void {
    this.misses = 0;
    this.read(now, at);
  }

  /** A batch was decided in vain; after several in a row all readings are dropped. */
  doubt(): void {
    this.newest = undefined;
    this.runs = false;
    this.misses += 1;
    if (this.misses < MISSES_BELIEVED) return;
    this.lead = -Infinity;
    this.readings = 0;
  }
}
