import { expect, test } from '@jest/globals';
import path from 'node:path';
import { packageRoot } from '../../../src/platform/process/package-root.ts';
import { run } from '../../support/run-script.ts';

/** Processes with the watchdog of the built hub, that do what a hub must not. */
const built = (file: string) => JSON.stringify(path.join(packageRoot(), 'dist/src/platform/process', file));
const watched = (alarmMs: number, work: string) => `
  const { watchEventLoop } = await import(${built('loop-watchdog.js')});
  const { createLogger } = await import(${built('log.js')});
  const end = watchEventLoop(${alarmMs}, createLogger('info'));
  ${work}`;
const runWatched = (alarmMs: number, work: string, options: string[] = []) =>
  run(process.execPath, [...options, '--input-type=module', '--eval', watched(alarmMs, work)]);
const linesOf = (stderr: string): { level: number; msg: string; [field: string]: unknown }[] =>
  stderr.split('\n').flatMap((line) => (line.startsWith('{"level"') ? [JSON.parse(line)] : []));

const blockFor = (ms: number) => `
  await new Promise((resolve) => setTimeout(resolve, 600)); // the watchdog has started
  const until = performance.now() + ${ms};
  while (performance.now() < until);`;

test('a loop that stands still is one fatal line, and one when it turns again', async () => {
  const { code, stderr } = await runWatched(
    300,
    `${blockFor(1_500)} await new Promise((resolve) => setTimeout(resolve, 1_000)); await end();`,
  );
  expect(code).toBe(0);
  expect(linesOf(stderr)).toEqual([
    expect.objectContaining({ level: 60, msg: 'the event loop stands still; nothing is served' }),
    expect.objectContaining({ level: 40, msg: 'the event loop turns again', stalledMs: expect.any(Number) }),
  ]);
  expect(linesOf(stderr)[1]!.stalledMs).toBeGreaterThanOrEqual(1_000);
});

test('a process that is killed while its loop stands still has said so in its last line', async () => {
  const { stderr } = await runWatched(
    300,
    `${blockFor(1_500)} process.kill(process.pid, 'SIGKILL'); for (;;);`,
  );
  expect(linesOf(stderr).at(-1)).toMatchObject({
    level: 60,
    msg: 'the event loop stands still; nothing is served',
  });
});

test('a loop that turns is silent', async () => {
  const { code, stderr } = await runWatched(
    2_000,
    'await new Promise((resolve) => setTimeout(resolve, 3_000)); await end();',
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});

test('before memory runs out, the last line says so', async () => {
  const { code, stderr } = await runWatched(
    5_000,
    `const held = [];
    for (;;) {
      for (let index = 0; index < 15; index++) held.push({ list: new Array(100).fill(index), text: String(index) });
      await new Promise((resolve) => setTimeout(resolve, 2));
    }`,
    ['--max-old-space-size=64'],
  );
  expect(code).not.toBe(0);
  expect(stderr).toContain('heap out of memory');
  expect(linesOf(stderr).at(-1)).toMatchObject({
    level: 60,
    msg: 'the heap is nearly full; the process ends when its limit is reached',
    heapLimitBytes: 64 * 1024 * 1024,
  });
});
