import type { EntityManager } from '../../platform/database/database.ts';

const INTAKE_LOCK = 4_713_002;

/**
 * Makes imports of people, orders and tickets take turns until the transaction ends, over all processes: who is who
 * depends on everyone who shares an identity, which no row lock covers. Every such intake calls it before all else,
 * so there is one lock order.
 */
export async function lockMatching(em: EntityManager): Promise<void> {
  // Recursions look so costly to the planner that it would compile them (JIT), which takes longer than they do.
  await em.execute(`select pg_advisory_xact_lock(${INTAKE_LOCK}), set_config('jit', 'off', true)`);
}
