import type { Actor } from '../../platform/api/actor.ts';

/** Counts the open sockets and event streams of each key, together, so that one key cannot take all that the process has. */
export class SocketQuota {
  private readonly open = new Map<string, number>();

  constructor(readonly limit: number) {}

  /** @returns whether the key may have one more, which is counted then. Keys of one partner and name count together. */
  admit(actor: Actor): boolean {
    const key = keyOf(actor);
    const count = this.open.get(key) ?? 0;
    if (count >= this.limit) return false;
    this.open.set(key, count + 1);
    return true;
  }

  closed(actor: Actor): void {
    const key = keyOf(actor);
    const left = this.open.get(key)! - 1;
    if (left > 0) this.open.set(key, left);
    else this.open.delete(key);
  }
}

function keyOf({ partner, name }: Actor): string {
  return JSON.stringify([partner, name]);
}
