import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Outcome, StockCommand } from '../../src/inventory/engine/command.ts';
import { RestockReason, StockCondition } from '../../src/inventory/model/stock.enums.ts';
import { countOf } from '../support/inventory/engine.ts';
import { engineFixture } from '../support/inventory/engine-fixture.ts';
import { auditOf, promiseOf } from '../support/inventory/stock.ts';

const RUNS = 60;
const ON_HAND = 20;
const fixture = engineFixture(1);

/** The facts of one order of a SKU: q ordered, s shipped, c called off, r refunded in parts, b come back in parts. */
interface Facts {
  ordered: number;
  shipped: number;
  cancelled: number;
  /** Of units that never left; with what is called off, no more than those. */
  refunds: number[];
  /** Of units that had left. */
  refundsOfShipped: number[];
  returns: { quantity: number; condition: StockCondition }[];
}

/** A number in parts. */
const partsOf = (most: number) =>
  fc.array(fc.integer({ min: 1, max: Math.max(1, most) }), { maxLength: 3 }).map((parts) => {
    let left = most;
    return parts.flatMap((part) => {
      const taken = Math.min(part, left);
      left -= taken;
      return taken > 0 ? [taken] : [];
    });
  });
const condition = fc.constantFrom(...Object.values(StockCondition));

const facts: fc.Arbitrary<Facts> = fc
  .integer({ min: 1, max: 8 })
  .chain((ordered) =>
    fc.record({ ordered: fc.constant(ordered), shipped: fc.integer({ min: 0, max: ordered }) }),
  )
  .chain(({ ordered, shipped }) =>
    fc.record({
      ordered: fc.constant(ordered),
      shipped: fc.constant(shipped),
      cancelled: fc.integer({ min: 0, max: ordered - shipped }),
      refunds: partsOf(ordered - shipped),
      refundsOfShipped: partsOf(shipped),
      returns: partsOf(shipped).chain((parts) =>
        fc.tuple(...parts.map((quantity) => fc.record({ quantity: fc.constant(quantity), condition }))),
      ),
    }),
  );

/** Something that is told, some day; `tell` answers whether it could be taken now. */
interface Event {
  name: string;
  tell: () => Promise<boolean>;
}

class OneOrder {
  private readonly id: string;
  private reservationId: string | undefined;
  private hasShipped = false;

  constructor(
    private readonly sku: string,
    private readonly given: Facts,
  ) {
    this.id = `order of ${sku}`;
  }

  events(): Event[] {
    const { cancelled, shipped, refunds, refundsOfShipped, returns } = this.given;
    return [
      { name: 'paid', tell: () => this.paid() },
      ...(shipped > 0 ? [{ name: `ship ${shipped}`, tell: () => this.ship(shipped) }] : []),
      ...(cancelled > 0 ? [{ name: `cancel ${cancelled}`, tell: () => this.cancel(cancelled) }] : []),
      ...refunds.map((units, index) => ({
        name: `refund ${units}`,
        tell: () => this.refund(units, `R${index}`),
      })),
      ...refundsOfShipped.map((units, index) => ({
        name: `refund ${units} of shipped`,
        tell: async () => this.hasShipped && (await this.refund(units, `RS${index}`)),
      })),
      ...returns.map((back, index) => ({
        name: `return ${back.quantity} ${back.condition}`,
        tell: () => this.comeBack(back, `B${index}`),
      })),
    ];
  }

  /** Unpaid at first. */
  async begin(): Promise<void> {
    await this.told('HOLD');
  }

  /** By the formula of semantics.md §1. */
  expected() {
    const { ordered, shipped, cancelled, refunds, refundsOfShipped, returns } = this.given;
    const refunded = sum(refunds) + sum(refundsOfShipped);
    const released = Math.min(ordered - shipped, Math.max(cancelled, refunded));
    const back = (wanted: StockCondition) =>
      sum(returns.filter((each) => each.condition === wanted).map(({ quantity }) => quantity));
    return {
      onHand: ON_HAND - shipped + back(StockCondition.SELLABLE),
      damaged: back(StockCondition.DAMAGED),
      quarantined: back(StockCondition.QUARANTINE),
      promised: ordered - shipped - released,
    };
  }

  private async told(event: 'HOLD' | 'CONFIRM') {
    return (await this.submit({
      type: 'takeOrder',
      channel: 'douyin',
      orderExternalId: this.id,
      event,
      lines: [{ sku: this.sku, quantity: this.given.ordered }],
      shipFrom: [],
    })) as Extract<Outcome, { type: 'Fulfilment' }>;
  }

  private async paid(): Promise<boolean> {
    const { reservations } = await this.told('CONFIRM');
    this.reservationId = reservations[0]!.id;
    return true;
  }

  private async ship(units: number): Promise<boolean> {
    if (this.reservationId === undefined) return false;
    if (this.hasShipped) return true;
    const reservationIds = [this.reservationId];
    const lines = [{ sku: this.sku, quantity: units }];
    const assignments = [{ node: 'WH', sku: this.sku, quantity: units }];
    await this.submit({ type: 'allocate', reservationIds, assignments });
    await this.submit({ type: 'ship', reservationIds, node: 'WH', lines });
    this.hasShipped = true;
    return true;
  }

  private async cancel(units: number): Promise<boolean> {
    if (this.reservationId === undefined) return false;
    const lines = [{ sku: this.sku, quantity: units }];
    const command = { type: 'cancel' as const, reservationId: this.reservationId, lines, reason: undefined };
    await this.submit(command, `cancel ${this.id}`);
    return true;
  }

  private async refund(quantity: number, externalEventId: string): Promise<boolean> {
    const { ordered } = this.given;
    const line = { orderLineId: `line of ${this.sku}`, sku: this.sku, quantity, ordered };
    const { type } = await this.submit({
      type: 'refund',
      channel: 'douyin',
      orderExternalId: this.id,
      externalEventId,
      settledAt: '2026-11-22T04:00:00Z',
      policy: 'NONE',
      lines: [line],
    });
    return type === 'Restock';
  }

  private async comeBack(back: Facts['returns'][number], externalEventId: string): Promise<boolean> {
    const returnOf = {
      orderLineId: `line of ${this.sku}`,
      channel: 'douyin',
      orderExternalId: this.id,
      ordered: this.given.ordered,
      shipped: 0,
    };
    const { type } = await this.submit({
      type: 'restock',
      node: 'WH',
      reason: RestockReason.CUSTOMER_RETURN,
      externalEventId,
      lines: [{ sku: this.sku, ...back, returnOf, inbound: undefined }],
    });
    return type === 'Restock';
  }

  private submit(command: StockCommand, key?: string): Promise<Outcome> {
    return fixture.engine.submit(command, key);
  }
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0);

/** The events in an order that `at` draws, some told twice; what cannot be taken yet is told again later. */
async function tellAll(events: Event[], at: (most: number) => number): Promise<void> {
  const queue = [...events, ...events.filter(() => at(3) === 0)];
  for (let refusals = 0; queue.length > 0;) {
    const [event] = queue.splice(at(queue.length), 1);
    if (await event!.tell()) {
      refusals = 0;
      continue;
    }
    if (++refusals > 50) throw new Error(`${event!.name} is never taken`);
    queue.push(event!);
  }
}

test('counters follow from the set of facts, in whatever order, how often and how late they are told', async () => {
  const { database, engine, orm } = fixture;
  let run = 0;
  await fc.assert(
    fc.asyncProperty(facts, fc.infiniteStream(fc.nat(1_000)), async (given, draws) => {
      const sku = `C-${run++}`;
      await database.query('insert into sku (code, title) values ($1, $1)', [sku]);
      await engine.submit(countOf(sku, ON_HAND));
      const order = new OneOrder(sku, given);
      await order.begin();
      await tellAll(order.events(), (most) => (draws.next().value as number) % most);

      const [level] = await database.query<Record<string, number>>(
        'select on_hand, damaged, quarantined, allocated from stock_level where sku = $1',
        [sku],
      );
      const { terms } = await promiseOf(orm, sku);
      expect({
        onHand: level!['on_hand'],
        damaged: level!['damaged'],
        quarantined: level!['quarantined'],
        promised: 0 - (terms.CONFIRMED + terms.ALLOCATED),
      }).toEqual(order.expected());
      expect(terms.HELD).toBe(0);
      expect(await auditOf(orm)).toEqual([]);
    }),
    { numRuns: RUNS },
  );
});
