/** A worker of the decision pool that does what the order's id says: hang, die, fail, or answer. */
import { parentPort, threadId } from 'node:worker_threads';

parentPort.on('message', ({ question, input }) => {
  const { id } = input.order;
  if (id.startsWith('hang')) for (;;);
  if (id.startsWith('die')) process.exit(3);
  if (id.startsWith('fail')) parentPort.postMessage({ error: new RangeError(`no decision of ${id}`) });
  else
    parentPort.postMessage({
      answer:
        question === 'DECIDE'
          ? { outcome: { id, threadId }, durationMs: 1 }
          : { costMinor: 7, durationMs: 1 },
    });
});
parentPort.postMessage({ ready: true });
