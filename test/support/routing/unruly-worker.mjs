/** A worker of the decision pool that does what the order's id says: hang, die, fail, or answer. */
import { parentPort, threadId } from 'node:worker_threads';

const send = (message) => parentPort.postMessage(message, []);

parentPort.on('message', ({ question, input }) => {
  const { id } = input.order;
  if (id.startsWith('hang')) for (;;);
  if (id.startsWith('die')) process.exit(3);
  if (id.startsWith('fail')) return send({ error: new RangeError(`no decision of ${id}`) });
  const answer = question === 'DECIDE' ? { outcome: { id, threadId } } : { costMinor: 7 };
  send({ answer: { ...answer, durationMs: 1 } });
});
send({ ready: true });
