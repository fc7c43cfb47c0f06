import type { Actor } from '../../../platform/api/actor.ts';
import { ownerOf } from './cost-budget.ts';

interface Turns {
  /** The costs of the operations that run, added up. */
  running: number;
  waiting: { cost: number; go: () => void }[];
}

/**
 * Runs the dear operations of each key behind each other: together they cost no more at once than one may, however many
 * connections they come over. So a key that asks for much waits for itself, and its neighbours do not.
 */
export class KeyTurns {
  private readonly keys = new Map<string, Turns>();

  /** @param most what operations of one key that run at once may cost together */
  constructor(private readonly most: number) {}

  /** Waits for the turn of an operation. @returns to be called when it has ended */
  async enter(actor: Actor, cost: number): Promise<() => void> {
    const owner = ownerOf(actor);
    const turns = this.keys.get(owner) ?? { running: 0, waiting: [] };
    this.keys.set(owner, turns);
    if (turns.waiting.length > 0 || !this.mayStart(turns, cost))
      await new Promise<void>((resolve) => turns.waiting.push({ cost, go: resolve }));
    else turns.running += cost;
    return () => this.leave(owner, turns, cost);
  }

  private mayStart({ running }: Turns, cost: number): boolean {
    return running === 0 || running + cost <= this.most;
  }

  private leave(owner: string, turns: Turns, cost: number): void {
    turns.running -= cost;
    for (let next = turns.waiting[0]; next && this.mayStart(turns, next.cost); next = turns.waiting[0]) {
      turns.waiting.shift();
      turns.running += next.cost;
      next.go();
    }
    if (turns.running === 0) this.keys.delete(owner);
  }
}
