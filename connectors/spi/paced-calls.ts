import {
  BrokenCircuitError,
  ConsecutiveBreaker,
  DelegateBackoff,
  TaskCancelledError,
  TimeoutStrategy,
  circuitBreaker,
  handleWhen,
  retry,
  timeout,
  wrap,
  type IPolicy,
  type IRetryBackoffContext,
} from 'cockatiel';
import PQueue from 'p-queue';
import { RetriableError } from './errors.ts';

/** The rates that a system allows its callers, or that are good for it. */
export interface Pace {
  /** Calls under way at once. */
  concurrency: number;
  /** At most so many calls begin in so many milliseconds. */
  rate?: { calls: number; perMs: number };
  /** A call that has not been answered by then has failed and is tried again. Default 30,000. */
  timeoutMs?: number;
  /** Tries of a call, the first included. Default 4. */
  attempts?: number;
  /** First wait before a call is tried again; grows, with jitter, unless the source says how long. Default 500. */
  retryAfterMs?: number;
  /** After so many failures in a row, nothing is asked for `coolDownMs`. Default 8. */
  breakAfter?: number;
  /** Default 30,000. */
  coolDownMs?: number;
}

const LONGEST_WAIT_MS = 60_000;

/**
 * Calls of one configured source, at its pace: in turn, within its rate, each with a time limit, tried again where
 * trouble may pass (`RetriableError`), and none at all for a while after many failures in a row.
 */
export class PacedCalls {
  private readonly queue: PQueue;
  private readonly policy: IPolicy;

  constructor(private readonly pace: Pace) {
    const { concurrency, rate } = pace;
    this.queue = new PQueue({
      concurrency,
      // A window that slides: one that is fixed would let through twice the rate around its edge.
      ...(rate ? { intervalCap: rate.calls, interval: rate.perMs, strict: true } : {}),
    });
    this.policy = policyOf(pace);
  }

  /**
   * @param work makes the call; is to end with the signal
   * @throws RetriableError when the source does not answer, or is not asked because it has failed too often; whatever
   *   else `work` throws
   */
  async call<T>(work: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
    try {
      return await this.policy.execute(
        ({ signal: ending }) => this.queue.add(() => limited(this.pace, work, ending), { signal: ending }),
        signal,
      );
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof BrokenCircuitError)
        throw new RetriableError('The source has failed too often; it is left alone for a while.', {
          cause: error,
        });
      throw error;
    }
  }
}

/** The time in the queue does not count. */
async function limited<T>(
  { timeoutMs = 30_000 }: Pace,
  work: (signal: AbortSignal) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  try {
    return await timeout(timeoutMs, TimeoutStrategy.Aggressive).execute(
      ({ signal: ending }) => work(ending),
      signal,
    );
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof TaskCancelledError)
      throw new RetriableError(`The source did not answer within ${timeoutMs} ms.`, { cause: error });
    throw error;
  }
}

function policyOf({ attempts = 4, retryAfterMs = 500, breakAfter = 8, coolDownMs = 30_000 }: Pace): IPolicy {
  const breaker = circuitBreaker(
    handleWhen((error) => error instanceof RetriableError),
    { halfOpenAfter: coolDownMs, breaker: new ConsecutiveBreaker(breakAfter) },
  );
  // One that is told to come much later does not hold its place until then: whoever reads comes again.
  const isSoon = handleWhen(
    (error) => error instanceof RetriableError && (error.retryAfterMs ?? 0) <= LONGEST_WAIT_MS,
  );
  const backoff = new DelegateBackoff<IRetryBackoffContext<unknown>, number>((context, tries = 0) => ({
    delay: Math.max(toldWait(context), grownWait(retryAfterMs, tries)),
    state: tries + 1,
  }));
  return wrap(retry(isSoon, { maxAttempts: attempts - 1, backoff }), breaker);
}

function toldWait({ result }: IRetryBackoffContext<unknown>): number {
  const error = 'error' in result ? result.error : undefined;
  return error instanceof RetriableError ? (error.retryAfterMs ?? 0) : 0;
}

/** Doubles, and is spread over its upper half, so that those who failed together do not come back together. */
function grownWait(firstMs: number, tries: number): number {
  const most = Math.min(LONGEST_WAIT_MS, firstMs * 2 ** tries);
  return most * (0.5 + Math.random() / 2);
}
