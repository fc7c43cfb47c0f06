import { afterEach, beforeEach, expect, test } from '@jest/globals';
import {
  RetriableError,
  type TrackedParcel,
  type Tracking,
  type TrackingEvent,
} from '../../connectors/spi/index.ts';
import { createLogger } from '../../src/platform/process/log.ts';
import { followParcels } from '../../src/routing/shipments/parcel-follower.ts';
import { ConnectorRuntime, SourceTaskRegistry } from '../../src/sync/index.ts';
import { paidOrder, shopFixture } from '../support/routing/shop.ts';
import { later, NOON } from '../support/inventory/engine-fixture.ts';
import { until } from '../support/until.ts';
import { TestSource } from '../support/sync/source.ts';

const shop = shopFixture();

type Parcels = readonly TrackedParcel[];

/** A carrier that knows of parcels what a test tells it. */
class Carrier implements Tracking {
  readonly maxNumbers = 2;
  readonly asked: Parcels[] = [];
  readonly events: TrackingEvent[] = [];
  failure: Error | undefined;

  async track(parcels: Parcels) {
    if (this.failure) throw this.failure;
    this.asked.push(parcels);
    const numbers = new Set(parcels.map(({ trackingNumber }) => trackingNumber));
    return this.events.filter(({ trackingNumber }) => numbers.has(trackingNumber));
  }

  /** The numbers it was asked for, in their order, since the last look. */
  numbers(): string[] {
    return this.asked.splice(0).flatMap((parcels) => parcels.map(({ trackingNumber }) => trackingNumber));
  }

  says(trackingNumber: string, status: TrackingEvent['status']): void {
    this.events.push({ trackingNumber, status, at: NOON.toISOString(), text: status });
  }
}

let carrier: Carrier;
let runtime: ConnectorRuntime;
let isElected: boolean;
/** How often a task has asked whether it is to do something. */
let looks: number;

beforeEach(async () => {
  await shop.database.query('truncate tracking_inquiry, tracking_event, connector_control');
  await shop.database.query('update shipment set tracking_number = null');
  await shop.database.setClock(NOON);
  carrier = new Carrier();
  isElected = true;
  looks = 0;
  runtime = asking(carrier);
});
afterEach(() => runtime.stop());

function asking(tracking: Tracking, id = 'carrier'): ConnectorRuntime {
  const { source } = new TestSource();
  source.tracking = tracking;
  const tasks = new SourceTaskRegistry();
  tasks.register(followParcels);
  return new ConnectorRuntime({
    id,
    kind: 'LOGISTICS',
    tasks,
    source,
    em: shop.orm.em,
    importers: {} as never,
    log: createLogger('silent'),
    isElected: () => {
      looks += 1;
      return isElected;
    },
  });
}

/** An order that has left with a number. @returns its id */
async function sent(trackingNumber: string, phone?: string): Promise<string> {
  await shop.stock('MUG', 'EAST', 100);
  const buyer = phone === undefined ? {} : { phone };
  const orderId = await shop.take(paidOrder(trackingNumber, [['MUG', 1]], { buyer }));
  await shop.route(orderId);
  const [shipment] = await shop.shipments(orderId);
  await shop.answer(shipment!.id, 'SHIPPED', { trackingNumber });
  return orderId;
}

/** How many parcels that are under way were last asked for then. */
async function askedAt(seconds: number): Promise<number> {
  const rows = await shop.database.query('select 1 from tracking_inquiry where asked_at = $1', [
    later(seconds),
  ]);
  return rows.length;
}

test('a carrier is asked for what is under way, and the order is delivered once its parcel is', async () => {
  const orderId = await sent('P-1', '+86 138-0013-8000');
  carrier.says('P-1', 'DELIVERED');
  await runtime.start();
  await until(async () => (await shop.stateOf(orderId)) === 'DELIVERED');
  expect(carrier.asked).toEqual([[{ carrier: 'VAN', trackingNumber: 'P-1', phoneTail: '8000' }]]);
  expect(await shop.database.query('select 1 from tracking_inquiry')).toEqual([]);
});

test('as many at once as it allows, none twice within half an hour, those asked longest ago first', async () => {
  for (const number of ['P-2', 'P-3', 'P-4']) await sent(number);
  await runtime.start();
  await until(async () => (await askedAt(0)) === 3);
  expect(carrier.asked.map((parcels) => parcels.length)).toEqual([2, 1]);
  expect(carrier.numbers()).toEqual(['P-2', 'P-3', 'P-4']);
  await shop.database.setClock(later(60));
  await sent('P-5');
  runtime.elected();
  await until(async () => (await askedAt(60)) === 1);
  expect(carrier.numbers()).toEqual(['P-5']);
  carrier.says('P-3', 'RETURNED'); // back with its sender: nothing more to ask
  await shop.database.setClock(later(30 * 60));
  runtime.elected();
  await until(async () => (await askedAt(30 * 60)) === 2);
  expect(carrier.numbers()).toEqual(['P-2', 'P-3', 'P-4']);
  await shop.database.setClock(later(62 * 60));
  runtime.elected();
  await until(async () => (await askedAt(62 * 60)) === 3);
  expect(carrier.numbers()).toEqual(['P-5', 'P-2', 'P-4']);
});

test('what has not arrived after sixty days is asked for no more', async () => {
  await sent('P-6');
  await shop.database.setClock(later(61 * 86_400));
  await sent('P-7');
  await runtime.start();
  await until(() => carrier.asked.length === 1);
  expect(carrier.numbers()).toEqual(['P-7']);
});

test('a carrier that is down loses nothing, and says why on the connector', async () => {
  const orderId = await sent('P-8');
  carrier.failure = new RetriableError('The carrier is down.');
  carrier.says('P-8', 'DELIVERED');
  await runtime.start();
  await until(() => runtime.lastFailure() === 'The carrier is down. It is tried again.');
  carrier.failure = undefined;
  await until(async () => (await shop.stateOf(orderId)) === 'DELIVERED');
  await until(() => runtime.lastFailure() === null);
});

test('an answer that is no such thing keeps nobody from being asked for the others', async () => {
  await sent('P-9');
  await sent('P-10');
  const lost = await sent('P-11');
  const track = carrier.track.bind(carrier);
  carrier.track = async (parcels) => {
    if (parcels.some(({ trackingNumber }) => trackingNumber === 'P-9')) throw new TypeError('no array');
    return track(parcels);
  };
  carrier.says('P-11', 'DELIVERED');
  await runtime.start();
  await until(async () => (await shop.stateOf(lost)) === 'DELIVERED');
});

test('two carriers are each asked for all that is under way: neither knows the numbers of the other', async () => {
  const orderId = await sent('P-12');
  const other = new Carrier();
  other.says('P-12', 'DELIVERED');
  await runtime.start();
  await until(() => carrier.asked.length === 1);
  const second = asking(other, 'other-carrier');
  await second.start();
  await until(async () => (await shop.stateOf(orderId)) === 'DELIVERED');
  await second.stop();
});

test('a process that does not speak to the carrier asks for nothing until it does', async () => {
  isElected = false;
  const orderId = await sent('P-13');
  carrier.says('P-13', 'DELIVERED');
  await runtime.start();
  for (const wanted of [looks + 3, looks + 6]) {
    runtime.elected();
    await until(() => looks >= wanted);
  }
  expect(carrier.asked).toEqual([]);
  isElected = true;
  runtime.elected();
  await until(async () => (await shop.stateOf(orderId)) === 'DELIVERED');
});
