import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { KeyTurns } from '../../../src/graph/policy/cost/key-turns.ts';

const keyed = (keyId: string) => ({ partner: 'p', name: 'n', admin: false, keyId });

test('operations of a key run together up to the ceiling, in their order; another key does not wait for them', async () => {
  const turns = new KeyTurns(100);
  const began: string[] = [];
  const start = async (key: string, cost: number, name: string) => {
    const leave = await turns.enter(keyed(key), cost);
    began.push(name);
    return leave;
  };
  const first = await start('a', 60, 'first');
  const second = start('a', 60, 'second');
  const third = start('a', 10, 'third');
  const other = await start('b', 100, 'other');
  await nextTurn();
  expect(began).toEqual(['first', 'other']);
  first();
  (await second)();
  (await third)();
  other();
  expect(began).toEqual(['first', 'other', 'second', 'third']);
});

test('whatever comes, each has its turn, and those at once never cost more than the ceiling, or are one', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 150 }), { minLength: 1, maxLength: 40 }),
      async (costs) => {
        const turns = new KeyTurns(100);
        const running: number[] = [];
        await Promise.all(
          costs.map(async (cost) => {
            const leave = await turns.enter(keyed('a'), cost);
            running.push(cost);
            const together = running.reduce((sum, each) => sum + each, 0);
            expect(running.length === 1 || together <= 100).toBe(true);
            await nextTurn();
            running.splice(running.indexOf(cost), 1);
            leave();
          }),
        );
        expect(running).toEqual([]);
      },
    ),
    { numRuns: 50 },
  );
});
