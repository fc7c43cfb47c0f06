import type { Actor } from '../../../platform/api/actor.ts';
import type { CostLimits } from '../../../platform/process/cost-limits.ts';
import { budgetOf, ownerOf } from './cost-budget.ts';
import { LeakyBuckets } from './leaky-buckets.ts';

/** Events that come together are made together, as far as the budget of so long reaches, in ms. */
const BURST_MS = 1_000;
const MINUTE_MS = 60_000;
/** Of a message beside its fields, which takes a tenth to a fifth of a millisecond. */
const MESSAGE_COST = 30;

/**
 * Spreads the events of a key's subscriptions, so that a second of them costs at most a sixtieth of its budget for a
 * minute. Beyond it an event is made later, when it tells the latest.
 */
export class EventPace {
  private readonly buckets: LeakyBuckets;

  /** @param now milliseconds that only ever grow */
  constructor(
    private readonly limits: Pick<CostLimits, 'perMinute' | 'adminPerMinute'>,
    now?: () => number,
  ) {
    this.buckets = new LeakyBuckets(BURST_MS, now);
  }

  /** Books an event. @returns after how many milliseconds it may be made */
  delayMs(actor: Actor, cost: number): number {
    return this.buckets.book(
      ownerOf(actor),
      ((MESSAGE_COST + cost) * MINUTE_MS) / budgetOf(actor, this.limits),
    );
  }
}
