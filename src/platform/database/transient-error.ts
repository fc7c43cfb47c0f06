import { isConnectionLoss } from './connection-loss.ts';
import { HubError, errorCatalogue } from '../errors.ts';
import { isLockConflict } from './lock-conflict.ts';

/** Whether a failure says nothing of what was to be done: the database or the engine could not take it then. */
export function isTransientError(error: unknown): boolean {
  return (
    isConnectionLoss(error) ||
    isLockConflict(error) ||
    (error instanceof HubError && errorCatalogue[error.code].retryable)
  );
}
