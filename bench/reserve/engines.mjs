import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

const worker = path.join(import.meta.dirname, 'engine-load.mjs');

/** As many processes as asked for, each with an engine. */
export async function startEngines(url, count, execArgv = []) {
  const children = Array.from({ length: count }, () =>
    fork(worker, { env: { ...process.env, BENCH_DATABASE_URL: url }, execArgv }),
  );
  const messageOf = async (child) => {
    const waiting = new AbortController();
    const { signal } = waiting;
    const ended = once(child, 'exit', { signal }).then(([code]) => {
      throw new Error(`an engine ended with ${code}`);
    });
    ended.catch(() => undefined); // given up when it has answered
    try {
      return await Promise.race([once(child, 'message', { signal }), ended]);
    } finally {
      waiting.abort();
    }
  };
  await Promise.all(children.map(messageOf));
  return {
    /** `callers` are divided among the processes. */
    async load({ callers, ...how }) {
      const each = Math.ceil(callers / count);
      const answers = children.map(async (child) => {
        child.send({ callers: each, ...how });
        const [answer] = await messageOf(child);
        return answer;
      });
      return together(await Promise.all(answers));
    },
    async stop() {
      const exits = children.map((child) => once(child, 'exit'));
      for (const child of children) child.send('end');
      await Promise.all(exits);
    },
  };
}

function together(answers) {
  const perSecond = answers.reduce((sum, answer) => sum + answer.perSecond, 0);
  const weighted = (name) =>
    answers.reduce((sum, answer) => sum + answer[name] * answer.perSecond, 0) / perSecond;
  return {
    perSecond,
    refused: answers.reduce((sum, { refused }) => sum + refused, 0),
    p50Ms: weighted('p50Ms'),
    p99Ms: Math.max(...answers.map(({ p99Ms }) => p99Ms)),
    meanBatch: weighted('meanBatch'),
    cpuMicros: weighted('cpuMicros'),
  };
}
