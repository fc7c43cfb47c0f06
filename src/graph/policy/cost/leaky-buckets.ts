/** Above so many owners, those that are not behind are forgotten. */
const MANY_OWNERS = 10_000;

/**
 * Spreads what each owner asks for over time. Leaky bucket as in ITU-T I.371 (GCRA): of each owner only the time is kept
 * at which all that it was given is used up.
 */
export class LeakyBuckets {
  private readonly usedUpAt = new Map<string, number>();

  /**
   * @param burstMs what comes at once is given at once, as far as so many milliseconds of it reach
   * @param now milliseconds that only ever grow
   */
  constructor(
    private readonly burstMs: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** After how many milliseconds the next may be given. */
  delayMs(owner: string): number {
    const usedUpAt = this.usedUpAt.get(owner);
    return usedUpAt === undefined ? 0 : Math.max(0, usedUpAt - this.now() - this.burstMs);
  }

  /** Books what uses up so many milliseconds. @returns after how many milliseconds it may be given */
  book(owner: string, milliseconds: number): number {
    const now = this.now();
    const known = this.usedUpAt.get(owner);
    const before = Math.max(known ?? 0, now);
    if (known === undefined && this.usedUpAt.size >= MANY_OWNERS)
      for (const [key, at] of this.usedUpAt) if (at <= now) this.usedUpAt.delete(key);
    this.usedUpAt.set(owner, before + milliseconds);
    return Math.max(0, before - now - this.burstMs);
  }
}
