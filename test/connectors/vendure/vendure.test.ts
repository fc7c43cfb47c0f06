import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { Webhook } from 'standardwebhooks';
import { vendureConnector } from '../../../connectors/vendure/index.ts';
import { FatalError, PushRefused, RetriableError, type RawPush } from '../../../connectors/spi/index.ts';
import type { Fault } from '../../support/connectors/faulty-server.ts';
import { never } from '../../support/connectors/read-all.ts';
import { mapped, readOn, sourceStream } from '../../support/connectors/read-source.ts';
import { idsSince, timedShopCases } from '../../support/connectors/timed-shop-cases.ts';
import { opened, vendureCases } from './cases.ts';
import { configOf } from './config-of.ts';
import { ContractShop } from './contract-shop.ts';
import type { PlacedOrder } from './shop.ts';

let shop: ContractShop;
beforeEach(async () => {
  shop = await new ContractShop().listen();
});
afterEach(() => {
  shop.server.close();
});

const place = async (lines: Record<string, number>) => (await shop.place(lines))!;
const idsOf = (records: readonly { id: string }[]) => records.map(({ id }) => id);
const DAY_MS = 86_400_000;

describe('a shop that behaves like Vendure', () => {
  vendureCases(() => shop);
});

describe('trouble in mid-page', () => {
  it.each<{ what: string; faults: (Fault | undefined)[] }>([
    { what: '429 and 503', faults: [undefined, 429, 503, undefined, 429] },
    { what: 'no answer', faults: [undefined, 'NO_ANSWER', undefined, 'NO_ANSWER'] },
    { what: 'an answer that is cut off', faults: [undefined, 'CUT_OFF', undefined, 'CUT_OFF'] },
  ])('$what: nothing is lost, nothing comes twice', async ({ faults }) => {
    const orders = [];
    for (let order = 0; order < 7; order++) orders.push(await place({ 'A-1': 1 }));
    shop.server.faults.push(...faults);
    const pace = { timeoutMs: 100, retryAfterMs: 1, callsPerSecond: 1_000 };
    const { records } = await readOn(opened(shop, { pace }), 'orders', null);
    expect(idsOf(records)).toEqual(orders.map(({ id }) => id));
    expect(shop.server.faults).toEqual([]);
  });

  it('that comes with HTTP 200 is told apart by its code', async () => {
    const source = opened(shop);
    const fail = (code: string) => shop.errors.push({ message: 'said', extensions: { code } });
    await place({ 'A-1': 1 });
    fail('INTERNAL_SERVER_ERROR');
    expect((await readOn(source, 'orders', null)).records).toHaveLength(1);
    fail('FORBIDDEN');
    await expect(readOn(source, 'orders', null)).rejects.toThrow(FatalError);
    fail('USER_INPUT_ERROR');
    await expect(readOn(source, 'orders', null)).rejects.toThrow('USER_INPUT_ERROR: said');
    Object.assign(shop.orders[0]!, { orderPlacedAt: 'yesterday' });
    const odd = readOn(source, 'orders', null);
    await expect(odd).rejects.toThrow(FatalError);
    await expect(odd).rejects.toThrow('orders.items.0.orderPlacedAt');
  });
});

describe('reading by times', () => {
  timedShopCases({
    shop: () => shop,
    opened: (settings) => opened(shop, settings),
    place: () => place({ 'A-1': 1 }),
    async refund(order) {
      const refund = await shop.refund(order, 'A-1', 1);
      await shop.settleRefund(refund);
      return refund;
    },
  });

  it('finds what becomes visible late, though the clock shows whole seconds only', async () => {
    const source = opened(shop, { overlapSeconds: 5, openOrders: { everySeconds: 86_400 } });
    const { cursor } = await readOn(source, 'orders', null);
    const late = await place({ 'A-1': 1 });
    const [order] = shop.orders.splice(0);
    shop.pass(3_000);
    const between = await readOn(source, 'orders', cursor);
    expect(between.records).toEqual([]);
    shop.orders.push(order!);
    const { records } = await readOn(source, 'orders', between.cursor);
    expect(new Set(idsOf(records))).toEqual(new Set([late.id]));
  });

  it('reads more orders of one millisecond than a page has', async () => {
    for (let order = 0; order < 7; order++) await place({ 'A-1': 1 });
    const [first] = shop.orders;
    for (const order of shop.orders) order['orderPlacedAt'] = first!['orderPlacedAt'];
    const { records } = await readOn(opened(shop), 'orders', null);
    expect(idsOf(records)).toEqual(shop.orders.map(({ id }) => id));
  });

  it('reads open orders again for so many days, and no others', async () => {
    const source = opened(shop, { openOrders: { everySeconds: 0, days: 10 } });
    const order = await place({ 'A-1': 1 });
    const done = await place({ 'A-1': 1 });
    await shop.moveFulfilment(await shop.pack(done), 'Delivered');
    shop.pass(60_000);
    let { cursor } = await readOn(source, 'orders', null);
    const read = async () => {
      const { records, cursor: next } = await readOn(source, 'orders', cursor);
      cursor = next;
      return idsOf(records);
    };
    shop.pass(9 * DAY_MS);
    expect(await read()).toEqual([order.id]);
    shop.pass(2 * DAY_MS);
    expect(await read()).toEqual([order.id]);
    expect(await read()).toEqual([]);
    expect(cursor).toMatchObject({ open: [] });
  });

  it('reads open orders again no more often than it is told', async () => {
    const source = opened(shop, { openOrders: { everySeconds: 300 } });
    const order = await place({ 'A-1': 1 });
    shop.pass(60_000);
    const read = idsSince(source, 'orders', (await readOn(source, 'orders', null)).cursor);
    shop.pass(200_000);
    expect(await read()).toEqual([]);
    shop.pass(200_000);
    expect(await read()).toEqual([order.id]);
    shop.pass(10_000);
    expect(await read()).toEqual([]);
  });

  it('goes on with a round of open orders that was broken off', async () => {
    const source = opened(shop);
    const ids: string[] = [];
    for (let order = 0; order < 5; order++) ids.push((await place({ 'A-1': 1 })).id);
    shop.pass(60_000);
    const { cursor } = await readOn(source, 'orders', null);
    shop.pass(60_000);
    const broken = await readOn(source, 'orders', cursor, 3); // two sweeps without news, then a page of the round
    expect(idsOf(broken.records)).toEqual(ids.slice(0, 2));
    const rest = await readOn(source, 'orders', broken.cursor);
    expect(idsOf(rest.records)).toEqual(ids.slice(2));
  });

  it('can begin at an instant, and still knows the open orders before it', async () => {
    const source = opened(shop);
    const order = await place({ 'A-1': 1 });
    shop.pass(DAY_MS);
    const since = source.cursorFrom!(await sourceStream(source, 'orders'), shop.server.now());
    const { cursor } = await readOn(source, 'orders', since);
    await shop.moveFulfilment(await shop.pack(order), 'Shipped');
    expect(idsOf((await readOn(source, 'orders', cursor)).records)).toEqual([order.id]);
  });
});

describe('records', () => {
  it('with a state that nobody foresaw go to dead letters with the word', async () => {
    await place({ 'A-1': 1 });
    shop.orders[0]!.state = 'OnTheMoon';
    const source = opened(shop);
    const { records } = await readOn(source, 'orders', null);
    expect(await mapped(source, 'orders', records)).toEqual([expect.stringContaining('"OnTheMoon"')]);
  });

  it('of orders with lines that were called off have the others', async () => {
    const order = await place({ 'A-1': 2, 'B-1': 1 });
    shop.order(order.id).lines[0]!.quantity = 0;
    const source = opened(shop);
    const { records } = await readOn(source, 'orders', null);
    const [record] = await mapped(source, 'orders', records);
    expect(record).toMatchObject({ lines: [{ sku: 'B-1', quantity: 1 }] });
  });

  it('of refunds of money only are none: nothing becomes free by them', async () => {
    const order = await place({ 'A-1': 2 });
    await shop.settleRefund(await shop.refund(order, 'A-1', 0));
    expect((await readOn(opened(shop), 'refunds', null)).records).toEqual([]);
  });
});

describe('stock', () => {
  const publish = (free: number, takenIn: number) =>
    opened(shop).stock!.publishStock([{ sku: 'A-1', free, takenIn }], never);

  it('is right although the shop lost updates of its counter', async () => {
    shop.losesAllocations = true;
    await place({ 'A-1': 3 });
    expect(await shop.stockOf('A-1')).toMatchObject({ allocated: 0 });
    expect(await publish(10, 1)).toEqual([{ sku: 'A-1', outcome: 'WRITTEN', sellable: 8 }]);
    expect(await shop.stockOf('A-1')).toEqual({ onHand: 8, allocated: 0 });
  });

  it('is written again when a write was lost', async () => {
    shop.losesWrites = 2;
    expect(await publish(10, 0)).toEqual([{ sku: 'A-1', outcome: 'WRITTEN', sellable: 10 }]);
    shop.losesWrites = 99;
    await expect(publish(11, 0)).rejects.toThrow(RetriableError);
  });

  it('of refunded units that the shop still keeps is not held back', async () => {
    const order = await place({ 'A-1': 3 });
    await shop.settleRefund(await shop.refund(order, 'A-1', 2));
    expect(await publish(9, 1)).toEqual([{ sku: 'A-1', outcome: 'WRITTEN', sellable: 9 }]);
  });

  it('never goes below nothing, nor into the threshold', async () => {
    await place({ 'A-1': 5 });
    Object.assign(shop.variant('A-1'), { useGlobalOutOfStockThreshold: false, outOfStockThreshold: 2 });
    expect(await publish(3, 0)).toEqual([{ sku: 'A-1', outcome: 'WRITTEN', sellable: 0 }]);
    expect(await shop.stockOf('A-1')).toEqual({ onHand: 7, allocated: 5 });
  });

  it('is refused where the shop does not count, or another location offers more', async () => {
    shop.variant('A-1')['trackInventory'] = 'FALSE';
    expect(await publish(3, 0)).toMatchObject([
      { outcome: 'REFUSED', reason: expect.stringContaining('track') },
    ]);
    shop.variant('A-1')['trackInventory'] = 'TRUE';
    shop.variant('A-1').stockLevels.push({ stockLocationId: '2', stockOnHand: 5, stockAllocated: 1 });
    expect(await publish(3, 0)).toMatchObject([
      { outcome: 'REFUSED', reason: expect.stringContaining('4 units') },
    ]);
    expect(await publish(9, 0)).toMatchObject([{ outcome: 'WRITTEN', sellable: 9 }]);
    expect(await shop.stockOf('A-1')).toMatchObject({ onHand: 5 });
  });
});

describe('parcels', () => {
  const tell = (order: PlacedOrder, trackingNumber: string) => {
    const lines = Object.values(order.lines).map(({ id, quantity }) => ({
      orderLineExternalId: id,
      quantity,
    }));
    const parcel = { idempotencyKey: trackingNumber, orderExternalId: order.code, lines, trackingNumber };
    return opened(shop).fulfilments!.pushFulfilment(parcel, never);
  };

  it('of an order that is not paid yet have left, though Vendure keeps its state', async () => {
    const order = await place({ 'A-1': 2 });
    shop.order(order.id).state = 'PaymentAuthorized';
    await tell(order, 'SF1');
    expect(shop.order(order.id).state).toBe('PaymentAuthorized');
    const source = opened(shop);
    const { records } = await readOn(source, 'orders', null);
    expect(await mapped(source, 'orders', records)).toMatchObject([{ state: 'SHIPPED' }]);
    const published = await source.stock!.publishStock([{ sku: 'A-1', free: 4, takenIn: 0 }], never);
    expect(published).toMatchObject([{ sellable: 4 }]);
  });

  it('that a person enters in the same instant are looked for again', async () => {
    const order = await place({ 'A-1': 2 });
    shop.meanwhile = () => {
      shop.meanwhile = () => undefined;
      queueMicrotask(() => void shop.pack(order, 'SF2')); // once the look has been answered
    };
    await tell(order, 'SF2');
    expect(await shop.parcelsOf(order)).toMatchObject([{ state: 'Shipped', trackingCode: 'SF2' }]);
  });

  it('that a person marks in the same instant are left at that', async () => {
    const order = await place({ 'A-1': 2 });
    const packed = await shop.pack(order, 'SF3');
    shop.meanwhile = () => queueMicrotask(() => void shop.moveFulfilment(packed, 'Delivered'));
    expect(await tell(order, 'SF3')).toEqual({ externalId: packed });
    expect(await shop.parcelsOf(order)).toMatchObject([{ state: 'Delivered' }]);
  });

  it('whose fulfilment a person has cancelled are made anew: they have left', async () => {
    const order = await place({ 'A-1': 2 });
    const { externalId } = await tell(order, 'SF5');
    shop.order(order.id).fulfillments[0]!.state = 'Cancelled';
    expect(await tell(order, 'SF5')).not.toEqual({ externalId });
    expect(await shop.parcelsOf(order)).toMatchObject([{ state: 'Cancelled' }, { state: 'Shipped' }]);
  });

  it('that Vendure refuses are refused with its word', async () => {
    const order = await place({ 'A-1': 2 });
    shop.variant('A-1').stockLevels[0]!.stockOnHand = 1;
    const telling = tell(order, 'SF4');
    await expect(telling).rejects.toThrow(FatalError);
    await expect(telling).rejects.toThrow('INSUFFICIENT_STOCK_ON_HAND_ERROR');
  });
});

describe('pushes', () => {
  const secret = `whsec_${Buffer.from('a secret of our own for pushes').toString('base64')}`;
  const hints = [
    { stream: 'orders', recordIds: ['7'] },
    { stream: 'refunds', recordIds: ['7/9'] },
  ];
  const pushOf = (body: string, at = new Date(), by = secret): RawPush => {
    const signed = new Webhook(by).sign('msg_1', at, body);
    const seconds = String(Math.floor(at.getTime() / 1_000));
    const headers = { 'webhook-id': 'msg_1', 'webhook-timestamp': seconds, 'webhook-signature': signed };
    return { method: 'POST', headers, query: {}, body: Buffer.from(body), receivedAt: new Date() };
  };
  const receive = (push: RawPush) => opened(shop, { webhookSecret: secret }).webhook!.receive(push);

  it('are hints, each with an id by which it is known again', async () => {
    expect(await receive(pushOf(JSON.stringify({ hints })))).toEqual({
      hints: [
        { ...hints[0], pushId: 'msg_1 0' },
        { ...hints[1], pushId: 'msg_1 1' },
      ],
    });
  });

  it('are refused when they are not the plugin’s, changed, old or something else', async () => {
    const body = JSON.stringify({ hints });
    const other = `whsec_${Buffer.from('the secret of somebody else').toString('base64')}`;
    const changed = { ...pushOf(body), body: Buffer.from(body.replace('7', '8')) };
    for (const push of [
      pushOf(body, new Date(), other),
      changed,
      pushOf(body, new Date(Date.now() - 600_000)),
      { ...pushOf(body), headers: {} },
      pushOf('{"hints":7}'),
    ])
      await expect(receive(push)).rejects.toThrow(PushRefused);
    expect(opened(shop).webhook).toBeUndefined();
  });

  it('are read back; what is gone is left out', async () => {
    const source = opened(shop, { webhookSecret: secret });
    const order = await place({ 'A-1': 1 });
    const stream = await sourceStream(source, 'orders');
    const back = await source.webhook!.readBack(stream, [order.id, '9999'], never);
    expect(idsOf(back)).toEqual([order.id]);
  });
});

describe('the configuration', () => {
  it('is described, with secrets marked', () => {
    const { configSchema } = vendureConnector.spec;
    const validate = new Ajv2020({ strict: false, formats: { uri: true } }).compile(configSchema);
    expect(validate(configOf(shop))).toBe(true);
    expect(validate({ ...configOf(shop), surprise: 1 })).toBe(false);
    expect(configSchema).toMatchObject({
      properties: { apiKey: { writeOnly: true }, webhookSecret: { writeOnly: true } },
    });
    expect(() => opened(shop, { webhookSecret: 'not base64 at all, though it is long' })).toThrow(
      /^vendure connector configuration: webhookSecret: must be base64/,
    );
    expect(() => vendureConnector.open({ url: 'shop', apiKey: 'k', channel: 'web' })).toThrow('url: ');
  });
});
