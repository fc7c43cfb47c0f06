import { FatalError, RetriableError } from '../../../connectors/spi/index.ts';
import { isConnectionLoss } from '../../platform/database/connection-loss.ts';
import { isTransientError } from '../../platform/database/transient-error.ts';

/**
 * Describes a failure for a person. Errors of the contract are sentences for them; anything else is a defect and stays
 * in the log.
 * @param doing what the hub was doing, e.g. "reading this stream"
 */
export function describeFailure(error: unknown, doing: string): string {
  if (error instanceof RetriableError) return `${error.message} It is tried again.`;
  if (error instanceof FatalError) return `${error.message} It needs a change of the configuration.`;
  if (isConnectionLoss(error)) return 'The database did not answer. It is tried again.';
  if (isTransientError(error)) return 'The hub had too much to do to take it in. It is tried again.';
  return `The hub met a defect while ${doing}; its log has the details.`;
}
