import { expect, test } from '@jest/globals';
import { StormLog } from '../../../src/platform/process/storm-log.ts';
import type { Logger } from '../../../src/platform/process/log.ts';

test('a storm of one failure is one line in ten seconds, with the number of those left out', () => {
  const lines: [object, string][] = [];
  let now = 0;
  const log = { error: (fields: object, message: string) => lines.push([fields, message]) };
  const storms = new StormLog(log as unknown as Logger, () => now);
  for (let i = 0; i < 1000; i++) storms.error({ i }, 'down');
  storms.error({}, 'another');
  now = 10_000;
  storms.error({ i: 1000 }, 'down');
  expect(lines).toEqual([
    [{ i: 0 }, 'down'],
    [{}, 'another'],
    [{ i: 1000, suppressed: 999 }, 'down'],
  ]);
});
