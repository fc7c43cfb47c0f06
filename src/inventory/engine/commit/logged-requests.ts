import type { Submission } from '../command.ts';

/** A batch has hundreds; one is enough to find the others by. */
const MOST_IDS = 10;

/** For a line of the log: how many commands a batch has, and the requests of the first. */
export function loggedRequests(batch: readonly { submission: Pick<Submission, 'idempotency'> }[]): {
  commands: number;
  requestIds: string[];
} {
  const ids = batch.map(({ submission }) => submission.idempotency.requestId);
  return { commands: batch.length, requestIds: ids.filter((id) => id !== undefined).slice(0, MOST_IDS) };
}
