import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { medusaConnector } from '../../../connectors/medusa/index.ts';
import { FatalError, RetriableError } from '../../../connectors/spi/index.ts';
import { never } from '../../support/connectors/read-all.ts';
import { mapped, readOn, sourceStream } from '../../support/connectors/read-source.ts';
import { signedPush } from '../../support/connectors/signed-push.ts';
import { timedShopCases } from '../../support/connectors/timed-shop-cases.ts';
import { allIds, medusaCases, opened } from './cases.ts';
import { configOf, SECRET } from './config-of.ts';
import { ContractShop } from './contract-shop.ts';
import { parcelCases, parcelOf } from './parcel-cases.ts';

let shop: ContractShop;
beforeEach(async () => {
  shop = await new ContractShop().listen();
});
afterEach(() => {
  shop.server.close();
});

const DAY_MS = 86_400_000;
const place = async (lines: Record<string, number>) => (await shop.place(lines))!;
const idsOf = (records: readonly { id: string }[]) => records.map(({ id }) => id);
const delivered = async (lines: Record<string, number>) => {
  const order = await place(lines);
  await shop.pack(order);
  await shop.deliver(order);
  return order;
};

describe('a shop that behaves like Medusa', () => {
  medusaCases(() => shop);
  describe('a parcel that has left', () => parcelCases(() => shop));
});

describe('trouble', () => {
  it('is told in the words of the shop, or by the field that is otherwise', async () => {
    const source = opened(shop);
    await place({ 'A-1': 1 });
    shop.refusals.push({ status: 400, json: { type: 'invalid_data', message: 'Unrecognized fields' } });
    const refused = readOn(source, 'orders', null);
    await expect(refused).rejects.toThrow(FatalError);
    await expect(refused).rejects.toThrow('Medusa answered 400, invalid_data: Unrecognized fields');
    Object.assign(shop.orders[0]!, { updated_at: 'yesterday' });
    await expect(readOn(source, 'orders', null)).rejects.toThrow('0.updated_at');
  });
});

describe('reading by times', () => {
  timedShopCases({
    shop: () => shop,
    opened: (settings) => opened(shop, settings),
    place: () => place({ 'A-1': 1 }),
    refund: (order) => shop.refund(order, order.total),
  });

  it('finds what becomes visible late, though the clock shows whole seconds only', async () => {
    const source = opened(shop, { overlapSeconds: 5 });
    const { cursor } = await readOn(source, 'orders', null);
    const late = await place({ 'A-1': 1 });
    const [order] = shop.orders.splice(0);
    shop.pass(3_000);
    const between = await readOn(source, 'orders', cursor);
    expect(between.records).toEqual([]);
    shop.orders.push(order!);
    const { records } = await readOn(source, 'orders', between.cursor);
    expect(idsOf(records)).toEqual([late.id]);
  });

  it('reads more rows of one millisecond than a page has, though their order is another one each time', async () => {
    for (let order = 0; order < 9; order++) await place({ 'A-1': 1 });
    for (const order of shop.orders.slice(1)) order.updated_at = shop.orders[1]!.updated_at;
    const { records } = await readOn(opened(shop), 'orders', null);
    expect(idsOf(records).toSorted()).toEqual(idsOf(shop.orders).toSorted());
  });

  it('waits for the payment of an order that is just being placed, and takes one that needs none', async () => {
    const source = opened(shop, { overlapSeconds: 60 });
    const placed = await place({ 'A-1': 1 });
    const order = shop.order(placed.id);
    const { payment_collections } = order;
    order.payment_collections = [];
    const first = await readOn(source, 'orders', null);
    expect(first.records).toEqual([]);
    order.payment_collections = payment_collections;
    const paid = await readOn(source, 'orders', first.cursor);
    expect(idsOf(paid.records)).toEqual([placed.id]);
    order.payment_collections = [];
    shop.pass(70_000);
    const free = await readOn(source, 'orders', first.cursor);
    expect(idsOf(free.records)).toEqual([placed.id]);
  });

  it('reads again what it waited for, though the read was broken off behind it', async () => {
    const source = opened(shop, { overlapSeconds: 60 });
    const { id } = await place({ 'A-1': 1 });
    for (let order = 0; order < 5; order++) await place({ 'A-1': 1 });
    const order = shop.order(id);
    const { payment_collections } = order;
    order.payment_collections = [];
    const broken = await readOn(source, 'orders', null, 2);
    order.payment_collections = payment_collections;
    const rest = await readOn(source, 'orders', broken.cursor);
    expect(idsOf(rest.records)).toContain(id);
  });

  it('finds a claim that is confirmed long after it was begun', async () => {
    const source = opened(shop);
    const order = await delivered({ 'B-1': 1 });
    const id = await shop.claim(order, 'B-1', 1);
    const [claim] = shop.claims;
    const items = claim!['claim_items'];
    claim!['claim_items'] = [];
    shop.pass(60_000);
    const begun = await readOn(source, 'claims', null);
    expect(begun.records).toEqual([]);
    shop.pass(DAY_MS);
    claim!['claim_items'] = items;
    const { records } = await readOn(source, 'claims', begun.cursor);
    expect(idsOf(records)).toEqual([id]);
  });

  it('can begin at an instant', async () => {
    const source = opened(shop);
    await place({ 'A-1': 1 });
    await shop.addCustomer({ firstName: 'Lei', lastName: 'Li', email: 'l@x.test', phone: '1' });
    shop.pass(60_000);
    const since = shop.server.now();
    const later = await delivered({ 'A-1': 1 });
    await shop.requestReturn(later, 'A-1', 1);
    const read = async (stream: string) => {
      const cursor = source.cursorFrom!(await sourceStream(source, stream), since);
      return idsOf((await readOn(source, stream, cursor)).records);
    };
    expect(await read('orders')).toEqual([later.id]);
    expect(await read('customers')).toEqual([]);
    expect(await read('returns')).toEqual(idsOf(shop.returns));
    expect(await read('claims')).toEqual([]);
    expect(await read('refunds')).toEqual([]);
  });

  it('reads every stream over several pages', async () => {
    const source = opened(shop);
    for (let turn = 0; turn < 3; turn++) {
      const order = await delivered({ 'A-1': 1 });
      await shop.requestReturn(order, 'A-1', 1);
      await shop.claim(order, 'A-1', 1);
    }
    expect(await allIds(source, 'orders')).toEqual(idsOf(shop.orders));
    expect(await allIds(source, 'returns')).toEqual(idsOf(shop.returns));
    expect(await allIds(source, 'claims')).toEqual(idsOf(shop.claims));
  });
});

describe('records', () => {
  const orderNow = async () => {
    const source = opened(shop);
    const { records } = await readOn(source, 'orders', null);
    return (await mapped(source, 'orders', records))[0];
  };

  it('with a state that nobody foresaw go to dead letters with the word', async () => {
    await place({ 'A-1': 1 });
    shop.orders[0]!.status = 'on_the_moon';
    expect(await orderNow()).toContain('"on_the_moon"');
  });

  it('of orders whose lines were removed, or are of no SKU, have the others', async () => {
    const { id } = await place({ 'A-1': 2, 'B-1': 1, 'C-1': 1 });
    const [removed, custom] = shop.order(id).items;
    removed!.quantity = 0;
    custom!.variant_sku = null;
    expect(await orderNow()).toMatchObject({ lines: [{ sku: 'C-1', quantity: 1 }] });
  });

  it('of orders that were closed without having left are closed', async () => {
    const { id } = await place({ 'A-1': 1 });
    shop.order(id).status = 'completed';
    expect(await orderNow()).toMatchObject({ state: 'CLOSED' });
  });

  it('of what needs no shipping have left when they are fulfilled', async () => {
    const order = await place({ 'A-1': 1 });
    shop.order(order.id).items[0]!.requires_shipping = false;
    await shop.pack(order);
    expect(await orderNow()).toMatchObject({ state: 'SHIPPED' });
  });

  it('have amounts with the decimals of their currency', async () => {
    const { id } = await place({ 'A-1': 3 });
    Object.assign(shop.order(id), { total: 33.333_333, currency_code: 'jpy' });
    Object.assign(shop.order(id).items[0]!, { refundable_total_per_unit: 9.51 });
    expect(await orderNow()).toMatchObject({
      currency: 'JPY',
      totalMinor: 33,
      lines: [{ unitPriceMinor: 10 }],
    });
  });

  it('of claims wait for goods on their way back, then for those on their way out', async () => {
    const source = opened(shop);
    const order = await delivered({ 'B-1': 1 });
    await shop.claim(order, 'B-1', 1);
    const [claim] = shop.claims;
    const [line] = shop.order(order.id).items;
    const status = async () => {
      const { records } = await readOn(source, 'claims', null);
      return (await mapped(source, 'claims', records))[0];
    };
    Object.assign(claim!, { type: 'replace', return: { status: 'requested' } });
    Object.assign(claim!, { additional_items: [{ item_id: line!.id, quantity: 2 }] });
    expect(await status()).toMatchObject({ status: 'PENDING' });
    Object.assign(claim!, { return: { status: 'received' } });
    expect(await status()).toMatchObject({ status: 'OPEN' });
    line!.detail.delivered_quantity = 2;
    expect(await status()).toMatchObject({ status: 'SOLVED' });
  });
});

describe('stock', () => {
  const publish = (free: number, takenIn: number) =>
    opened(shop).stock!.publishStock([{ sku: 'A-1', free, takenIn }], never);

  it('is right although the shop lost updates of its counter', async () => {
    shop.stock.losesReservations = true;
    await place({ 'A-1': 3 });
    expect(await shop.stockOf('A-1')).toMatchObject({ reserved: 0 });
    expect(await publish(10, 1)).toEqual([{ sku: 'A-1', outcome: 'WRITTEN', sellable: 8 }]);
    expect(await shop.stockOf('A-1')).toEqual({ stocked: 8, reserved: 0 });
  });

  it('is written again when a write was lost', async () => {
    shop.stock.losesWrites = 2;
    expect(await publish(10, 0)).toEqual([{ sku: 'A-1', outcome: 'WRITTEN', sellable: 10 }]);
    shop.stock.losesWrites = 99;
    await expect(publish(11, 0)).rejects.toThrow(RetriableError);
  });

  it('of an order that was paid back is not held back', async () => {
    const order = await place({ 'A-1': 3 });
    await shop.refund(order, order.total);
    expect(await publish(9, 0)).toEqual([{ sku: 'A-1', outcome: 'WRITTEN', sellable: 9 }]);
  });

  it('never goes below nothing', async () => {
    await place({ 'A-1': 5 });
    expect(await publish(3, 0)).toEqual([{ sku: 'A-1', outcome: 'WRITTEN', sellable: 0 }]);
    expect(await shop.stockOf('A-1')).toEqual({ stocked: 5, reserved: 5 });
  });

  it('is begun at a location that has none yet', async () => {
    shop.stock.locations.unshift({ id: 'sloc_0' });
    Object.assign(shop.stock.level('A-1'), { stocked_quantity: 0 });
    expect(await publish(4, 0)).toEqual([{ sku: 'A-1', outcome: 'WRITTEN', sellable: 4 }]);
    const { location_levels } = shop.stock.variant('A-1').inventory_items[0]!.inventory;
    expect(location_levels).toMatchObject([
      { location_id: 'sloc_1', stocked_quantity: 0 },
      { location_id: 'sloc_0', stocked_quantity: 4 },
    ]);
  });

  it.each([
    ['does not count', { manage_inventory: false }, 'manage'],
    ['sells beyond what there is', { allow_backorder: true }, 'backorders'],
    ['sells a kit', { inventory_items: [] }, 'kit'],
  ])('is refused where the shop %s', async (_what, change, word) => {
    Object.assign(shop.stock.variant('A-1'), change);
    expect(await publish(3, 0)).toMatchObject([
      { outcome: 'REFUSED', reason: expect.stringContaining(word) },
    ]);
  });

  it('is refused where another location offers more', async () => {
    shop.stock.variant('A-1').inventory_items[0]!.inventory.location_levels.push({
      location_id: 'sloc_2',
      stocked_quantity: 5,
      reserved_quantity: 1,
    });
    expect(await publish(3, 0)).toMatchObject([{ reason: expect.stringContaining('4 units') }]);
    expect(await publish(9, 0)).toMatchObject([{ outcome: 'WRITTEN', sellable: 9 }]);
    expect(await shop.stockOf('A-1')).toMatchObject({ stocked: 5 });
  });

  it('is refused where there is no location', async () => {
    shop.stock.locations.splice(0);
    expect(await publish(3, 0)).toMatchObject([{ reason: 'Medusa has no stock location.' }]);
  });
});

describe('parcels', () => {
  const tell = (parcel: ReturnType<typeof parcelOf>) =>
    opened(shop).fulfilments!.pushFulfilment(parcel, never);

  it('find their order by its number, though a search finds more than a page before it', async () => {
    for (let order = 0; order < 110; order++) await place({ 'A-1': 1 });
    for (const order of shop.orders) order['email'] = 'tel-111@x.test';
    const order = await place({ 'A-1': 1 });
    const { externalId } = await tell(parcelOf(order));
    expect(await shop.parcelsOf(order)).toMatchObject([{ id: externalId }]);
    await expect(tell({ ...parcelOf(order), orderExternalId: '1111' })).rejects.toThrow('no order 1111');
  });

  it('whose fulfilment was cancelled are made anew, and held back until then', async () => {
    const order = await place({ 'A-1': 1 });
    const parcel = parcelOf(order);
    await tell(parcel);
    const { fulfillments, items } = shop.order(order.id);
    fulfillments[0]!.canceled_at = fulfillments[0]!.shipped_at;
    Object.assign(items[0]!.detail, { fulfilled_quantity: 0, shipped_quantity: 0 });
    const publish = () => opened(shop).stock!.publishStock([{ sku: 'A-1', free: 9, takenIn: 0 }], never);
    expect(await publish()).toMatchObject([{ sellable: 8 }]);
    const { externalId } = await tell(parcel);
    expect(externalId).not.toBe(fulfillments[0]!.id);
    expect(await publish()).toMatchObject([{ sellable: 9 }]);
  });
});

describe('pushes', () => {
  it('hint at records of every stream, which are read back as they are now', async () => {
    const source = opened(shop, { webhookSecret: SECRET });
    const order = await delivered({ 'A-1': 1 });
    const refund = await shop.refund(order, order.total);
    const records: Record<string, string> = {
      customers: await shop.addCustomer({ firstName: 'Lei', lastName: 'Li', email: 'l@x.test', phone: '1' }),
      orders: order.id,
      returns: await shop.requestReturn(order, 'A-1', 1),
      claims: await shop.claim(order, 'A-1', 1),
      refunds: order.id,
    };
    const given = Object.entries(records).map(([stream, id]) => ({ stream, recordIds: [id, 'gone'] }));
    const { hints } = await source.webhook!.receive(signedPush(SECRET, given));
    expect(hints.map(({ stream, recordIds }) => ({ stream, recordIds }))).toEqual(given);
    for (const { stream, recordIds } of hints) {
      const found = await source.webhook!.readBack(await sourceStream(source, stream), recordIds, never);
      expect(idsOf(found)).toEqual([stream === 'refunds' ? `${order.id}/${refund}` : records[stream]]);
    }
  });

  it('of more ids than go into one call are read back whole', async () => {
    const source = opened(shop, { webhookSecret: SECRET });
    const ids: string[] = [];
    for (let order = 0; order < 105; order++) ids.push((await place({ 'A-1': 1 })).id);
    const found = await source.webhook!.readBack(await sourceStream(source, 'orders'), ids, never);
    expect(idsOf(found).toSorted()).toEqual(ids.toSorted());
  });

  it('are not taken without a secret', () => {
    expect(opened(shop).webhook).toBeUndefined();
  });
});

describe('configuration', () => {
  it('is described as it is taken', () => {
    const { configSchema } = medusaConnector.spec;
    const validate = new Ajv2020({ strict: false, formats: { uri: true } }).compile(configSchema);
    expect(validate(configOf(shop))).toBe(true);
    expect(validate({ ...configOf(shop), surprise: 1 })).toBe(false);
    expect(configSchema).toMatchObject({
      properties: { apiKey: { writeOnly: true }, webhookSecret: { writeOnly: true } },
    });
    expect(() => medusaConnector.open({ url: 'shop', apiKey: 'k', channel: 'web' })).toThrow('url: ');
  });
});
