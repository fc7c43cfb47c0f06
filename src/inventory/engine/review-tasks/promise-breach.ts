import type { ReviewAction, TaskToOpen } from '../../../review/index.ts';
import type { Repromise } from '../command.ts';

export const PROMISE_BREACH = 'PROMISE_BREACH';
const DEADLINE_SECONDS = 24 * 3600;

/** More is promised of a SKU than there is: somebody must decide what becomes of the newest promises. */
export function promiseBreach(sku: string, pool: string, units: number): TaskToOpen {
  return {
    kind: PROMISE_BREACH,
    subject: `${pool} ${sku}`,
    summary: `${units} promised units of ${sku} in ${pool} are without goods.`,
    details: { sku, pool, units },
    deadlineSeconds: DEADLINE_SECONDS,
    defaultAction: 'WAIT_FOR_SUPPLY',
  };
}

/** Promises for later days that what is planned cannot keep: each got the earliest day there is, or none. */
export function datedBreach(sku: string, pool: string, broken: readonly Repromise[]): TaskToOpen {
  const units = broken.reduce((sum, promise) => sum + promise.units, 0);
  return {
    kind: PROMISE_BREACH,
    subject: `${pool} ${sku} later days`,
    summary: `${units} units of ${sku} in ${pool} cannot be delivered on the day promised (reservations: ${broken.length}).`,
    details: { sku, pool, units, promises: broken.slice(0, MAX_TOLD) },
    deadlineSeconds: DEADLINE_SECONDS,
    defaultAction: 'WAIT_FOR_SUPPLY',
  };
}
/** A task is read by a person. */
const MAX_TOLD = 100;

const nothingMore: ReviewAction = async () => undefined;

/**
 * The decisions that people can make. The engine backs the oldest promises first as goods come in, so that waiting
 * needs nothing more; cancelling is a command of the reservation's owner (`cancelReservation`).
 */
export const promiseBreachActions: Readonly<Record<string, ReviewAction>> = {
  WAIT_FOR_SUPPLY: nothingMore,
  HANDLED_WITH_CUSTOMERS: nothingMore,
};
