import type { Actor } from '../../../platform/api/actor.ts';
import { HubError } from '../../../platform/errors.ts';
import type { CostLimits } from '../../../platform/process/cost-limits.ts';
import { ExecutionGuard } from '../../execution/execution-guard.ts';
import { CostBudget } from './cost-budget.ts';
import { EventPace } from './event-pace.ts';
import { KeyTurns } from './key-turns.ts';

/** The charge of an operation, as `extensions.cost` shows it on request. */
export interface Charge {
  cost: number;
  ceiling: number;
  /** The budget that the key has left in this minute, at this process. */
  remaining: number;
}

/** Operations from this part of the ceiling are dear: some milliseconds of CPU. */
const DEAR_SHARE = 20;

/** Admits operations by their cost, the same on every transport, and guards their execution. */
export class CostPolicy {
  private readonly budget: CostBudget;
  private readonly pace: EventPace;
  private readonly turns: KeyTurns;

  constructor(private readonly limits: CostLimits) {
    this.budget = new CostBudget(limits);
    this.pace = new EventPace(limits);
    this.turns = new KeyTurns(limits.ceiling);
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

  /** Whether an operation waits for its turn among the dear ones of its key. */
  isDear(cost: number): boolean {
    return cost * DEAR_SHARE >= this.limits.ceiling;
  }

  /** Runs an operation, a dear one in its turn among those of its key. */
  async inTurn<T>(actor: Actor, cost: number, run: () => T | Promise<T>): Promise<T> {
    if (!this.isDear(cost)) return run();
    const leave = await this.turns.enter(actor, cost);
    try {
      return await run();
    } finally {
      leave();
    }
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
