import { afterEach, describe, expect, test } from '@jest/globals';
import { createLogger } from '../../../src/platform/process/log.ts';
import { decideRoute, DecisionPool, starterRules } from '../../../src/routing/index.ts';
import { compiled, input, order } from '../../support/routing/fixtures.ts';

const log = createLogger('silent');
const unruly = new URL('../../support/routing/unruly-worker.mjs', import.meta.url);
const pools: DecisionPool[] = [];
const job = (id: string) => ({
  input: input({ order: order({ id }) }),
  ruleSetId: 'r',
  rules: [...starterRules],
});

function poolOf(options: { workers?: number; fuseMs?: number; entry?: URL } = {}): DecisionPool {
  const pool = new DecisionPool({ workers: 1, log, ...options });
  pools.push(pool);
  return pool;
}
/** Long enough for any answer here, short enough to wait for. */
const fuseMs = 1_500;
const unrulyPool = (workers = 1) => poolOf({ workers, fuseMs, entry: unruly });
const threadOf = async (pool: DecisionPool, id: string) =>
  ((await pool.decide(job(id))).outcome as unknown as { threadId: number }).threadId;

afterEach(async () => {
  for (const pool of pools.splice(0)) await pool.close();
});

describe('a decision pool', () => {
  test('answers as the core does, and beside the event loop', async () => {
    const pool = poolOf();
    const { outcome } = await pool.decide(job('a'));
    expect(outcome).toEqual(decideRoute(job('a').input, compiled(...starterRules)));
    expect(await pool.unconstrainedCost(job('a'))).toBe(900);
  });

  test('passes on what a decision throws, and goes on', async () => {
    const pool = unrulyPool();
    await expect(pool.decide(job('fail'))).rejects.toThrow('no decision of fail');
    expect(await pool.unconstrainedCost(job('good'))).toBe(7);
  });

  test.each(['hang', 'die'])(
    'tries a decision that makes its worker %s once more, and those behind it go on',
    async (id) => {
      const pool = unrulyPool();
      const first = await threadOf(pool, 'good');
      const [lost, next] = await Promise.allSettled([pool.decide(job(id)), threadOf(pool, 'behind')]);
      expect(lost).toMatchObject({ status: 'rejected', reason: { name: 'DecisionFailed' } });
      // Two workers were lost, and a third one has gone on.
      expect(next).toEqual({ status: 'fulfilled', value: expect.any(Number) });
      expect((next as PromiseFulfilledResult<number>).value).toBeGreaterThanOrEqual(first + 2);
    },
  );

  test('uses as many workers as it may, while one of them hangs', async () => {
    const pool = unrulyPool(2);
    const hanging = expect(pool.decide(job('hang'))).rejects.toThrow('twice');
    expect(await threadOf(pool, 'good')).toEqual(expect.any(Number));
    await hanging;
  });

  test('gives a program that does not start up after two tries', async () => {
    const pool = poolOf({ fuseMs, entry: new URL('file:///no/such/worker.mjs') });
    await expect(pool.decide(job('a'))).rejects.toThrow('twice');
  });

  test('refuses what waits when it is closed', async () => {
    const pool = unrulyPool();
    const waiting = [pool.decide(job('hang')), pool.decide(job('behind'))].map((answer) =>
      expect(answer).rejects.toMatchObject({ code: 'OVERLOADED' }),
    );
    await pool.close();
    await Promise.all(waiting);
    await expect(pool.decide(job('late'))).rejects.toMatchObject({ code: 'OVERLOADED' });
  });
});
