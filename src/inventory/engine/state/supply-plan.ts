import { futureDraw, type DatedDemand, type Timeline } from '../../model/timeline.ts';
import { promisableSupply, type LockedSupply, type PoolPolicy } from './locked-rows.ts';
import type { BalanceKey } from '../../model/balance-key.ts';

/**
 * Supply of a locked balance and the dated promises of it, in sums by day. Known of balances with dated promises only,
 * and of those that a command needs it of: nothing else depends on it.
 */
export class SupplyPlan {
  private readonly demands = new Map<string, number>();

  constructor(
    readonly place: BalanceKey,
    readonly today: string,
    private readonly now: Date,
    /** Changes with the pool's configuration. */
    private readonly policy: PoolPolicy,
    /** Of all places; grows with what the batch plans. */
    private readonly supplies: readonly LockedSupply[],
    demands: readonly DatedDemand[],
    /** Whether each promise is known with its reservation, so that days can be changed. */
    readonly promisesKnown: boolean,
  ) {
    for (const { promisedOn, quantity } of demands) this.demands.set(promisedOn, quantity);
  }

  /** Counts units that are promised for a day, or no longer. */
  promise(promisedOn: string, units: number): void {
    this.demands.set(promisedOn, (this.demands.get(promisedOn) ?? 0) + units);
  }

  timeline(): Timeline {
    const { overdue, resaleRate } = this.policy;
    const demands = [...this.demands].map(([promisedOn, quantity]) => ({ promisedOn, quantity }));
    return {
      today: this.today,
      overdue,
      resaleRate,
      demands,
      supplies: this.supplies
        .filter(({ sku, pool }) => sku === this.place.sku && pool === this.place.pool)
        .flatMap((supply) => promisableSupply(supply, this.now) ?? []),
    };
  }

  /** The draw of dated promises from today's units, at most 0. */
  draw(unbacked: number): number {
    return futureDraw(this.timeline(), unbacked);
  }
}
