import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { atpVersion } from '../../../../src/inventory/model/atp-version.ts';
import { LatestValueQueue } from '../../../../src/inventory/availability/live/latest-value-queue.ts';
import { readingOf } from '../../../support/inventory/live-reading.ts';

const subscriberOf = (resume: [string, string][] = []) =>
  new LatestValueQueue(
    new Map(resume.map(([sku, version]) => [`MAIN\u0000${sku}`, version])),
    () => undefined,
  );

test('a slow client keeps one value a SKU, the latest, and is told how many it skipped', async () => {
  const subscriber = subscriberOf();
  for (let version = 1; version <= 100_000; version++) subscriber.offer(readingOf('A', version));
  subscriber.offer(readingOf('B', 7));
  expect((await subscriber.next()).value).toMatchObject({
    kind: 'SNAPSHOT',
    reading: { sku: 'A', figures: { onHand: 100_000 } },
    previousVersion: null,
    coalesced: 99_999,
  });
  expect((await subscriber.next()).value).toMatchObject({
    kind: 'SNAPSHOT',
    reading: { sku: 'B' },
    coalesced: 0,
  });
  subscriber.offer(readingOf('A', 100_001));
  expect((await subscriber.next()).value).toMatchObject({
    kind: 'CHANGE',
    previousVersion: atpVersion(100_000, null),
    coalesced: 0,
  });
});

test('what the client has already is not sent again; what has moved since is a snapshot', async () => {
  const subscriber = subscriberOf([
    ['A', atpVersion(5, null)],
    ['B', atpVersion(5, null)],
  ]);
  subscriber.offer(readingOf('A', 5));
  subscriber.offer(readingOf('B', 6));
  expect((await subscriber.next()).value).toMatchObject({
    kind: 'SNAPSHOT',
    reading: { sku: 'B' },
    previousVersion: atpVersion(5, null),
  });
});

test('whatever arrives in whatever order, each SKU is told in version order and its last value is the newest', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.oneof(
          fc.tuple(fc.constantFrom('A', 'B'), fc.integer({ min: 1, max: 30 })),
          fc.constant('read' as const),
        ),
        {
          maxLength: 60,
        },
      ),
      async (steps) => {
        const subscriber = subscriberOf();
        const newest = new Map<string, number>();
        const told = new Map<string, number[]>();
        let waiting = new Set<string>();
        const read = async () => {
          if (waiting.size === 0) return;
          const { value } = await subscriber.next();
          told.set(value!.reading.sku, [
            ...(told.get(value!.reading.sku) ?? []),
            value!.reading.figures.onHand,
          ]);
          waiting = new Set([...waiting].filter((sku) => sku !== value!.reading.sku));
        };
        for (const step of steps) {
          if (step === 'read') await read();
          else {
            const [sku, version] = step;
            if (version > (newest.get(sku) ?? 0)) {
              newest.set(sku, version);
              waiting.add(sku);
            }
            subscriber.offer(readingOf(sku, version));
          }
        }
        while (waiting.size > 0) await read();
        for (const [sku, versions] of told) {
          expect(versions).toEqual([...versions].sort((a, b) => a - b));
          expect(versions.at(-1)).toBe(newest.get(sku));
        }
      },
    ),
  );
});

test('ended, it wakes whoever waits', async () => {
  const subscriber = subscriberOf();
  const next = subscriber.next();
  await subscriber.return();
  expect(await next).toEqual({ done: true, value: undefined });
});
