import type { Actor } from '../../../platform/api/actor.ts';
import { HubError } from '../../../platform/errors.ts';
import type { CostLimits } from '../../../platform/process/cost-limits.ts';
import { ExecutionGuard } from '../../execution/execution-guard.ts';
import { CostBudget } from './cost-budget.ts';
import { EventPace } from './event-pace.ts';

/** The charge of an operation, as `extensions.cost` shows it on request. */
export interface Charge {
  cost: number;
  ceiling: number;
  /** The budget that the key has left in this minute, at this process. */
  remaining: number;
}

/** Admits operations by their cost, the same on every transport, and guards their execution. */
export class CostPolicy {
  private readonly budget: CostBudget;
  private readonly pace: EventPace;

  constructor(private readonly limits: CostLimits) {
    this.budget = new CostBudget(limits);
    this.pace = new EventPace(limits);
  }

  get answerBytes(): number {
    return this.limits.answerBytes;
  }

  isWithinCeiling(cost: number): boolean {
    return cost <= this.limits.ceiling;
  }

  /** @throws HubError QUERY_TOO_COMPLEX, with nothing charged; RATE_LIMITED */
  charge(actor: Actor, cost: number): Charge {
    const { ceiling } = this.limits;
    if (!this.isWithinCeiling(cost))
      throw new HubError(
        'QUERY_TOO_COMPLEX',
        `The operation costs ${cost}; at most ${ceiling} is allowed. Ask for fewer rows, SKUs or days at once.`,
        { cost, ceiling, http: { status: 400 } },
      );
    return { cost, ceiling, remaining: this.budget.charge(actor, cost) };
  }

  /** Books an event of a subscription. @returns after how many milliseconds it may be made */
  eventDelayMs(actor: Actor, cost: number): number {
    return this.pace.delayMs(actor, cost);
  }

  /** @param isGone whether the client has left */
  guard(isGone?: () => boolean): ExecutionGuard {
    const { ceiling, answerBytes, operationMs } = this.limits;
    return new ExecutionGuard({ objects: ceiling, bytes: answerBytes, milliseconds: operationMs }, isGone);
  }
}

/** Whether a request asks to be told what it costs: `extensions: {"cost": true}`. */
export function isCostRequested(extensions: unknown): boolean {
  return (extensions as { cost?: unknown } | null | undefined)?.cost === true;
}
