import { setTimeout as delay } from 'node:timers/promises';
import type { ExecutionResult } from 'graphql';
import { isConnectionLoss } from '../../platform/database/connection-loss.ts';
import { HubError } from '../../platform/errors.ts';
import { backOffMs } from '../../platform/jobs/backoff.ts';
import { causeOf } from '../policy/format-error.ts';
import { isPromise } from './execute-operation.ts';
import { turns } from '../../platform/process/event-loop-turns.ts';

const RETRY = { firstMs: 250, lastMs: 5_000 };
/** Longer than a fail-over of PostgreSQL; after it the subscriber reads the failure itself. */
const GIVES_UP_AFTER_MS = 300_000;

/**
 * Executes an event of a subscription, and again while the database cannot be reached, so that an outage makes a message
 * late instead of empty. What fails for another reason is the answer at once.
 * @param run executes the event with loaders that know nothing of the attempt before
 * @param isWanted whether somebody still waits for it
 */
export function executeAfterOutage(
  run: () => ExecutionResult | Promise<ExecutionResult>,
  isWanted: () => boolean,
): ExecutionResult | Promise<ExecutionResult> {
  // A commit may concern thousands of events, each too small to be interrupted.
  const first = turns.isOver() ? turns.later(run) : run();
  if (!isPromise(first)) return first; // what needs no database
  return first.then((result) => (isOutage(result) ? retried(result, run, isWanted) : result));
}

async function retried(
  first: ExecutionResult,
  run: () => ExecutionResult | Promise<ExecutionResult>,
  isWanted: () => boolean,
): Promise<ExecutionResult> {
  const giveUpAt = performance.now() + GIVES_UP_AFTER_MS;
  let result = first;
  for (let failures = 1; isOutage(result) && isWanted() && performance.now() < giveUpAt; failures++) {
    await delay(backOffMs(RETRY, failures, Math.random()), undefined, { ref: false });
    result = await run();
  }
  return result;
}

/** Whether a part is missing because the database could not be reached. */
function isOutage({ errors }: ExecutionResult): boolean {
  return errors?.some((error) => isOfOutage(causeOf(error))) ?? false;
}

function isOfOutage(cause: unknown): boolean {
  return cause instanceof HubError ? cause.code === 'DATABASE_UNAVAILABLE' : isConnectionLoss(cause);
}
