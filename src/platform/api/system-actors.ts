import type { Actor } from './actor.ts';

/** The actors under which the hub itself acts. Their strings stand in ledgers and idempotency keys: they never change. */
export const systemActors = {
  /** For look-ups that several subscribers share. */
  hub: { partner: 'hub', name: 'hub', admin: true },
  /** For decisions that routing carries out by itself. */
  routing: { partner: 'hub', name: 'routing', admin: true },
  /** For changes that only the passing of time causes. */
  clock: { partner: 'hub:clock', name: 'clock', admin: false },
} as const satisfies Record<string, Actor>;
