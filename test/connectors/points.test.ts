import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PointsBucket } from '../../connectors/spi/index.ts';

describe('a bucket of points', () => {
  it('lets nothing wait before it knows anything, nor while there are enough', () => {
    const bucket = new PointsBucket(() => 0);
    expect(bucket.claim(500)).toBe(0);
    bucket.settle(500, { maximumAvailable: 1000, currentlyAvailable: 100, restoreRate: 50 });
    expect(bucket.claim(100)).toBe(0);
  });

  it('lets those that claim together wait behind each other', () => {
    const bucket = new PointsBucket(() => 0);
    bucket.settle(0, { maximumAvailable: 1000, currentlyAvailable: 0, restoreRate: 100 });
    expect([bucket.claim(50), bucket.claim(50), bucket.claim(100)]).toEqual([500, 1000, 2000]);
  });

  it('lets a call that costs more than the bucket holds wait until it is full', () => {
    const bucket = new PointsBucket(() => 0);
    bucket.settle(0, { maximumAvailable: 1000, currentlyAvailable: 0, restoreRate: 100 });
    expect(bucket.claim(5000)).toBe(10_000);
  });

  it('never overdraws a source that counts as it says', () => {
    const call = fc.record({
      cost: fc.integer({ min: 1, max: 400 }),
      pauseMs: fc.integer({ min: 0, max: 3000 }),
    });
    fc.assert(
      fc.property(
        fc.array(call, { maxLength: 40 }),
        fc.integer({ min: 1, max: 500 }),
        (calls, restoreRate) => {
          let now = 0;
          let available = 400;
          const bucket = new PointsBucket(() => now);
          const pass = (ms: number) => {
            now += ms;
            available = Math.min(400, available + (ms / 1000) * restoreRate);
          };
          bucket.settle(0, { maximumAvailable: 400, currentlyAvailable: available, restoreRate });
          for (const { cost, pauseMs } of calls) {
            pass(pauseMs);
            pass(bucket.claim(cost));
            expect(available).toBeGreaterThanOrEqual(cost - 1e-6);
            available -= cost;
            bucket.settle(cost, { maximumAvailable: 400, currentlyAvailable: available, restoreRate });
          }
        },
      ),
    );
  });
});
