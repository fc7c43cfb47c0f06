import { expect, test } from '@jest/globals';
import type { RequestContext } from '../../../src/platform/api/request-context.ts';
import { CrossRequestLoader } from '../../../src/platform/api/cross-request-loader.ts';

/** A loader of twice a number; negative ones do not exist, and 13 breaks its batch. `answer` lets the next batch end. */
function doubling() {
  const batches: number[][] = [];
  const open: (() => void)[] = [];
  const loader = new CrossRequestLoader<number, number>(
    {
      async batch(keys) {
        batches.push([...keys]);
        await new Promise<void>((resolve) => open.push(resolve));
        if (keys.includes(13)) throw new Error('broken');
        return keys.map((key) => (key < 0 ? new Error(`no ${key}`) : 2 * key));
      },
    },
    () => ({}) as RequestContext,
  );
  const answer = async () => {
    while (open.length === 0) await new Promise(setImmediate);
    open.shift()!();
  };
  return { loader, batches, answer };
}

test('what is asked while one batch is under way is the next, each key once, and known for those just after', async () => {
  const { loader, batches, answer } = doubling();
  const first = [loader.load(1), loader.load(2), loader.load(1)];
  await new Promise(setImmediate);
  const second = [loader.load(3), loader.load(2), loader.load(3)];
  await answer();
  expect(await Promise.all(first)).toEqual([2, 4, 2]);
  expect(await loader.load(1)).toBe(2);
  await answer();
  expect(await Promise.all(second)).toEqual([6, 4, 6]);
  expect(batches).toEqual([
    [1, 2],
    [3, 2],
  ]);
});

test('an unknown key fails for those who asked for it, and is asked for again', async () => {
  const { loader, batches, answer } = doubling();
  const asked = Promise.allSettled([loader.load(-1), loader.load(1)]);
  await answer();
  expect(await asked).toMatchObject([{ reason: { message: 'no -1' } }, { value: 2 }]);
  const again = Promise.allSettled([loader.load(-1)]);
  await answer();
  expect((await again)[0]!.status).toBe('rejected');
  expect(batches).toEqual([[-1, 1], [-1]]);
});

test('a batch that fails fails for its askers only', async () => {
  const { loader, answer } = doubling();
  const asked = Promise.allSettled([loader.load(13)]);
  await answer();
  expect((await asked)[0]).toMatchObject({ status: 'rejected' });
  const next = loader.load(7);
  await answer();
  expect(await next).toBe(14);
});

test('no batch has more than 1,000 keys', async () => {
  const { loader, batches, answer } = doubling();
  const asked = Promise.all(Array.from({ length: 2_500 }, (_, key) => loader.load(key + 100)));
  for (let batch = 0; batch < 3; batch++) await answer();
  await asked;
  expect(batches.map(({ length }) => length)).toEqual([1_000, 1_000, 500]);
});
