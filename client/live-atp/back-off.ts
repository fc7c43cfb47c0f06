const FIRST_MS = 250;
const LONGEST_MS = 8_000;

/** Full jitter: after a restart of the hub its clients come back spread out, not all in the same instant. */
export const backOffMs = (attempt: number, random: () => number = Math.random): number =>
  FIRST_MS / 2 + random() * Math.min(LONGEST_MS, FIRST_MS * 2 ** attempt);

/** The browser events that Node does not have. */
const page = globalThis as Partial<
  Record<'addEventListener' | 'removeEventListener', (type: string, listener: () => void) => void>
>;

/**
 * Waits for its turn, or, in a browser, until it is online again, whichever is first.
 * @param advisedMs what the hub has said when it went away
 */
export function untilRetry(attempt: number, advisedMs?: number): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      clearTimeout(timer);
      page.removeEventListener?.('online', go);
      resolve();
    };
    const timer = setTimeout(go, attempt === 0 && advisedMs !== undefined ? advisedMs : backOffMs(attempt));
    page.addEventListener?.('online', go);
  });
}
