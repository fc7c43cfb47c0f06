import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { HubError } from '../errors.ts';

/** How many attempts may fail in a window of time. */
export interface AttemptLimitOptions {
  failures: number;
  seconds: number;
  /** Names what is limited, for the refusal: "Too many … came from this address". */
  says: string;
}

/**
 * Counts attempts that failed, by whoever made them, so that nobody learns by trying. What succeeds is not counted, and
 * gives nothing back. In the memory of this process: each process has a count of its own.
 */
export class AttemptLimit {
  private readonly limiter: RateLimiterMemory;

  constructor(private readonly options: AttemptLimitOptions) {
    this.limiter = new RateLimiterMemory({ points: options.failures, duration: options.seconds });
  }

  /** @throws HubError RATE_LIMITED when as many have failed as may */
  async check(who: string): Promise<void> {
    const counted = await this.limiter.get(who);
    if (counted && counted.consumedPoints >= this.options.failures) throw this.refusal(counted);
  }

  /** Counts a failure. @throws HubError RATE_LIMITED when it is one too many */
  async countFailure(who: string): Promise<void> {
    try {
      await this.limiter.consume(who);
    } catch (error) {
      if (error instanceof RateLimiterRes) throw this.refusal(error);
      throw error;
    }
  }

  private refusal({ msBeforeNext }: RateLimiterRes): HubError {
    const retryAfterSeconds = Math.max(1, Math.ceil(msBeforeNext / 1000));
    return new HubError('RATE_LIMITED', `${this.options.says}; retry in ${retryAfterSeconds} seconds.`, {
      retryAfterSeconds,
      http: { status: 429 },
    });
  }
}
