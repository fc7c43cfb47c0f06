/**
 * The work that one decision may do, in steps: a step is a look at one line of the order in one parcel for one service.
 * Steps, not milliseconds: the same input takes the same steps and gives the same plan on every machine.
 */
export class StepBudget {
  private used = 0;
  private refused = false;
  private readonly limit: number;
  private readonly whole: StepBudget | undefined;

  constructor(limit: number, whole?: StepBudget) {
    this.limit = limit;
    this.whole = whole;
  }

  /** Spends steps on work that may be left out. @returns false, and takes none, where too few are left */
  spend(steps: number): boolean {
    if (this.refused || this.used + steps > this.limit || !(this.whole?.spend(steps) ?? true)) {
      this.refused = true;
      return false;
    }
    this.used += steps;
    return true;
  }

  /** Spends steps on work without which there is no plan at all; it grows with the input only. */
  charge(steps: number): void {
    this.used += steps;
    this.whole?.charge(steps);
  }

  /** Whether some work was left out. */
  get isSpent(): boolean {
    return this.refused;
  }

  get left(): number {
    return Math.max(0, this.limit - this.used);
  }

  get steps(): number {
    return this.used;
  }

  /** A part of what is left, for work that must not take it all; its steps count here too. */
  part(limit: number): StepBudget {
    return new StepBudget(Math.min(limit, this.left), this);
  }
}
