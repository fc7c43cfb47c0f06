import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { Actor } from '../../../platform/api/actor.ts';
import { HubError } from '../../../platform/errors.ts';
import type { CostLimits } from '../../../platform/process/cost-limits.ts';

const SECONDS = 60;

/**
 * The budget that each key has left in the running minute, which begins with its first operation; of this process
 * alone.
 */
export class CostBudget {
  private readonly keys: RateLimiterMemory;
  private readonly admin: RateLimiterMemory;

  constructor(limits: Pick<CostLimits, 'perMinute' | 'adminPerMinute'>) {
    this.keys = new RateLimiterMemory({ points: limits.perMinute, duration: SECONDS });
    this.admin = new RateLimiterMemory({ points: limits.adminPerMinute, duration: SECONDS });
  }

  /**
   * Charges an operation.
   * @returns what is left
   * @throws HubError RATE_LIMITED
   */
  async charge(actor: Actor, cost: number): Promise<number> {
    const limiter = actor.admin ? this.admin : this.keys;
    try {
      const { remainingPoints } = await limiter.consume(ownerOf(actor), cost);
      return remainingPoints;
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error;
      const retryAfterSeconds = Math.max(1, Math.ceil(error.msBeforeNext / 1000));
      throw new HubError(
        'RATE_LIMITED',
        `This key has spent its budget of ${limiter.points} a minute; retry in ${retryAfterSeconds} seconds.`,
        { retryAfterSeconds, cost, budget: limiter.points, http: { status: 429 } },
      );
    }
  }
}

function ownerOf({ keyId, partner, name }: Actor): string {
  return keyId ?? JSON.stringify([partner, name]);
}
