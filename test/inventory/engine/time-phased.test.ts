import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { randomUUID } from 'node:crypto';
import { atpTerms, promisableQuantity } from '../../../src/inventory/model/available-to-promise.ts';
import type { Outcome, StockCommand } from '../../../src/inventory/engine/command.ts';
import { readAtp } from '../../../src/inventory/availability/read-availability.ts';
import { RestockReason, StockCondition } from '../../../src/inventory/model/stock.enums.ts';
import { addDays } from '../../../src/inventory/model/day.ts';
import { countOf, reserveOf } from '../../support/inventory/engine.ts';
import { engineFixture, NOON } from '../../support/inventory/engine-fixture.ts';
import { auditOf } from '../../support/inventory/stock.ts';
import { canPromise, mostFor, playDays, type World } from '../../support/inventory/day-by-day.ts';

const fixture = engineFixture(1);
const RUNS = 25;
const HOUR_MS = 3_600_000;

/** What may happen; days are after the day on which it happens. */
type Step =
  | { do: 'wait'; hours: number }
  | {
      do: 'reserve';
      quantity: number;
      needed: number | null;
      accept: number | null;
      partial: boolean;
      paid: boolean;
    }
  | { do: 'confirm' | 'release' | 'cancel'; which: number }
  | { do: 'ship'; which: number }
  | { do: 'order'; quantity: number }
  | { do: 'count'; quantity: number }
  | { do: 'plan'; order: number; quantity: number; day: number }
  | { do: 'receive'; order: number; quantity: number; sellable: boolean }
  | { do: 'rules'; offset: number; fence: number; resale: number };

const nat = (max: number) => fc.nat(max);
const some = (max: number) => fc.integer({ min: 1, max });
const steps: fc.Arbitrary<(Step & { settled: boolean })[]> = fc.array(
  fc
    .tuple(
      fc.boolean(),
      fc.oneof(
        { weight: 4, arbitrary: fc.record({ do: fc.constant('wait' as const), hours: some(16) }) },
        {
          weight: 9,
          arbitrary: fc.record({
            do: fc.constant('reserve' as const),
            quantity: some(4),
            needed: fc.option(nat(4), { freq: 5 }),
            accept: fc.option(nat(6)),
            partial: fc.boolean(),
            paid: fc.boolean(),
          }),
        },
        {
          weight: 4,
          arbitrary: fc.record({
            do: fc.constantFrom(
              'confirm' as const,
              'confirm' as const,
              'release' as const,
              'cancel' as const,
            ),
            which: nat(30),
          }),
        },
        { weight: 1, arbitrary: fc.record({ do: fc.constant('ship' as const), which: nat(30) }) },
        {
          weight: 2,
          arbitrary: fc.oneof(
            fc.record({ do: fc.constant('order' as const), quantity: some(5) }),
            fc.record({ do: fc.constant('count' as const), quantity: nat(12) }),
          ),
        },
        {
          weight: 4,
          arbitrary: fc.record({
            do: fc.constant('plan' as const),
            order: nat(2),
            quantity: nat(12),
            day: fc.integer({ min: -1, max: 4 }),
          }),
        },
        {
          weight: 3,
          arbitrary: fc.record({
            do: fc.constant('receive' as const),
            order: nat(2),
            quantity: some(6),
            sellable: fc.boolean(),
          }),
        },
        {
          weight: 1,
          arbitrary: fc.record({
            do: fc.constant('rules' as const),
            offset: nat(2),
            fence: nat(3),
            resale: fc.constantFrom(0.5, 1),
          }),
        },
      ),
    )
    .map(([settled, step]) => ({ settled, ...step })),
  { minLength: 30, maxLength: 45, size: 'max' },
);

/** One SKU, its orders and a clock. */
class Run {
  now = NOON;
  readonly reservations: string[] = [];
  readonly orders: string[] = [];
  private readonly told = new Map<string, number>();
  private lastVersion = '';

  constructor(readonly sku: string) {}

  /** Shanghai has no clock changes. */
  day(after: number): string {
    return addDays(new Date(this.now.getTime() + 8 * HOUR_MS).toISOString().slice(0, 10), after);
  }

  async wait(hours: number): Promise<void> {
    this.now = new Date(this.now.getTime() + hours * HOUR_MS);
    await fixture.database.setClock(this.now);
  }

  /** A reading; one version names one number, and versions go forward. */
  async read() {
    const [reading] = await readAtp(fixture.orm.em.fork(), [{ sku: this.sku, pool: 'MAIN' }]);
    const { version, figures } = reading!;
    const quantity = promisableQuantity(figures);
    expect(this.told.get(version) ?? quantity).toBe(quantity);
    expect(version >= this.lastVersion).toBe(true);
    this.told.set(version, quantity);
    this.lastVersion = version;
    return { quantity, terms: atpTerms(figures) };
  }

  /** What a reader says is what the engine writes down at the same instant. */
  async settle(): Promise<void> {
    const before = await this.read();
    await fixture.engine.submit({ type: 'settle', pool: 'MAIN', lines: [{ sku: this.sku }] });
    expect(await this.read()).toEqual(before);
  }

  /** The tables as the oracle sees them; exact after settling only. */
  async world(): Promise<World & { draw: number }> {
    const { database } = fixture;
    type Balance = { shelf: number; unbacked: number; draw: number; offset: number; fence: number };
    const [row] = await database.query<Balance>(
      `select on_hand + unbacked - allocated - confirmed - held as shelf, unbacked, future_draw as draw,
         overdue_offset_days as offset, overdue_fence_days as fence
       from stock_balance join pool on code = pool where sku = $1`,
      [this.sku],
    );
    const days = (column: string) => `${column} - '${this.day(0)}'::date as day`;
    const arrivals = await database.query<World['arrivals'][number]>(
      `select ${days('available_on')}, quantity as units, kind = 'EXPECTED_RETURN' as returned from stock_supply where sku = $1`,
      [this.sku],
    );
    const promises = await database.query<World['promises'][number]>(
      `select ${days('promised_on')}, dated as units from reservation_line where sku = $1 and dated > 0`,
      [this.sku],
    );
    return {
      shelf: row!.shelf,
      owed: row!.unbacked,
      draw: row!.draw,
      arrivals,
      promises,
      overdue: { offset: row!.offset, fence: row!.fence },
      resaleHundredths: 100,
    };
  }
}

function commandOf(run: Run, step: Exclude<Step, { do: 'wait' }>): StockCommand | undefined {
  const { sku } = run;
  switch (step.do) {
    case 'reserve': {
      const { quantity, needed, accept, partial } = step;
      const until = accept === null ? undefined : run.day((needed ?? 0) + accept);
      const neededOn = needed === null ? undefined : run.day(needed);
      return reserveOf(sku, quantity, { neededOn, acceptUntil: until, partial, ttlSeconds: 14_400 });
    }
    case 'confirm':
    case 'release':
    case 'cancel': {
      const reservationId = run.reservations[step.which % (run.reservations.length || 1)];
      if (reservationId === undefined) return undefined;
      if (step.do === 'confirm') return { type: 'confirm', reservationId, orderExternalId: reservationId };
      if (step.do === 'release') return { type: 'release', reservationId, reason: undefined };
      return { type: 'cancel', reservationId, lines: undefined, reason: undefined };
    }
    case 'count':
      return countOf(sku, step.quantity);
    case 'order': {
      const orderExternalId = randomUUID();
      run.orders.push(orderExternalId);
      return tellOf(run, orderExternalId, 'CONFIRM', step.quantity);
    }
    case 'ship': {
      // A shipment may be of a reservation that was confirmed, before its day too.
      const known = [...run.orders, ...run.reservations];
      const orderExternalId = known[step.which % (known.length || 1)];
      return orderExternalId === undefined ? undefined : tellOf(run, orderExternalId, 'SHIP', 1);
    }
    case 'plan':
      return {
        type: 'recordInbound',
        kind: step.order === 2 ? 'TRANSFER' : 'PURCHASE_ORDER',
        externalId: `${sku}-${step.order}`,
        node: 'WH',
        lines: [{ sku, quantity: step.quantity, availableOn: run.day(step.day) }],
      };
    case 'receive':
      return {
        type: 'restock',
        node: 'WH',
        reason: RestockReason.RECEIPT,
        externalEventId: undefined,
        lines: [
          {
            sku,
            quantity: step.quantity,
            condition: step.sellable ? StockCondition.SELLABLE : StockCondition.DAMAGED,
            returnOf: undefined,
            inbound: `${sku}-${step.order}`,
          },
        ],
      };
    case 'rules':
      return {
        type: 'configurePool',
        pool: 'MAIN',
        overdueOffsetDays: step.offset,
        overdueFenceDays: step.fence,
        resaleRate: step.resale,
      };
  }
}

function tellOf({ sku }: Run, orderExternalId: string, event: 'CONFIRM' | 'SHIP', quantity: number) {
  const shipFrom = [{ node: 'WH', sku, quantity: 1_000 }];
  const lines = [{ sku, quantity }];
  return { type: 'takeOrder' as const, channel: 'douyin', orderExternalId, event, lines, shipFrom };
}

/** A promise is for a day on which the oracle has the units, and for no later one than must be; a refusal has no such day. */
function expectRight(run: Run, step: Extract<Step, { do: 'reserve' }>, world: World, outcome: Outcome): void {
  const from = step.needed ?? 0;
  const until = step.accept === null ? from : from + step.accept;
  const days = Array.from({ length: until - from + 1 }, (_, index) => from + index);
  const first = days.find((day) => canPromise(world, day, step.quantity));
  if (outcome.type === 'InsufficientStock') {
    expect(first).toBeUndefined();
    expect(outcome.shortages[0]!.available).toBe(mostFor(world, until));
    const later = Array.from({ length: 30 }, (_, day) => day).find((day) =>
      canPromise(world, day, step.quantity),
    );
    expect(outcome.shortages[0]!.availableOn).toBe(later === undefined ? null : run.day(later));
    return;
  }
  if (outcome.type !== 'Reservation') throw new Error(outcome.type);
  const [line] = outcome.lines;
  expect(line!.quantity).toBe(first === undefined ? mostFor(world, until) : step.quantity);
  const earliest = first ?? days.find((day) => canPromise(world, day, line!.quantity));
  expect(line!.promisedOn).toBe(run.day(earliest!));
}

async function take(run: Run, step: Step & { settled: boolean }): Promise<void> {
  if (step.do === 'wait') {
    await run.wait(step.hours);
    await run.read();
  } else {
    if (step.settled) await run.settle();
    const before = step.settled ? await run.world() : undefined;
    const command = commandOf(run, step);
    const outcome = command && (await fixture.engine.submit(command).catch(expectRefusal));
    if (step.do === 'reserve' && outcome && 'id' in outcome) run.reservations.push(outcome.id);
    if (step.do === 'reserve' && before && outcome) expectRight(run, step, before, outcome);
    if (step.do === 'reserve' && step.paid && outcome && 'id' in outcome)
      await fixture.engine.submit({
        type: 'confirm',
        reservationId: outcome.id,
        orderExternalId: outcome.id,
      });
  }
  if (!step.settled) return;
  await run.settle();
  const world = await run.world();
  expect(world.draw).toBe(Math.min(0, ...playDays({ ...world, shelf: 0 })));
  expect((await run.read()).quantity).toBe(mostFor(world, 0));
}

/** Too much to cancel, unknown deliveries: what callers do wrong is refused and changes nothing. */
function expectRefusal(error: unknown): undefined {
  const { code, message, detail } = error as Error & { code: string; detail?: string };
  expect(`${code}: ${message} ${detail}`).toMatch(/^(UNKNOWN_INBOUND|QUANTITY_OUT_OF_RANGE)/);
}

test('over midnights: no promise beyond what its day has, the row is exact, readers and the engine agree', async () => {
  const { database, engine, orm } = fixture;
  let count = 0;
  await fc.assert(
    fc.asyncProperty(steps, nat(12), async (plan, onHand) => {
      const run = new Run(`DATED-${count++}`);
      // Rules are of the pool: what earlier runs have left would be settled with them, by clocks of their own.
      await database.query('truncate stock_balance, stock_supply, reservation_line');
      await database.query('insert into sku (code, title) values ($1, $1)', [run.sku]);
      await database.query(
        'update pool set overdue_offset_days = 1, overdue_fence_days = 7, resale_rate = 1',
      );
      await run.wait(0);
      await engine.submit(countOf(run.sku, onHand));
      for (const step of plan) await take(run, step);
      await run.settle();
      expect((await auditOf(orm)).filter(({ sku }) => sku === run.sku)).toEqual([]);
    }),
    // What is found is told in time, though not always in its smallest form.
    { numRuns: RUNS, interruptAfterTimeLimit: 150_000, markInterruptAsFailure: true },
  );
}, 180_000);
