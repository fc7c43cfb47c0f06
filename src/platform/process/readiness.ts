import { isConnectionLoss } from '../database/connection-loss.ts';

/** A part says why it cannot do its work, in words that anybody may read: `/readyz` needs no key. */
export class NotReady extends Error {
  override readonly name = 'NotReady';
}

/** Whether a part of the hub can do its work, and why not. */
export interface PartReadiness {
  ready: boolean;
  reason?: string;
}

export interface Readiness {
  ready: boolean;
  parts: Record<string, PartReadiness>;
}

export const READ_ONLY = 'The database is read-only: a standby, or a primary that was demoted.';
const ANSWER_WITHIN_MS = 800;

/**
 * Checks each part, all at once. One that throws is not, nor is one that does not answer within
 * 800 ms: whatever hangs, the caller has an answer within a second.
 */
export async function checkReadiness(
  parts: Readonly<Record<string, () => Promise<void>>>,
): Promise<Readiness> {
  const answers = await Promise.all(
    Object.entries(parts).map(async ([name, check]) => [name, await readinessOf(check)] as const),
  );
  return { ready: answers.every(([, { ready }]) => ready), parts: Object.fromEntries(answers) };
}

async function readinessOf(check: () => Promise<void>): Promise<PartReadiness> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<PartReadiness>((resolve) => {
    const reason = `No answer within ${ANSWER_WITHIN_MS} ms.`;
    timer = setTimeout(() => resolve({ ready: false, reason }), ANSWER_WITHIN_MS);
  });
  const answer = check().then(
    () => ({ ready: true }),
    (error: unknown) => ({ ready: false, reason: reasonOf(error) }),
  );
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}

/** Addresses and names of our own machines are told to nobody. */
function reasonOf(error: unknown): string {
  if (error instanceof NotReady) return error.message;
  return isConnectionLoss(error) ? 'The database did not answer.' : 'The check failed.';
}
