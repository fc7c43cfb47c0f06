import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

/** A process of watchers; each call waits for its answer. */
export function startWatchers() {
  const child = fork(path.join(import.meta.dirname, 'watchers.mjs'));
  const ask = async (what, more = {}) => {
    child.send({ what, ...more });
    const [{ answer, error }] = await once(child, 'message');
    if (error) throw new Error(error);
    return answer;
  };
  return {
    ask,
    async stop() {
      const exit = once(child, 'exit');
      child.disconnect();
      await exit;
    },
  };
}
