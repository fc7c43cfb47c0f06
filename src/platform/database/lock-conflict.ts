/** deadlock_detected, serialization_failure, lock_not_available. */
const CONFLICT_CODES = new Set(['40P01', '40001', '55P03']);

/**
 * Whether `error`, or what caused it, says that sessions got into each other's way: the transaction has had no
 * effect, nothing is wrong with what it wanted, and trying again is safe.
 */
export function isLockConflict(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if ('code' in cause && typeof cause.code === 'string' && CONFLICT_CODES.has(cause.code)) return true;
  return false;
}
