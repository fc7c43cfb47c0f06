import { setImmediate as nextTurn } from 'node:timers/promises';

/** Waits until `condition` holds, asking again as fast as it answers; the test's own time limit ends a vain wait. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await nextTurn();
}
