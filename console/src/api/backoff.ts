const FIRST_MS = 250;
const LONGEST_MS = 8_000;

/** Full jitter: after a restart of the hub its clients come back spread out, not all in the same instant. */
export const backoffMs = (attempt: number, random = Math.random) =>
  FIRST_MS / 2 + random() * Math.min(LONGEST_MS, FIRST_MS * 2 ** attempt);

/** Waits for its turn, or until the browser is online again, whichever is first. */
export function untilRetry(attempt: number) {
  return new Promise<void>((resolve) => {
    const go = () => {
      clearTimeout(timer);
      removeEventListener('online', go);
      resolve();
    };
    const timer = setTimeout(go, backoffMs(attempt));
    addEventListener('online', go);
  });
}
