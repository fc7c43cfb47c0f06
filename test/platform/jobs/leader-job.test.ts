import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { JobRunner } from '../../../src/platform/jobs/job-runner.ts';
import { createLogger } from '../../../src/platform/process/log.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { until } from '../../support/until.ts';

let database: TestDatabase;
const runners: JobRunner[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await Promise.all(runners.map((runner) => runner.stop()));
  await database?.drop();
});

test('a job of the leader runs in one process at a time, and in another one when that has gone', async () => {
  const running = new Set<number>();
  const ran: number[] = [];
  for (const number of [0, 1, 2]) {
    const runner = new JobRunner({ databaseUrl: database.url, log: createLogger('silent') });
    runner.add({
      name: 'test-of-the-leader',
      everyMs: 10,
      scope: 'LEADER',
      async run() {
        running.add(number);
        if (running.size > 1) throw new Error('two at once');
        ran.push(number);
        await new Promise(setImmediate);
        running.delete(number);
      },
    });
    runner.start();
    runners.push(runner);
  }
  const elected = () => runners.flatMap((runner, at) => (runner.reports()[0]!.isElected ? [at] : []));
  await until(() => ran.length >= 5);
  const [first] = elected();
  expect(new Set(ran)).toEqual(new Set([first]));
  expect(elected()).toEqual([first]);

  await runners[first!]!.stop();
  await until(() => ran.at(-1) !== first);
  const second = ran.at(-1);
  await until(() => ran.filter((number) => number === second).length >= 5);
  expect(elected()).toEqual([second]);
  for (const runner of runners) expect(runner.reports()[0]!.lastError).toBeNull();
});
