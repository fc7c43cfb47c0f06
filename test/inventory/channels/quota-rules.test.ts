import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { availableTo, splitQuota, type SellsFrom } from '../../../src/inventory/model/split-quota.ts';
import { promisableQuantity } from '../../../src/inventory/model/available-to-promise.ts';
import { quotaRebalancingJob } from '../../../src/inventory/channels/quota-rebalancing.job.ts';
import { readAtp } from '../../../src/inventory/availability/read-availability.ts';
import { setQuotas, type QuotaTarget } from '../../../src/inventory/channels/set-quotas.ts';
import { countOf, reserveOf } from '../../support/inventory/engine.ts';
import { engineFixture, idOf, later, NOON } from '../../support/inventory/engine-fixture.ts';
import { auditOf } from '../../support/inventory/stock.ts';

const fixture = engineFixture(100);

const keep = (channel: string, target: Partial<QuotaTarget>, sku = fixture.sku) =>
  fixture.orm.em.fork().transactional((em) =>
    setQuotas(em, {
      channel,
      pool: 'MAIN',
      lines: [{ sku, exclusive: 0, sharedCap: null, releaseAt: null, ...target }],
    }),
  );
async function numbers(sku = fixture.sku) {
  const [reading] = await readAtp(fixture.orm.em.fork(), [{ sku, pool: 'MAIN' }]);
  const { figures, quotas, version, nextChangeAt } = reading!;
  const quantity = promisableQuantity(figures);
  const to = (code: string, sellsFrom: SellsFrom = 'POOL') =>
    availableTo({ code, sellsFrom }, quantity, quotas);
  return { quantity, douyin: to('douyin'), jd: to('jd'), quotas, version, nextChangeAt };
}

test('an exclusive part is shared at its instant in reads and reserves, though nothing runs', async () => {
  const { database, engine, orm, sku } = fixture;
  await engine.submit(countOf(sku, 10));
  await keep('jd', { exclusive: 6, releaseAt: later(60).toISOString() });
  await engine.submit(reserveOf(sku, 2, { channel: 'jd', ttlSeconds: 3600 }));
  const before = await numbers();
  expect(before).toMatchObject({ quantity: 8, douyin: 4, jd: 8, nextChangeAt: later(60) });

  await database.setClock(later(60));
  const after = await numbers();
  expect(after).toMatchObject({ quantity: 8, douyin: 8, jd: 8, nextChangeAt: later(3600) });
  expect(after.version > before.version).toBe(true);
  expect(await engine.submit(reserveOf(sku, 8, { ttlSeconds: 60 }))).toMatchObject({ type: 'Reservation' });
  expect(await numbers()).toMatchObject({ quantity: 0, douyin: 0, jd: 0 });

  // What jd gives back after the release is everybody's.
  await database.setClock(later(3600));
  expect(await numbers()).toMatchObject({ quantity: 10, douyin: 10, jd: 10 });
  expect(await auditOf(orm)).toEqual([]);
});

test('a cap counts what a channel takes of the shared part', async () => {
  const { engine, sku } = fixture;
  await engine.submit(countOf(sku, 20));
  await keep('jd', { exclusive: 3, sharedCap: 4 });
  expect(await numbers()).toMatchObject({ douyin: 17, jd: 7 });
  expect(await engine.submit(reserveOf(sku, 8, { channel: 'jd' }))).toMatchObject({
    type: 'InsufficientStock',
    shortages: [{ available: 7 }],
  });
  const taken = await engine.submit(reserveOf(sku, 6, { channel: 'jd' }));
  expect(await numbers()).toMatchObject({ quantity: 14, douyin: 14, jd: 1 });
  await engine.submit({ type: 'release', reservationId: idOf(taken), reason: undefined });
  expect(await numbers()).toMatchObject({ douyin: 17, jd: 7 });
});

test('parts follow what channels sell, once a day, where that is wanted', async () => {
  const { database, engine, orm, sku } = fixture;
  await engine.submit(countOf(sku, 100));
  await keep('jd', { exclusive: 20 });
  await keep('douyin', { exclusive: 20 });
  await engine.submit(reserveOf(sku, 9, { channel: 'jd' }));
  await engine.submit(reserveOf(sku, 3, { channel: 'douyin' }));
  const changed: object[] = [];
  const job = quotaRebalancingJob(orm.em, (places) => changed.push(...places));
  const run = () => job.run(new AbortController().signal);
  const rebalancedAt = async () =>
    (await database.query<{ at: Date | null }>('select rebalanced_at as at from quota_rebalancing'))[0]?.at;
  await run();
  expect(changed).toEqual([]);
  await database.query(`insert into quota_rebalancing (sku, pool, window_days) values ($1, 'MAIN', 7)`, [
    sku,
  ]);
  const before = await numbers();
  await run();
  const first = await rebalancedAt();
  const after = await numbers();
  expect(after.quotas).toMatchObject([
    { channel: 'douyin', exclusive: 10 },
    { channel: 'jd', exclusive: 30 },
  ]);
  expect(after.version > before.version).toBe(true);
  expect(changed).toEqual([{ sku, pool: 'MAIN' }]);
  await run();
  expect(await rebalancedAt()).toEqual(first);
  await database.setClock(later(24 * 3600));
  await run();
  expect(await rebalancedAt()).not.toEqual(first);
});

type Step =
  | { do: 'reserve'; channel: string; quantity: number; useSafetyBuffer: boolean }
  | { do: 'release'; which: number }
  | { do: 'count'; counted: number }
  | { do: 'keep'; channel: string; exclusive: number; sharedCap: number | null; releaseIn: number | null }
  | { do: 'wait'; seconds: number };
const channel = fc.constantFrom('douyin', 'jd');
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({
      do: fc.constant('reserve' as const),
      channel,
      quantity: fc.integer({ min: 1, max: 5 }),
      useSafetyBuffer: fc.boolean(),
    }),
    fc.record({ do: fc.constant('release' as const), which: fc.nat(9) }),
    fc.record({ do: fc.constant('count' as const), counted: fc.nat(15) }),
    fc.record({
      do: fc.constant('keep' as const),
      channel,
      exclusive: fc.nat(8),
      sharedCap: fc.option(fc.nat(5)),
      releaseIn: fc.option(fc.integer({ min: 1, max: 60 })),
    }),
    fc.record({ do: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 40 }) }),
  ),
  { minLength: 5, maxLength: 25, size: 'max' },
);

test('at every version the parts sum to the number of the pool, and one version names one number a channel', async () => {
  const { database, engine, orm } = fixture;
  let run = 0;
  await fc.assert(
    fc.asyncProperty(steps, async (plan) => {
      const sku = `RULES-${run++}`;
      await database.query('insert into sku (code, title) values ($1, $1)', [sku]);
      await database.query(`insert into stock_balance (sku, pool, buffer_fixed) values ($1, 'MAIN', 2)`, [
        sku,
      ]);
      let seconds = 0;
      await database.setClock(NOON);
      const reservations: string[] = [];
      const named = new Map<string, string>();
      let last = '';
      for (const step of plan) {
        if (step.do === 'wait') await database.setClock(later((seconds += step.seconds)));
        else if (step.do === 'count') await engine.submit(countOf(sku, step.counted));
        else if (step.do === 'keep')
          await keep(
            step.channel,
            {
              exclusive: step.exclusive,
              sharedCap: step.sharedCap,
              releaseAt: step.releaseIn === null ? null : later(seconds + step.releaseIn).toISOString(),
            },
            sku,
          );
        else if (step.do === 'reserve') {
          const outcome = await engine.submit(
            reserveOf(sku, step.quantity, { ...step, ttlSeconds: 30 } as never),
          );
          if ('id' in outcome) reservations.push(outcome.id as string);
        } else if (reservations.length > 0)
          await engine.submit({
            type: 'release',
            reservationId: reservations[step.which % reservations.length]!,
            reason: undefined,
          });
        const { quantity, quotas, version, douyin, jd } = await numbers(sku);
        const { shared, exclusiveFree } = splitQuota(quantity, quotas);
        expect(shared + [...exclusiveFree.values()].reduce((sum, units) => sum + units, 0)).toBe(quantity);
        expect(version >= last).toBe(true);
        last = version;
        const numbersOfVersion = JSON.stringify([quantity, douyin, jd]);
        expect(named.get(version) ?? numbersOfVersion).toBe(numbersOfVersion);
        named.set(version, numbersOfVersion);
      }
      expect(await auditOf(orm)).toEqual([]);
    }),
    { numRuns: 40 },
  );
});
