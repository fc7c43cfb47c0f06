import { RetriableError } from '../../../connectors/spi/index.ts';
import { backOffMs, type BackOff } from '../../platform/jobs/backoff.ts';

/** When a write that failed is tried again; pure, so that it can be tested without waiting. Times in milliseconds. */

const RETRIES: BackOff = { firstMs: 5_000, lastMs: 3_600_000 };
/** From the first attempt on; then a person must say that it is to be tried again. */
const GIVE_UP_AFTER_MS = 72 * 3_600_000;

export interface FailureVerdict {
  state: 'PENDING' | 'FAILED';
  /** From now until it is due again. */
  retryInMs: number;
}

/**
 * @param attempts with the one that failed
 * @param ageMs since the first attempt
 * @param isWritesFault whether the source works and refused this write: then trying again would not help
 * @param random 0 to 1: spreads what failed together
 */
export function writeRetryDecision(
  error: unknown,
  { attempts, ageMs, isWritesFault }: { attempts: number; ageMs: number; isWritesFault: boolean },
  random: number,
): FailureVerdict {
  if (isWritesFault || ageMs >= GIVE_UP_AFTER_MS) return { state: 'FAILED', retryInMs: 0 };
  const asked = error instanceof RetriableError ? (error.retryAfterMs ?? 0) : 0;
  return { state: 'PENDING', retryInMs: Math.max(asked, backOffMs(RETRIES, attempts, random)) };
}
