import { backOffMs, type BackOff } from '../../platform/jobs/backoff.ts';

/** When an attempt that failed is made again; pure, so that it can be tested without waiting. Times in milliseconds. */

const RETRIES: BackOff = { firstMs: 5_000, lastMs: 3_600_000 };
/** From the first attempt on; then the event is a dead letter. */
const GIVE_UP_AFTER_MS = 72 * 3_600_000;
/** A receiver may ask for more patience, but not for more than this. */
const MAX_RETRY_AFTER_MS = 24 * 3_600_000;
/** Failures in a row after which an endpoint is asked with one event at a time, and less and less often. */
export const FAILURES_TO_PAUSE = 5;
const PAUSES: BackOff = { firstMs: 5_000, lastMs: 300_000 };

/** The result of an attempt. */
export interface Attempt {
  /** Null where there was no answer. */
  status: number | null;
  /** Why it counts as failed; null when it does not. */
  error: string | null;
  /** The delay that the receiver asked for, in ms. */
  retryAfterMs: number | null;
}

export interface RetryDecision {
  /** DEAD: not tried again by itself. GONE: the receiver wants nothing any more. */
  outcome: 'DELIVERED' | 'RETRY' | 'DEAD' | 'GONE';
  /** From now until the event is due again. */
  retryInMs: number;
  /** From now until the endpoint is asked at all; 0: at once. */
  pauseMs: number;
}

/**
 * @param attempts with this one
 * @param ageMs since the first attempt
 * @param failures of the endpoint in a row, with this one
 * @param random 0 to 1: spreads what failed together
 */
export function deliveryRetryDecision(
  attempt: Attempt,
  { attempts, ageMs, failures }: { attempts: number; ageMs: number; failures: number },
  random: number,
): RetryDecision {
  const { status, error, retryAfterMs } = attempt;
  if (error === null) return { outcome: 'DELIVERED', retryInMs: 0, pauseMs: 0 };
  if (status === 410) return { outcome: 'GONE', retryInMs: 0, pauseMs: 0 };
  const asked = status === 429 || status === 503 ? Math.min(retryAfterMs ?? 0, MAX_RETRY_AFTER_MS) : 0;
  const backOff = backOffMs(RETRIES, attempts, random);
  const excess = failures - FAILURES_TO_PAUSE;
  const pause = excess < 0 ? 0 : backOffMs(PAUSES, excess + 1, random);
  return {
    outcome: ageMs >= GIVE_UP_AFTER_MS ? 'DEAD' : 'RETRY',
    retryInMs: Math.max(backOff, asked),
    pauseMs: Math.max(pause, asked),
  };
}

/** `Retry-After` in milliseconds: seconds, or a date (RFC 9110, 10.2.3). Null for anything else. */
export function retryAfterOf(header: string | undefined, now: Date): number | null {
  if (header === undefined) return null;
  if (/^\d+$/.test(header.trim())) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? null : Math.max(0, date - now.getTime());
}
