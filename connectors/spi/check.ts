import type { CheckResult } from './connector.ts';

/** Whether a small call succeeds, as `Source.check` says it. */
export async function checked(
  probe: () => Promise<unknown>,
  good: string,
  signal: AbortSignal,
): Promise<CheckResult> {
  try {
    await probe();
    return { ok: true, message: good };
  } catch (error) {
    signal.throwIfAborted();
    return { ok: false, message: (error as Error).message };
  }
}
