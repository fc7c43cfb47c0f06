import { setTimeout as pause } from 'node:timers/promises';

/** Asking without a pause would take the core that the asked one needs. */
const PAUSE_MS = 5;

/** Waits until `condition` holds, asking again and again; the test's own time limit ends a vain wait. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await pause(PAUSE_MS);
}
