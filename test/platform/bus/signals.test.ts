import { expect, test } from '@jest/globals';
import { Signals, defineSignal } from '../../../src/platform/bus/signals.ts';
import { createLogger } from '../../../src/platform/process/log.ts';

const rain = defineSignal<number>('rain');

test('a signal reaches all who listen, whatever one of them does, until they leave', () => {
  const signals = new Signals(createLogger('silent'));
  const heard: string[] = [];
  const leave = signals.on(rain, (mm) => heard.push(`a ${mm}`));
  signals.on(rain, () => {
    throw new Error('deaf');
  });
  signals.on(rain, (mm) => heard.push(`b ${mm}`));
  signals.on(defineSignal<number>('rain'), () => heard.push('another signal of that name'));
  signals.publish(rain, 1);
  leave();
  signals.publish(rain, 2);
  expect(heard).toEqual(['a 1', 'b 1', 'b 2']);
});
