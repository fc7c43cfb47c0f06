import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { randomUUID } from 'node:crypto';
import { runHousekeeping } from '../../src/housekeeping.ts';
import type { Outcome, StockCommand } from '../../src/inventory/engine/command.ts';
import { auditStock } from '../../src/inventory/ledger/audit-stock.ts';
import { auditChanged } from '../../src/inventory/ledger/incremental-audit.ts';
import { addLedgerMonths } from '../../src/inventory/ledger/ledger-partitions.ts';
import { createLogger } from '../../src/platform/process/log.ts';
import type { Retention } from '../../src/platform/process/retention-settings.ts';
import { countOf, reserveOf } from '../support/inventory/engine.ts';
import { engineFixture } from '../support/inventory/engine-fixture.ts';

const fixture = engineFixture(5);
const DAY_MS = 86_400_000;
const SKUS = ['S0', 'S1', 'S2', 'S3'];
const never = new AbortController().signal;
const warnings: unknown[] = [];
const log = Object.assign(createLogger('silent'), {
  warn: (problem: unknown) => warnings.push(problem),
  error: (problem: unknown) => warnings.push(problem),
});

/** Days that have passed since the tests began: time goes one way, as in a hub. */
let today = 0;
const start = Date.now();
const instant = () => new Date(start + today * DAY_MS);

async function passDays(days: number): Promise<void> {
  today += days;
  await fixture.database.setClock(instant());
  await addLedgerMonths(fixture.orm.em.fork());
  // The engine foresees the clock between its batches; a clock that jumps is learnt by one that it cannot foresee.
  await fixture.engine.submit(countOf('S4', today % 7));
}

const standard: Retention = {
  decisions: 180,
  reservations: 180,
  tracking: 180,
  tasks: 180,
  outbox: 90,
  events: 7,
  deadEvents: 30,
  ledger: 400,
  ledgerArchive: 1_100,
};

/** What a run has asked for, with the answers. */
interface Sent {
  key: string;
  command: StockCommand;
  outcome: Outcome;
  day: number;
}

const step = fc.record({
  kind: fc.constantFrom(
    'reserve',
    'reserve',
    'reserve',
    'confirm',
    'release',
    'cancel',
    'extend',
    'count',
    'order',
    'audit',
  ),
  sku: fc.constantFrom(...SKUS),
  units: fc.integer({ min: 1, max: 5 }),
  pick: fc.nat(1_000),
  passes: fc.constantFrom(0, 0, 0, 1, 20, 45),
});
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

function commandOf({ kind, sku, units, pick }: Step, reservations: string[]): StockCommand {
  const reservationId = reservations[pick % Math.max(reservations.length, 1)];
  if (kind === 'count') return countOf(sku, 20 + units);
  if (kind === 'order')
    return {
      type: 'takeOrder',
      channel: 'douyin',
      orderExternalId: `order ${pick % 20}`,
      event: (['HOLD', 'CONFIRM', 'CANCEL', 'SHIP'] as const)[units % 4]!,
      lines: [{ sku, quantity: units }],
      shipFrom: [{ node: 'WH', sku, quantity: 1_000 }],
    };
  if (kind === 'reserve' || kind === 'audit' || reservationId === undefined) return reserveOf(sku, units);
  if (kind === 'confirm') return { type: 'confirm', reservationId, orderExternalId: undefined };
  if (kind === 'extend') return { type: 'extend', reservationId, ttlSeconds: 900 };
  if (kind === 'release') return { type: 'release', reservationId, reason: undefined };
  return { type: 'cancel', reservationId, lines: undefined, reason: undefined };
}

async function run(steps: readonly Step[]): Promise<Sent[]> {
  const sent: Sent[] = [];
  const reservations: string[] = [];
  for (const one of steps) {
    if (one.passes > 0) await passDays(one.passes);
    if (one.kind === 'audit') await auditChanged(fixture.orm.em.fork());
    const command = commandOf(one, reservations);
    const key = randomUUID();
    // A refusal, e.g. a time that is over, stores nothing.
    const outcome = await fixture.engine.submit(command, key).catch(() => undefined);
    if (!outcome) continue;
    sent.push({ key, command, outcome, day: today });
    if (outcome.type === 'Reservation') reservations.push(outcome.id);
  }
  return sent;
}

/** As the job does: whoever touches a SKU reclaims what has ended of it. */
async function reclaimHolds(): Promise<void> {
  for (const sku of SKUS)
    await fixture.engine.submit({ type: 'settle', pool: 'MAIN', lines: [{ sku }] }, randomUUID());
}

interface Row {
  id: string;
  state: string;
  isLive: boolean;
  endedAt: Date;
}
const reservations = () =>
  fixture.database.query<Row & Record<string, unknown>>(
    `select r.id, r.state, exists (select 1 from reservation_line l
       where l.reservation_id = r.id and l.released + l.shipped < l.reserved) as "isLive",
       (r.events->-1->>'at')::timestamptz as "endedAt"
     from reservation r`,
  );

async function expectConsistent(): Promise<void> {
  expect((await auditStock(fixture.orm.em.fork(), undefined)).differences).toEqual([]);
  expect((await auditChanged(fixture.orm.em.fork())).differences).toEqual([]);
}

let deletedInAll = 0;

test('whatever the settings: the audit stays clean, nothing live goes, and known keys answer as before', async () => {
  await passDays(0);
  const settings = fc.record({
    idempotencyDays: fc.integer({ min: 1, max: 90 }),
    reservations: fc.integer({ min: 0, max: 200 }),
    ledger: fc.integer({ min: 90, max: 200 }),
    archive: fc.integer({ min: 0, max: 300 }),
    after: fc.integer({ min: 0, max: 400 }),
    reclaims: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), settings, async (steps, given) => {
      const { idempotencyDays } = given;
      const retention = {
        ...standard,
        reservations: idempotencyDays + given.reservations,
        ledger: given.ledger,
        ledgerArchive: given.ledger + given.archive,
      };
      const sent = await run(steps);
      await passDays(given.after);
      if (given.reclaims) await reclaimHolds();
      const before = await reservations();
      await runHousekeeping(fixture.orm, { idempotencyDays, retention }, log, never);

      expect(warnings).toEqual([]);

      const left = new Set((await reservations()).map(({ id }) => id));
      const gone = before.filter(({ id }) => !left.has(id));
      deletedInAll += gone.length;
      const cutoff = instant().getTime() - retention.reservations * DAY_MS;
      for (const row of gone) {
        expect(row.isLive).toBe(false);
        expect(row.endedAt.getTime()).toBeLessThan(cutoff);
      }
      for (const table of ['reservation_line', 'reservation_allocation'])
        expect(
          await fixture.database.query(
            `select 1 from ${table} t where not exists (select 1 from reservation r where r.id = t.reservation_id)`,
          ),
        ).toEqual([]);
      await expectConsistent();
      for (const { key, command, outcome, day } of sent)
        if (today - day < idempotencyDays) expect(await fixture.engine.submit(command, key)).toEqual(outcome);
      await expectConsistent();
    }),
    { numRuns: 12 },
  );
  expect(deletedInAll).toBeGreaterThan(0);
}, 240_000);

test('what an order of the hub names stays, and so does what the ledger still proves', async () => {
  const { engine, database, orm } = fixture;
  await passDays(0);
  await engine.submit(countOf('S0', 50));
  const reserveAndRelease = async (reference: string) => {
    const outcome = await engine.submit({ ...reserveOf('S0', 1), reference });
    const id = (outcome as { id: string }).id;
    await engine.submit({ type: 'release', reservationId: id, reason: undefined });
    return id;
  };
  const ofOrder = await reserveAndRelease('KNOWN-1');
  const ofNobody = await reserveAndRelease('NOBODY-1');
  await database.query(
    `insert into sales_order (id, channel, external_id, source, state, placed_at, currency, total_minor, delivery_method,
       buyer, digest) values (gen_random_uuid(), 'douyin', 'KNOWN-1', 'files:orders', 'CANCELLED', hub_now(), 'CNY', 1,
       'DELIVERY', '{}', '')`,
  );
  await reclaimHolds();
  const known = async () => new Set((await reservations()).map(({ id }) => id));
  const keep = (more: Partial<Retention>) =>
    runHousekeeping(
      orm,
      { idempotencyDays: 7, retention: { ...standard, reservations: 7, ...more } },
      log,
      never,
    );

  await passDays(300);
  await keep({ ledger: 400 });
  expect(await known()).toContain(ofNobody);
  await keep({ ledger: 200 });
  expect(warnings).toEqual([]);
  expect(await known()).not.toContain(ofNobody);
  expect(await known()).toContain(ofOrder);
  await expectConsistent();
}, 60_000);

test('months leave the ledger and their tables go later, unless the audit finds something wrong', async () => {
  const { engine, database, orm } = fixture;
  await passDays(0);
  await engine.submit(countOf('S3', 7));
  const keep = (ledger: number, ledgerArchive: number) =>
    runHousekeeping(
      orm,
      { idempotencyDays: 7, retention: { ...standard, ledger, ledgerArchive } },
      log,
      never,
    );
  const tables = async (isAttached: boolean) =>
    (
      await database.query<{ name: string }>(
        `select relname as name from pg_class where relname ~ '^stock_movement_\\d{4}_\\d{2}$' and relkind = 'r'
           and relispartition = $1 order by relname`,
        [isAttached],
      )
    ).map(({ name }) => name);
  const month = `stock_movement_${instant().toISOString().slice(0, 7).replace('-', '_')}`;
  expect(await tables(true)).toContain(month);
  await passDays(150);
  await reclaimHolds();

  await database.query(`update stock_balance set on_hand = on_hand + 1 where sku = 'S3'`);
  await keep(100, 10_000);
  expect(await tables(true)).toContain(month);
  await database.query(`update stock_balance set on_hand = on_hand - 1 where sku = 'S3'`);

  await keep(100, 10_000);
  expect(await tables(true)).not.toContain(month);
  expect(await tables(false)).toContain(month);
  await passDays(100);
  await keep(100, 200);
  expect(await tables(false)).not.toContain(month);
  await expectConsistent();
}, 60_000);
