import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { RetriableError, type StockSink, type StockToPublish } from '../../../connectors/spi/index.ts';
import { StockPublisher } from '../../../src/inventory/channels/stock-publisher.ts';
import { countOf, submission } from '../../support/inventory/engine.ts';
import { engineFixture, later } from '../../support/inventory/engine-fixture.ts';
import { until } from '../../support/until.ts';

const fixture = engineFixture(200);

/** A bus of this process: what is said is heard at once. */
class Bus {
  private readonly listeners = new Set<{ told: (keys: readonly string[]) => void; onGap: () => void }>();
  publish = (_topic: string, keys: readonly string[]) => {
    for (const { told } of this.listeners) told(keys);
  };
  subscribe = (_topic: string, told: (keys: readonly string[]) => void, onGap: () => void) => {
    const listener = { told, onGap };
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
  gap() {
    for (const { onGap } of this.listeners) onGap();
  }
  close = async () => undefined;
}

/** A shop with a counter of its own that sells without asking: its counter less what its open orders hold. */
class Shop implements StockSink {
  readonly channel = 'shop';
  maxSkus = 50;
  readonly calls: StockToPublish[][] = [];
  readonly onHand = new Map<string, number>();
  /** Open orders by SKU: taken in by the hub or not. */
  readonly orders: { id: string; sku: string; takenIn: boolean }[] = [];
  failure: Error | undefined;
  refused = new Set<string>();
  /** Called in the middle of a write. */
  meanwhile: (() => void) | undefined;

  sellable = (sku: string) =>
    (this.onHand.get(sku) ?? 0) - this.orders.filter((order) => order.sku === sku).length;

  async publishStock(stock: readonly StockToPublish[]) {
    if (this.failure) throw this.failure;
    this.calls.push([...stock]);
    return stock.map(({ sku, free, takenIn }) => {
      if (this.refused.has(sku)) return { sku, outcome: 'REFUSED' as const, reason: 'No such product.' };
      this.meanwhile?.();
      this.onHand.set(sku, free + takenIn);
      return { sku, outcome: 'WRITTEN' as const, sellable: this.sellable(sku) };
    });
  }

  /** @returns whether the shop had one */
  sell(sku: string): boolean {
    if (this.sellable(sku) < 1) return false;
    this.orders.push({ id: randomUUID(), sku, takenIn: false });
    return true;
  }
}

let shop: Shop;
let bus: Bus;
let publisher: StockPublisher;
let active: boolean;

beforeEach(async () => {
  const { database } = fixture;
  await database.query('truncate stock_publication, channel_quota');
  await database.query(`insert into channel (code, name, pool, sells_from) values ('shop', 'Shop', 'MAIN', 'ESCROW')
    on conflict do nothing`);
  shop = new Shop();
  bus = new Bus();
  active = true;
  publisher = new StockPublisher({
    id: 'shop',
    sink: shop,
    em: fixture.orm.em,
    bus,
    log: { warn: () => undefined } as never,
    isActive: () => active,
  });
});
afterEach(() => publisher.stop());

const changed = (sku: string) => bus.publish('atp', [`MAIN\u0000${sku}`]);

/** Stock of which some is kept for the shop. */
async function keep(sku: string, onHand: number, exclusive: number): Promise<void> {
  await fixture.engine.submit(countOf(sku, onHand));
  await fixture.database.query(
    `insert into channel_quota (sku, pool, channel, exclusive) values ($1, 'MAIN', 'shop', $2)
     on conflict (sku, pool, channel) do update set exclusive = excluded.exclusive`,
    [sku, exclusive],
  );
  await fixture.database.query('update stock_balance set has_quotas = true where sku = $1', [sku]);
}

async function takeIn(sku: string, event: 'HOLD' | 'CONFIRM' = 'CONFIRM', id: string = randomUUID()) {
  const command = {
    type: 'takeOrder' as const,
    channel: 'shop',
    orderExternalId: id,
    event,
    lines: [{ sku, quantity: 1 }],
    shipFrom: [],
  };
  await fixture.engine.submit(submission(command).command);
  changed(sku);
}

test('at the start the shop is told what it may sell, and later what has changed, once it is committed', async () => {
  const { sku } = fixture;
  await keep(sku, 10, 6);
  publisher.start();
  await until(() => shop.onHand.get(sku) === 6);
  await takeIn(sku);
  await until(() => shop.calls.length === 2);
  expect(shop.calls).toEqual([[{ sku, free: 6, takenIn: 0 }], [{ sku, free: 5, takenIn: 1 }]]);
  changed(sku); // nothing that concerns the shop
  await keep(sku, 10, 2);
  changed(sku);
  await until(() => shop.calls.length === 3);
  expect(shop.calls[2]).toEqual([{ sku, free: 1, takenIn: 1 }]);
});

test('of many changes only the newest is told, and the last one always is', async () => {
  const { sku } = fixture;
  await keep(sku, 300, 200);
  publisher.start();
  await until(() => shop.calls.length === 1);
  await Promise.all(Array.from({ length: 150 }, () => takeIn(sku)));
  await until(() => shop.calls.at(-1)![0]!.takenIn === 150);
  expect(shop.calls.at(-1)).toEqual([{ sku, free: 50, takenIn: 150 }]);
  expect(shop.calls.length).toBeLessThan(75);
});

test('a change in the middle of a call is told after it', async () => {
  const { sku } = fixture;
  await keep(sku, 10, 6);
  let once = takeIn.bind(undefined, sku);
  shop.meanwhile = () => {
    void once();
    once = async () => undefined;
  };
  publisher.start();
  await until(() => shop.calls.at(-1)?.[0]?.takenIn === 1);
  expect(shop.onHand.get(sku)).toBe(6);
});

test('what could not be told stays to be told, with its newest value', async () => {
  const { sku } = fixture;
  await keep(sku, 10, 6);
  shop.failure = new RetriableError('The shop is down.');
  publisher.start();
  await until(() => publisher.lastFailure() === 'The shop is down. It is tried again.');
  await takeIn(sku);
  shop.failure = undefined;
  await until(() => shop.onHand.get(sku) === 6);
  expect(shop.calls).toEqual([[{ sku, free: 5, takenIn: 1 }]]);
  await until(() => publisher.lastFailure() === null);
});

test('a SKU that the shop does not know is kept as refused, and holds no other up', async () => {
  const { sku, database } = fixture;
  await keep(sku, 10, 6);
  await keep('S190', 10, 3);
  shop.refused.add(sku);
  publisher.start();
  await until(() => shop.onHand.get('S190') === 3);
  await until(async () => {
    const rows = await database.query('select sku, refusal from stock_publication where refusal is not null');
    return JSON.stringify(rows) === JSON.stringify([{ sku, refusal: 'No such product.' }]);
  });
  shop.refused.clear();
  publisher.runNow();
  await until(() => shop.onHand.get(sku) === 6);
});

test('what the shop did not come to offer, since its own orders held it back, is told again minutes later', async () => {
  const { sku, database } = fixture;
  await keep(sku, 10, 6);
  await keep('S192', 10, 3);
  shop.orders.push({ id: randomUUID(), sku, takenIn: false });
  publisher.start();
  await until(() => shop.onHand.size === 2);
  shop.calls.splice(0);
  shop.orders.splice(0);
  await until(async () => {
    const rows =
      await database.query(`update stock_publication set published_at = published_at - interval '5 min'
      returning sku`);
    return rows.length === 2;
  });
  publisher.runNow();
  await until(() => shop.calls.length === 1);
  expect(shop.calls).toEqual([[{ sku, free: 6, takenIn: 0 }]]);
});

test('a SKU of which nothing is kept any more is told so; one of which nothing ever was is left alone', async () => {
  const { sku, database, engine } = fixture;
  await keep(sku, 10, 6);
  await engine.submit(countOf('S191', 10));
  publisher.start();
  await until(() => shop.onHand.get(sku) === 6);
  await database.query('delete from channel_quota where sku = $1', [sku]);
  changed(sku);
  changed('S191');
  await until(() => shop.onHand.get(sku) === 0);
  expect(shop.onHand.has('S191')).toBe(false);
});

describe('the clock', () => {
  test('a hold of the shop that ends is told at its instant, though nobody writes', async () => {
    const { sku, database } = fixture;
    await keep(sku, 10, 6);
    await takeIn(sku, 'HOLD');
    publisher.start();
    await until(() => shop.calls.length === 1);
    expect(shop.calls[0]).toEqual([{ sku, free: 5, takenIn: 1 }]);
    await database.setClock(later(900));
    changed(sku);
    await until(() => shop.calls.length === 2);
    expect(shop.calls[1]).toEqual([{ sku, free: 6, takenIn: 0 }]);
  });

  test('by a real clock as well', async () => {
    const { sku, database } = fixture;
    await database.setClock(undefined);
    await database.query(`update channel set hold_ttl_seconds = 1 where code = 'shop'`);
    await keep(sku, 10, 6);
    await takeIn(sku, 'HOLD');
    await database.query(`update channel set hold_ttl_seconds = 900 where code = 'shop'`);
    publisher.start();
    await until(() => shop.calls.at(-1)?.[0]?.free === 6);
  });
});

test('a process that does not speak to the source tells nothing, and everything once it does', async () => {
  const { sku } = fixture;
  active = false;
  await keep(sku, 10, 6);
  publisher.start();
  changed(sku);
  expect(shop.calls).toEqual([]);
  active = true;
  publisher.runNow();
  await until(() => shop.onHand.get(sku) === 6);
});

test('signals that were lost are found by comparing', async () => {
  const { sku } = fixture;
  await keep(sku, 10, 6);
  publisher.start();
  await until(() => shop.onHand.get(sku) === 6);
  await keep(sku, 10, 4);
  bus.gap();
  await until(() => shop.onHand.get(sku) === 4);
});

/**
 * The shop sells whenever its counter lets it, its orders are taken in later, the quota moves: at no time does it sell
 * what is not its own, and no sale that the hub has not read is erased.
 */
test('a shop that sells by itself never sells more than is kept for it', async () => {
  let next = 20;
  publisher.start();
  const steps = fc.array(fc.constantFrom('sell', 'takeIn', 'tell'), { minLength: 5, maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 8 }), steps, async (exclusive, actions) => {
      const sku = `S${next++}`;
      await keep(sku, 20, exclusive);
      changed(sku);
      await until(() => shop.onHand.get(sku) === exclusive);
      let sold = 0;
      for (const action of actions) {
        if (action === 'sell' && shop.sell(sku)) sold += 1;
        const order = shop.orders.find((one) => one.sku === sku && !one.takenIn);
        if (action === 'takeIn' && order) {
          order.takenIn = true;
          await takeIn(sku, 'CONFIRM', order.id);
        }
        if (action === 'tell') changed(sku);
        expect(sold).toBeLessThanOrEqual(exclusive);
      }
      for (const order of shop.orders.filter((one) => one.sku === sku && !one.takenIn)) {
        order.takenIn = true;
        await takeIn(sku, 'CONFIRM', order.id);
      }
      await until(() => shop.calls.flat().findLast((told) => told.sku === sku)?.takenIn === sold);
      expect(shop.sellable(sku)).toBe(exclusive - sold);
    }),
    { numRuns: 20 },
  );
}, 60_000);
