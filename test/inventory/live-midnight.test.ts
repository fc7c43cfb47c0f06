import { expect, test } from '@jest/globals';
import { atpTerms, promisableQuantity } from '../../src/inventory/available-to-promise.ts';
import { AtpFeed } from '../../src/inventory/live/atp-feed.ts';
import { readPromises } from '../../src/inventory/read-promise.ts';
import type { ChangeBus } from '../../src/platform/change-bus.ts';
import { createLogger } from '../../src/platform/log.ts';
import { countOf, reserveOf } from '../support/engine.ts';
import { engineFixture, idOf, later } from '../support/engine-fixture.ts';

const fixture = engineFixture();
/** Nobody tells anything: what is pushed, the clock alone has caused. */
const silent = { subscribe: () => () => undefined, publish: () => undefined } as unknown as ChangeBus;
/** The feed looks at everything again after five seconds; what comes before has come at its instant. */
const SWEEP_MS = 5_000;
const AHEAD_MS = 1_500;

/** Lets the database's clock run, as if it was a moment before `instant`. */
async function runTowards(instant: Date): Promise<void> {
  await fixture.database.query(
    `create or replace function hub_now() returns timestamptz language sql volatile as $$
       select clock_timestamp() + interval '${instant.getTime() - AHEAD_MS - Date.now()} ms' $$`,
  );
}

async function pushedAt(instant: Date): Promise<{ before: number; after: number; asOf: Date }> {
  await runTowards(instant);
  const started = performance.now();
  const feed = new AtpFeed(
    silent,
    (places) => readPromises(fixture.orm.em.fork(), places),
    createLogger('silent'),
  );
  try {
    const updates = feed.watch([{ sku: fixture.sku, pool: 'MAIN' }], new Map());
    const next = async () => {
      const { reading } = (await updates.next()).value!;
      const quantity = promisableQuantity(reading.figures);
      expect(atpTerms(reading.figures).reduce((sum, term) => sum + term.quantity, 0)).toBe(quantity);
      return { quantity, asOf: reading.asOf };
    };
    const { quantity: before } = await next();
    const { quantity: after, asOf } = await next();
    expect(performance.now() - started).toBeLessThan(SWEEP_MS);
    return { before, after, asOf };
  } finally {
    await feed.close();
  }
}

async function promisedFor(day: string): Promise<void> {
  const held = await fixture.engine.submit(reserveOf(fixture.sku, 5, { neededOn: day }));
  await fixture.engine.submit({ type: 'confirm', reservationId: idOf(held), orderExternalId: undefined });
}

test('a promise whose day begins is pushed at midnight of its pool, though nobody calls', async () => {
  await fixture.engine.submit(countOf(fixture.sku, 5));
  await fixture.engine.submit({
    type: 'recordInbound',
    kind: 'PURCHASE_ORDER',
    externalId: 'PO',
    node: 'WH',
    lines: [{ sku: fixture.sku, quantity: 5, availableOn: '2026-11-23' }],
  });
  await promisedFor('2026-11-23');
  const midnight = new Date('2026-11-23T00:00:00+08:00');
  const { before, after, asOf } = await pushedAt(midnight);
  expect({ before, after }).toEqual({ before: 5, after: 0 });
  expect(asOf >= midnight).toBe(true);
});

test('a presale that starts is pushed at its instant', async () => {
  await fixture.engine.submit(countOf(fixture.sku, 5));
  await fixture.engine.submit({
    type: 'configurePresale',
    code: 'P',
    pool: 'MAIN',
    startsAt: later(60).toISOString(),
    endsAt: later(3600).toISOString(),
    cap: null,
    channelCaps: [],
    lines: [{ sku: fixture.sku, quantity: 9, availableOn: '2026-11-24' }],
  });
  await promisedFor('2026-11-25');
  const { before, after, asOf } = await pushedAt(later(60));
  expect({ before, after }).toEqual({ before: 0, after: 5 });
  expect(asOf >= later(60)).toBe(true);
});
