import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Job } from '../../../src/platform/jobs/job.ts';
import { JobRunner } from '../../../src/platform/jobs/job-runner.ts';
import { createLogger } from '../../../src/platform/process/log.ts';
import { registry } from '../../../src/platform/metrics/registry.ts';
import { SettableTimer } from '../../support/jobs/settable-timer.ts';

const log = createLogger('silent');
let timer: SettableTimer;
let runner: JobRunner;

beforeEach(() => {
  timer = new SettableTimer();
  runner = new JobRunner({ databaseUrl: 'postgres://nobody@127.0.0.1:1/none', log, timer });
});
afterEach(() => runner.stop());

let jobs = 0;
function job(run: Job['run'], more: Partial<Job> = {}): Job {
  return { name: `test-${(jobs += 1)}`, everyMs: 10_000, scope: 'PROCESS', run, ...more };
}
const held = () => {
  let release!: (value?: 'more') => void;
  const promise = new Promise<void | 'more'>((resolve) => (release = resolve));
  return { promise, release };
};

/** A job with its runs, which end when they are released. */
function heldJob() {
  const runs: ReturnType<typeof held>[] = [];
  const one = job(() => {
    runs.push(held());
    return runs.at(-1)!.promise;
  });
  return { one, runs };
}

test('a job runs an interval after the start, and an interval after each run has ended', async () => {
  const { one, runs } = heldJob();
  runner.add(one);
  runner.start();
  await timer.pass(9_999);
  expect(runs).toHaveLength(0);
  await timer.pass(1);
  expect(runs).toHaveLength(1);
  expect(runner.reports()).toMatchObject([{ job: one, runningSince: timer.now(), nextRunAt: null }]);
  await timer.pass(60_000); // it still runs: no second one beside it
  expect(runs).toHaveLength(1);
  runs[0]!.release();
  await timer.pass(10_000);
  expect(runs).toHaveLength(2);
  runs[1]!.release();
  await timer.pass(0);
  expect(runner.reports()).toMatchObject([
    {
      runningSince: null,
      lastStartedAt: new Date('2026-12-01T08:01:20Z'),
      lastSucceededAt: new Date('2026-12-01T08:01:20Z'),
      lastError: null,
      failuresInARow: 0,
      nextRunAt: new Date('2026-12-01T08:01:30Z'),
    },
  ]);
});

test('one that runs at the start need not wait; one that is not wanted does not run', async () => {
  let [runs, isWanted] = [0, false];
  const run = async () => void (runs += 1);
  runner.add(job(run, { runsAtStart: true, isWanted: () => isWanted }));
  runner.start();
  await timer.pass(10_000);
  expect(runs).toBe(0);
  isWanted = true;
  await timer.pass(10_000);
  expect(runs).toBe(1);
  runner.add(job(run, { runsAtStart: true })); // also one that is added later
  await timer.pass(0);
  expect(runs).toBe(2);
});

test('whoever wakes a job has it run now, and once more if it is woken while it runs', async () => {
  const { one, runs } = heldJob();
  runner.add(one);
  runner.wake(one.name); // before the start
  await timer.pass(0);
  expect(runs).toHaveLength(0);
  runner.start();
  for (let n = 0; n < 3; n++) runner.wake(one.name);
  await timer.pass(0);
  expect(runs).toHaveLength(1);
  for (let n = 0; n < 3; n++) runner.wake(one.name);
  runs[0]!.release();
  await timer.pass(0);
  expect(runs).toHaveLength(2);
  runs[1]!.release('more'); // and goes on at once where there is more
  await timer.pass(0);
  expect(runs).toHaveLength(3);
  runs[2]!.release();
  await timer.pass(0);
  expect(runs).toHaveLength(3);
});

test('whoever wakes a job just as a run ends is heard', async () => {
  for (let later = 0; later < 20; later++) {
    const { one, runs } = heldJob();
    runner.add(one);
    runner.start();
    runner.wake(one.name);
    await timer.pass(0);
    runs[0]!.release();
    for (let n = 0; n < later; n++) await Promise.resolve();
    runner.wake(one.name);
    await timer.pass(0);
    expect([later, runs.length]).toEqual([later, 2]);
    runs[1]!.release();
    await runner.stop();
    runner = new JobRunner({ databaseUrl: '', log, timer });
  }
});

test('a run that fails is told, counted, and tried again later each time, until one succeeds', async () => {
  const failure = new Error('broken');
  const runs: number[] = [];
  let isBroken = true;
  const one = job(async () => {
    runs.push(timer.now().getTime());
    if (isBroken) throw failure;
  });
  runner.add({ ...one, everyMs: 1_000 });
  runner.start();
  await timer.pass(20_000);
  const pauses = runs.slice(1).map((at, index) => at - runs[index]!);
  expect(pauses.slice(0, 5)).toEqual([1_000, 2_000, 4_000, 5_000, 5_000]);
  expect(runner.reports()).toMatchObject([
    { lastError: failure, failuresInARow: runs.length, lastSucceededAt: null },
  ]);
  expect(await registry.metrics()).toContain(
    `orderweave_job_failures_total{job="${one.name}"} ${runs.length}`,
  );
  isBroken = false;
  await timer.pass(5_000);
  expect(runner.reports()).toMatchObject([{ lastError: null, failuresInARow: 0 }]);
  const before = runs.length;
  await timer.pass(1_000);
  expect(runs).toHaveLength(before + 1);
});

test('an hourly job that has failed is tried again after a minute', async () => {
  const runs: number[] = [];
  runner.add(
    job(
      async () => {
        runs.push(timer.now().getTime());
        throw new Error('broken');
      },
      { everyMs: 3_600_000, runsAtStart: true },
    ),
  );
  runner.start();
  await timer.pass(7 * 60_000);
  expect(runs.slice(1).map((at, index) => at - runs[index]!)).toEqual([60_000, 120_000, 240_000]);
});

test('what is woken while it fails waits with it', async () => {
  let runs = 0;
  const one = job(async () => {
    runs += 1;
    runner.wake(one.name);
    throw new Error('broken');
  });
  runner.add(one);
  runner.start();
  await timer.pass(10_000);
  expect(runs).toBe(1);
  await timer.pass(10_000);
  expect(runs).toBe(2);
});

test('processes do not run in step: an interval differs by up to a tenth', async () => {
  const draws = [0, 1];
  timer = new SettableTimer(() => draws.shift() ?? 0.5);
  runner = new JobRunner({ databaseUrl: '', log, timer });
  runner.add(job(async () => undefined));
  runner.add(job(async () => undefined));
  runner.start();
  const inMs = runner.reports().map(({ nextRunAt }) => nextRunAt!.getTime() - timer.now().getTime());
  expect(inMs).toEqual([9_000, 11_000]);
});

test('a stop waits for what runs, tells it, and lets nothing begin', async () => {
  const run = held();
  let [signal, runs]: [AbortSignal | undefined, number] = [undefined, 0];
  const one = job((aborted) => {
    [signal, runs] = [aborted, runs + 1];
    return run.promise;
  });
  runner.add(one);
  runner.start();
  runner.wake(one.name);
  await timer.pass(0);
  let isStopped = false;
  const stopped = runner.stop().then(() => (isStopped = true));
  await timer.pass(60_000);
  expect([signal!.aborted, isStopped]).toEqual([true, false]);
  runner.wake(one.name);
  run.release('more');
  await stopped;
  await timer.pass(60_000);
  expect(runs).toBe(1);
});

test('two jobs of one name are a defect', () => {
  const one = job(async () => undefined);
  runner.add(one);
  expect(() => runner.add(one)).toThrow(`Two jobs are named ${one.name}`);
});
