/** Whether a part of the hub can do its work, and why not. */
export interface PartReadiness {
  ready: boolean;
  reason?: string;
}

export interface Readiness {
  ready: boolean;
  parts: Record<string, PartReadiness>;
}

const ANSWER_WITHIN_MS = 800;

/**
 * Asks each part, all at once, whether it is ready. One that throws is not, nor is one that does not answer within
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
    const reason = `no answer within ${ANSWER_WITHIN_MS} ms`;
    timer = setTimeout(() => resolve({ ready: false, reason }), ANSWER_WITHIN_MS);
  });
  const answer = check().then(
    () => ({ ready: true }),
    (error: unknown) => ({ ready: false, reason: error instanceof Error ? error.message : String(error) }),
  );
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}
