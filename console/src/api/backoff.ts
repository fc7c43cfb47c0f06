const FIRST_MS = 250;
const LONGEST_MS = 8_000;

/** Full jitter: after a restart of the hub its clients come back spread out, not all in the same instant. */
export const backoffMs = (attempt: number, random = Math.random) =>
  FIRST_MS / 2 + random() * Math.min(LONGEST_MS, FIRST_MS * 2 ** attempt);

/** When a hub that went away asked to be come back to: it spreads its clients, because it knows how many they are. */
export function advisedMs(event: unknown): number | undefined {
  if (!(event instanceof CloseEvent) || event.code !== GOING_AWAY) return undefined;
  try {
    const { retryAfterMs } = JSON.parse(event.reason) as { retryAfterMs?: unknown };
    return typeof retryAfterMs === 'number' ? retryAfterMs : undefined;
  } catch {
    return undefined;
  }
}
const GOING_AWAY = 1001;

/** Waits for its turn, or until the browser is online again, whichever is first. @param advised what the hub said */
export function untilRetry(attempt: number, advised?: number) {
  return new Promise<void>((resolve) => {
    const go = () => {
      clearTimeout(timer);
      removeEventListener('online', go);
      resolve();
    };
    const timer = setTimeout(go, attempt === 0 && advised !== undefined ? advised : backoffMs(attempt));
    addEventListener('online', go);
  });
}
