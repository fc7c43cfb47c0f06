import { HubError } from '../../platform/errors.ts';
import { LeakyBuckets } from './cost/leaky-buckets.ts';
import { limits } from './query-limits.ts';

/** Smaller bodies cost no more than the operations that they ask for, which are charged. */
const SMALL_BYTES = 4_096;
/** Of each sender, in each process; a partner hands in thousands of orders a second within it. */
const BYTES_A_SECOND = 4_000_000;
/** One body of the largest size comes at once. */
const BURST_MS = (limits.bodyBytes / BYTES_A_SECOND) * 1_000;
/** A sender that would wait longer is refused, well before its request runs into its time limit. */
const MOST_WAIT_MS = 10_000;

/**
 * Spreads the large bodies of each sender over time: reading, decoding, and freeing them is work of the event loop that
 * no cost of an operation counts, most of all where the body is refused. What waits stays in the buffers of its
 * connection.
 */
export class BodyPace {
  private readonly buckets: LeakyBuckets;

  /** @param now milliseconds that only ever grow */
  constructor(now?: () => number) {
    this.buckets = new LeakyBuckets(BURST_MS, now);
  }

  isSmall(bytes: number): boolean {
    return bytes <= SMALL_BYTES;
  }

  /**
   * Books a body that was read, or is to be.
   * @returns after how many milliseconds it may be read, or the next one where it was
   * @throws HubError RATE_LIMITED, with nothing booked
   */
  delayMs(senderOf: () => string, bytes: number): number {
    if (this.isSmall(bytes)) return 0;
    const sender = senderOf();
    const wait = this.buckets.delayMs(sender);
    if (wait > MOST_WAIT_MS) {
      const retryAfterSeconds = Math.ceil(wait / 1_000);
      throw new HubError(
        'RATE_LIMITED',
        `Bodies above ${SMALL_BYTES} bytes come faster than ${BYTES_A_SECOND} bytes a second; retry in ${retryAfterSeconds} seconds.`,
        { retryAfterSeconds, http: { status: 429 } },
      );
    }
    return this.buckets.book(sender, (Math.min(bytes, limits.bodyBytes) / BYTES_A_SECOND) * 1_000);
  }
}
