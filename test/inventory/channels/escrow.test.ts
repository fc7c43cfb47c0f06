import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { setQuotas } from '../../../src/inventory/channels/set-quotas.ts';
import type { RecordChannelOrder } from '../../../src/inventory/engine/command.ts';
import { splitQuota } from '../../../src/inventory/model/split-quota.ts';
import { promisableQuantity } from '../../../src/inventory/model/available-to-promise.ts';
import { readAtp } from '../../../src/inventory/availability/read-availability.ts';
import { RestockReason, StockCondition } from '../../../src/inventory/model/stock.enums.ts';
import { countOf, reserveOf } from '../../support/inventory/engine.ts';
import { engineFixture, idOf } from '../../support/inventory/engine-fixture.ts';
import { auditOf } from '../../support/inventory/stock.ts';

const RUNS = 40;
const fixture = engineFixture(1);

const CHANNELS = ['taobao', 'jingdong'] as const;
type Escrow = (typeof CHANNELS)[number];

/** What may happen; a poll takes in only the oldest so many of what the channel has to tell. */
type Step =
  | { do: 'sell'; channel: Escrow; quantity: number; paid: boolean }
  | { do: 'pay' | 'cancel' | 'ship'; channel: Escrow; which: number }
  | { do: 'poll'; channel: Escrow; news: number }
  | { do: 'publish'; channel: Escrow }
  | { do: 'reserve'; quantity: number }
  | { do: 'receive'; quantity: number };

const channel = fc.constantFrom(...CHANNELS);
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('sell' as const),
        channel,
        quantity: fc.integer({ min: 1, max: 4 }),
        paid: fc.boolean(),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constantFrom('pay' as const, 'cancel' as const, 'ship' as const),
        channel,
        which: fc.nat(20),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('poll' as const),
        channel,
        news: fc.integer({ min: 1, max: 6 }),
      }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('publish' as const), channel }) },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant('reserve' as const), quantity: fc.integer({ min: 1, max: 6 }) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('receive' as const), quantity: fc.integer({ min: 1, max: 8 }) }),
    },
  ),
  { minLength: 20, maxLength: 60, size: 'max' },
);

interface ChannelOrder {
  id: string;
  quantity: number;
  state: 'UNPAID' | 'PAID' | 'CANCELLED' | 'SHIPPED';
  /** What the hub has been told last. */
  told: ChannelOrder['state'] | null;
}

/** A shop system with its own counter: it sells while the counter lasts, and tells the hub only when it is polled. */
class OtherSystem {
  counter = 0;
  readonly orders: ChannelOrder[] = [];
  private news: { order: ChannelOrder; state: ChannelOrder['state'] }[] = [];

  constructor(readonly name: Escrow) {}

  sell(id: string, quantity: number, paid: boolean): void {
    if (quantity > this.counter) return;
    this.counter -= quantity;
    const order: ChannelOrder = { id, quantity, state: paid ? 'PAID' : 'UNPAID', told: null };
    this.orders.push(order);
    this.news.push({ order, state: order.state });
  }

  move(which: number, to: 'PAID' | 'CANCELLED' | 'SHIPPED'): void {
    const from: Record<typeof to, ChannelOrder['state'][]> = {
      PAID: ['UNPAID'],
      CANCELLED: ['UNPAID', 'PAID'],
      SHIPPED: ['PAID'],
    };
    const movable = this.orders.filter(
      ({ state, told }) => from[to].includes(state) && (to !== 'SHIPPED' || told === 'PAID'),
    );
    const order = movable[which % (movable.length || 1)];
    if (!order) return;
    order.state = to;
    this.news.push({ order, state: to });
  }

  /** The oldest news, at most so many. */
  poll(most: number): { order: ChannelOrder; state: ChannelOrder['state'] }[] {
    return this.news.splice(0, most);
  }

  /** Units it has sold of which the hub does not know. */
  unknownUnits(): number {
    return this.orders
      .filter(({ told, state }) => told === null && state !== 'CANCELLED')
      .reduce((sum, { quantity }) => sum + quantity, 0);
  }
}

const events: Record<ChannelOrder['state'], RecordChannelOrder['event']> = {
  UNPAID: 'HOLD',
  PAID: 'CONFIRM',
  CANCELLED: 'CANCEL',
  SHIPPED: 'SHIP',
};

test('two channels with counters of their own, polled late and in pieces, never sell a unit that is not theirs', async () => {
  const { database, engine, orm } = fixture;
  await database.query(
    `insert into channel (code, name, pool, sells_from, hold_ttl_seconds)
     select code, code, 'MAIN', 'ESCROW', 14400 from unnest($1::text[]) as code`,
    [[...CHANNELS]],
  );
  let run = 0;
  await fc.assert(
    fc.asyncProperty(
      steps,
      fc.integer({ min: 0, max: 8 }),
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 6 }),
      async (plan, onHand, first, second) => {
        const sku = `ESCROW-${run++}`;
        await database.query('insert into sku (code, title) values ($1, $1)', [sku]);
        await engine.submit(countOf(sku, onHand));
        const lines = (exclusive: number) => [{ sku, exclusive, sharedCap: null, releaseAt: null }];
        await orm.em.fork().transactional(async (em) => {
          await setQuotas(em, { channel: 'taobao', pool: 'MAIN', lines: lines(first) });
          await setQuotas(em, { channel: 'jingdong', pool: 'MAIN', lines: lines(second) });
        });
        const systems = Object.fromEntries(CHANNELS.map((name) => [name, new OtherSystem(name)])) as Record<
          Escrow,
          OtherSystem
        >;
        for (const step of plan) await take(systems, sku, step);
        for (const name of CHANNELS) await take(systems, sku, { do: 'poll', channel: name, news: 1_000 });
        const oversold = await database.query(
          'select * from reservation_line where sku = $1 and oversold > 0',
          [sku],
        );
        expect(oversold).toEqual([]);
        expect((await auditOf(orm)).filter((difference) => difference.sku === sku)).toEqual([]);
      },
    ),
    { numRuns: RUNS },
  );
}, 120_000);

let orders = 0;
async function take(systems: Record<Escrow, OtherSystem>, sku: string, step: Step): Promise<void> {
  const { engine } = fixture;
  switch (step.do) {
    case 'sell':
      return systems[step.channel].sell(`${sku}-${orders++}`, step.quantity, step.paid);
    case 'pay':
    case 'cancel':
    case 'ship':
      return systems[step.channel].move(
        step.which,
        ({ pay: 'PAID', cancel: 'CANCELLED', ship: 'SHIPPED' } as const)[step.do],
      );
    case 'poll':
      for (const { order, state } of systems[step.channel].poll(step.news)) {
        await engine.submit({
          type: 'takeOrder',
          channel: step.channel,
          orderExternalId: order.id,
          event: events[state],
          lines: [{ sku, quantity: order.quantity }],
          shipFrom: [{ node: 'WH', sku, quantity: 1_000 }],
        });
        order.told = state;
      }
      return;
    case 'publish': {
      const system = systems[step.channel];
      const [reading] = await readAtp(fixture.orm.em.fork(), [{ sku, pool: 'MAIN' }]);
      const { exclusiveFree } = splitQuota(promisableQuantity(reading!.figures), reading!.quotas);
      system.counter = Math.max(0, (exclusiveFree.get(step.channel) ?? 0) - system.unknownUnits());
      return;
    }
    case 'reserve': {
      const held = await engine.submit(reserveOf(sku, step.quantity));
      if (held.type === 'Reservation')
        await engine.submit({ type: 'confirm', reservationId: idOf(held), orderExternalId: undefined });
      return;
    }
    case 'receive':
      await engine.submit({
        type: 'restock',
        node: 'WH',
        reason: RestockReason.RECEIPT,
        externalEventId: undefined,
        lines: [
          {
            sku,
            quantity: step.quantity,
            condition: StockCondition.SELLABLE,
            returnOf: undefined,
            inbound: undefined,
          },
        ],
      });
  }
}
