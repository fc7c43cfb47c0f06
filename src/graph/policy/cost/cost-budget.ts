import type { Actor } from '../../../platform/api/actor.ts';
import { HubError } from '../../../platform/errors.ts';
import type { CostLimits } from '../../../platform/process/cost-limits.ts';

const WINDOW_MS = 60_000;
/** Above so many keys, those whose minute is over are forgotten. */
const MANY_KEYS = 10_000;

interface Window {
  spent: number;
  endsAt: number;
}

/**
 * The budget that each key has left in its running minute, which begins with its first operation; of this process
 * alone. Without a promise, because every request passes here.
 */
export class CostBudget {
  private readonly windows = new Map<string, Window>();

  /** @param now milliseconds that only ever grow */
  constructor(
    private readonly limits: Pick<CostLimits, 'perMinute' | 'adminPerMinute'>,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /**
   * Charges an operation.
   * @returns what is left
   * @throws HubError RATE_LIMITED, with nothing charged
   */
  charge(actor: Actor, cost: number): number {
    const budget = budgetOf(actor, this.limits);
    const now = this.now();
    const window = this.windowOf(ownerOf(actor), now);
    if (window.spent + cost > budget) {
      const retryAfterSeconds = Math.max(1, Math.ceil((window.endsAt - now) / 1000));
      throw new HubError(
        'RATE_LIMITED',
        `This key has spent its budget of ${budget} a minute; retry in ${retryAfterSeconds} seconds.`,
        { retryAfterSeconds, cost, budget, http: { status: 429 } },
      );
    }
    window.spent += cost;
    return budget - window.spent;
  }

  private windowOf(owner: string, now: number): Window {
    const known = this.windows.get(owner);
    if (known && known.endsAt > now) return known;
    if (this.windows.size >= MANY_KEYS)
      for (const [key, { endsAt }] of this.windows) if (endsAt <= now) this.windows.delete(key);
    const opened = { spent: 0, endsAt: now + WINDOW_MS };
    this.windows.set(owner, opened);
    return opened;
  }
}

/** The budget of a key for a minute. */
export function budgetOf({ admin }: Actor, limits: Pick<CostLimits, 'perMinute' | 'adminPerMinute'>): number {
  return admin ? limits.adminPerMinute : limits.perMinute;
}

/** The key that pays, or who is authenticated otherwise. */
export function ownerOf({ keyId, partner, name }: Actor): string {
  return keyId ?? JSON.stringify([partner, name]);
}
