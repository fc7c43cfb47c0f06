import { afterEach, beforeEach, expect, test } from '@jest/globals';
import {
  FatalError,
  RetriableError,
  type FulfilmentSink,
  type OutgoingFulfilment,
} from '../../../connectors/spi/index.ts';
import { createLogger } from '../../../src/platform/process/log.ts';
import { ConnectorRuntime } from '../../../src/sync/index.ts';
import { paidOrder, shopFixture } from '../../support/routing/shop.ts';
import { later, NOON } from '../../support/inventory/engine-fixture.ts';
import { until } from '../../support/until.ts';
import { TestSource } from '../../support/sync/source.ts';

const shop = shopFixture();

/** A channel's own system, which is told of parcels. */
class Channel implements FulfilmentSink {
  readonly told: OutgoingFulfilment[] = [];
  /** By the number of an order, or the key of a parcel: what telling of it throws. */
  readonly failures = new Map<string, Error>();
  /** Called once a parcel is known, before the answer. */
  meanwhile: () => void = () => undefined;

  async pushFulfilment(fulfilment: OutgoingFulfilment, signal: AbortSignal) {
    const { idempotencyKey, orderExternalId } = fulfilment;
    const failure = this.failures.get(orderExternalId) ?? this.failures.get(idempotencyKey);
    if (failure) throw failure;
    this.told.push(fulfilment);
    this.meanwhile();
    signal.throwIfAborted();
    return { externalId: `F${this.told.length}` };
  }

  orders = () => this.told.map(({ orderExternalId }) => orderExternalId);
}

let channel: Channel;
let source: TestSource;
let runtime: ConnectorRuntime;
let elected: boolean;
/** How often a task has asked whether it is to do something. */
let looks: number;

beforeEach(async () => {
  await shop.database.query('truncate source_write, connector_control');
  await shop.database.setClock(NOON);
  shop.takesFulfilments.clear();
  shop.takesFulfilments.add('web');
  channel = new Channel();
  source = new TestSource();
  source.source.fulfilments = channel;
  elected = true;
  looks = 0;
  runtime = opened();
});
afterEach(() => runtime.stop());

function opened(): ConnectorRuntime {
  return new ConnectorRuntime({
    id: 'web',
    kind: 'COMMERCE',
    source: source.source,
    em: shop.orm.em,
    importers: {} as never,
    log: createLogger('silent'),
    isElected: () => {
      looks += 1;
      return elected;
    },
  });
}

const lines: [string, number][] = [
  ['MUG', 1],
  ['MUG', 1],
  ['LAMP', 1],
];

/** An order of the channel that has been routed to one node, or to as many as its units are at. */
async function routed(externalId: string, connector = 'web'): Promise<string> {
  await shop.stock('MUG', 'EAST', 100);
  await shop.stock('LAMP', 'EAST', 100);
  const id = await shop.take(paidOrder(externalId, lines), connector);
  await shop.route(id);
  return id;
}

async function ship(orderId: string, more: object = {}): Promise<string> {
  const shipment = (await shop.shipments(orderId)).find(({ state }) => state === 'PLANNED')!;
  await shop.answer(shipment.id, 'SHIPPED', more);
  return shipment.id;
}

const writes = () =>
  shop.database.query<{
    state: string;
    attempts: number;
    external_id: string | null;
    last_error: string | null;
  }>('select state, attempts, external_id, last_error from source_write order by position');

test('the source of an order is told of its parcel: lines as it knows them, carrier, number', async () => {
  await runtime.start();
  const shipmentId = await ship(await routed('F-1'), { trackingNumber: 'SF1' });
  await until(() => channel.told.length === 1);
  expect(channel.told).toEqual([
    {
      idempotencyKey: shipmentId,
      orderExternalId: 'F-1',
      lines: [
        { orderLineExternalId: '1', quantity: 1 },
        { orderLineExternalId: '2', quantity: 1 },
        { orderLineExternalId: '3', quantity: 1 },
      ],
      carrier: 'VAN',
      trackingNumber: 'SF1',
    },
  ]);
  await until(async () => (await writes())[0]!.state === 'DELIVERED');
  expect(await writes()).toEqual([{ state: 'DELIVERED', attempts: 1, external_id: 'F1', last_error: null }]);
});

test('an order in two parcels: each is told with its own units, in the order in which they left', async () => {
  const orderId = await routed('F-2');
  const first = await ship(orderId, { lines: [{ sku: 'MUG', quantity: 1 }] });
  await shop.route(orderId);
  const second = await ship(orderId);
  await ship(await routed('F-2-beside'));
  channel.failures.set(first, new RetriableError('The shop is busy.'));
  await runtime.start();
  // What comes after the first waits with it; what is about another order does not.
  await until(() => channel.told.length === 1);
  expect(channel.orders()).toEqual(['F-2-beside']);
  channel.failures.clear();
  await shop.database.setClock(later(10));
  await until(() => channel.told.length === 3);
  expect(channel.told.slice(1).map(({ idempotencyKey, lines: units }) => [idempotencyKey, units])).toEqual([
    [first, [{ orderLineExternalId: '1', quantity: 1 }]],
    [
      second,
      [
        { orderLineExternalId: '2', quantity: 1 },
        { orderLineExternalId: '3', quantity: 1 },
      ],
    ],
  ]);
});

test('what the source refuses is kept for a person, and holds no other order up', async () => {
  channel.failures.set('F-3', new FatalError('There is no order F-3.'));
  await ship(await routed('F-3'));
  await ship(await routed('F-4'));
  await runtime.start();
  await until(() => channel.told.length === 1);
  expect(channel.orders()).toEqual(['F-4']);
  await until(async () => (await writes())[1]!.state === 'DELIVERED');
  expect(await writes()).toEqual([
    { state: 'FAILED', attempts: 1, external_id: null, last_error: 'There is no order F-3.' },
    { state: 'DELIVERED', attempts: 1, external_id: 'F1', last_error: null },
  ]);
  expect(runtime.lastFailure()).toBeNull();
});

test('a source that cannot be used loses nothing: it is told once it can', async () => {
  source.source.check = async () => ({ ok: false, message: 'The key is wrong.' });
  channel.failures.set('F-5', new FatalError('The key is wrong.'));
  await ship(await routed('F-5'));
  await runtime.start();
  const failure = 'The key is wrong. It needs a change of the configuration.';
  await until(() => runtime.lastFailure() === failure);
  expect(await writes()).toEqual([{ state: 'PENDING', attempts: 1, external_id: null, last_error: failure }]);
  channel.failures.clear();
  await shop.database.setClock(later(10));
  await until(() => channel.told.length === 1);
  await until(() => runtime.lastFailure() === null);
});

test('a source that is paused, or spoken to by another process, is told nothing until it is not', async () => {
  const hasLookedAgain = async () => {
    for (const wanted of [looks + 3, looks + 6]) {
      runtime.elected();
      await until(() => looks >= wanted);
    }
  };
  await runtime.setPaused(true);
  await runtime.start();
  await ship(await routed('F-6'));
  await hasLookedAgain();
  expect(channel.told).toEqual([]);
  await runtime.setPaused(false);
  await until(() => channel.told.length === 1);
  elected = false;
  await ship(await routed('F-7'));
  await hasLookedAgain();
  expect(channel.orders()).toEqual(['F-6']);
  elected = true;
  runtime.elected();
  await until(() => channel.told.length === 2);
});

test('a process that ends before it has noted the answer: the next one tells it again, by the same key', async () => {
  const shipmentId = await ship(await routed('F-8'));
  let stopped: Promise<void> | undefined;
  channel.meanwhile = () => (stopped ??= runtime.stop());
  await runtime.start();
  await until(() => stopped !== undefined);
  await stopped;
  expect(await writes()).toEqual([{ state: 'PENDING', attempts: 0, external_id: null, last_error: null }]);
  runtime = opened();
  await runtime.start();
  await until(() => channel.told.length === 2);
  expect(channel.told.map(({ idempotencyKey }) => idempotencyKey)).toEqual([shipmentId, shipmentId]);
});

test('nobody is told of orders from sources that take no fulfilments', async () => {
  await ship(await routed('F-9', 'files'));
  await ship(await routed('F-10', 'other'));
  expect(await writes()).toEqual([]);
});

test('a shipment that could not be recorded tells nobody', async () => {
  const orderId = await routed('F-11');
  await expect(ship(orderId, { lines: [{ sku: 'MUG', quantity: 9 }] })).rejects.toThrow('has 2 units');
  expect(await writes()).toEqual([]);
});
