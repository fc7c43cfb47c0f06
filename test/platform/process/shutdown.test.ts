import { expect, test } from '@jest/globals';
import type { Logger } from '../../../src/platform/process/log.ts';
import { Shutdown } from '../../../src/platform/process/shutdown.ts';

const logged: { what: string }[] = [];
const log = { error: (details: { what: string }) => logged.push(details) } as unknown as Logger;

test('what fails to end is named, and the rest ends, in the reverse order of its start', async () => {
  const ended: string[] = [];
  const shutdown = new Shutdown(log);
  shutdown.onStop('database', () => void ended.push('database'));
  shutdown.onStop('engine', async () => {
    ended.push('engine');
    throw new Error('the socket is gone');
  });
  shutdown.onStop('server', async () => void ended.push('server'));
  await expect(shutdown.stop(60_000)).rejects.toThrow('did not end cleanly: engine');
  expect(ended).toEqual(['server', 'engine', 'database']);
  expect(logged).toEqual([{ what: 'engine', err: new Error('the socket is gone') }]);
});

test('what hangs is named after the time that is given', async () => {
  const shutdown = new Shutdown(log);
  shutdown.onStop('database', () => undefined);
  shutdown.onStop('engine', () => new Promise(() => undefined));
  shutdown.onStop('server', () => undefined);
  await expect(shutdown.stop(20)).rejects.toThrow('engine did not end within 0.02 s');
});

test('it ends everything once, however often it is told to', async () => {
  let times = 0;
  const shutdown = new Shutdown(log);
  shutdown.onStop('server', () => void times++);
  await Promise.all([shutdown.stop(60_000), shutdown.stop(60_000)]);
  await shutdown.stop(60_000);
  expect(times).toBe(1);
});
