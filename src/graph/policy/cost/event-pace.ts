import type { Actor } from '../../../platform/api/actor.ts';
import type { CostLimits } from '../../../platform/process/cost-limits.ts';
import { budgetOf, ownerOf } from './cost-budget.ts';

/** Events that come together are made together, as far as the budget of so long reaches, in ms. */
const BURST_MS = 1_000;
const MINUTE_MS = 60_000;
/** Above so many keys, those that are not behind are forgotten. */
const MANY_KEYS = 10_000;

/**
 * Spreads the events of a key's subscriptions, so that a second of them costs at most a sixtieth of its budget for a
 * minute. Beyond it an event is made later, when it tells the latest. Leaky bucket as in ITU-T I.371 (GCRA): of each key
 * only the time is kept at which all that it was given is used up.
 */
export class EventPace {
  private readonly usedUpAt = new Map<string, number>();

  /** @param now milliseconds that only ever grow */
  constructor(
    private readonly limits: Pick<CostLimits, 'perMinute' | 'adminPerMinute'>,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Books an event. @returns after how many milliseconds it may be made */
  delayMs(actor: Actor, cost: number): number {
    const now = this.now();
    const owner = ownerOf(actor);
    const known = this.usedUpAt.get(owner);
    const before = Math.max(known ?? 0, now);
    if (known === undefined && this.usedUpAt.size >= MANY_KEYS)
      for (const [key, at] of this.usedUpAt) if (at <= now) this.usedUpAt.delete(key);
    this.usedUpAt.set(owner, before + (cost * MINUTE_MS) / budgetOf(actor, this.limits));
    return Math.max(0, before - now - BURST_MS);
  }
}
