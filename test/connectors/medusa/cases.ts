import { describe, expect, it } from '@jest/globals';
import { medusaConnector } from '../../../connectors/medusa/index.ts';
import type { Source } from '../../../connectors/spi/index.ts';
import { startFaultProxy, type Trouble } from '../../support/connectors/fault-proxy.ts';
import { HubOfOneSku } from '../../support/connectors/hub-of-one-sku.ts';
import { never } from '../../support/connectors/read-all.ts';
import { mapped, readOn, sourceStream } from '../../support/connectors/read-source.ts';
import { stockBesideSales } from '../../support/connectors/stock-beside-sales.ts';
import type { MedusaShop, PlacedOrder } from './shop.ts';
import { configOf, SECRET } from './config-of.ts';

export const opened = (
  shop: Pick<MedusaShop, 'url' | 'apiKey'>,
  more: Record<string, unknown> = {},
): Source => medusaConnector.open({ ...configOf(shop), ...more });

/** What a stream tells since it was last asked, as the hub takes it. */
export async function follow(source: Source, stream: string) {
  let { cursor } = await readOn(source, stream, null);
  return async (id: string): Promise<Record<string, unknown> | undefined> => {
    const read = await readOn(source, stream, cursor);
    cursor = read.cursor;
    const found = read.records.filter((record) => record.id === id).slice(-1);
    return (await mapped(source, stream, found))[0] as Record<string, unknown> | undefined;
  };
}

const idsOf = (records: readonly { id: string }[]) => records.map(({ id }) => id);

/** The ids of what a read from the beginning gives. */
export async function allIds(source: Source, stream: string): Promise<string[]> {
  return idsOf((await readOn(source, stream, null)).records);
}

const person = (phone = '+8613800138000') => ({
  firstName: 'Mei',
  lastName: 'Han',
  email: `${Math.random()}@x.test`,
  phone,
});

/** What must hold of the connector, whichever shop it speaks to. */
export function medusaCases(shopOf: () => MedusaShop): void {
  const placed = async (lines: Record<string, number>): Promise<PlacedOrder> =>
    (await shopOf().place(lines))!;
  const delivered = async (lines: Record<string, number>): Promise<PlacedOrder> => {
    const order = await placed(lines);
    const fulfilment = await shopOf().pack(order);
    await shopOf().ship(order, fulfilment);
    await shopOf().deliver(order, fulfilment);
    return order;
  };

  it('checks a key, and says what is wrong with another', async () => {
    expect(await opened(shopOf()).check(never)).toMatchObject({ ok: true });
    const refused = await opened({ ...shopOf(), apiKey: 'sk_of_nobody' }).check(never);
    expect(refused).toMatchObject({ ok: false, message: expect.stringContaining('credentials') });
    expect(JSON.stringify(refused)).not.toContain('sk_of_nobody');
  });

  it('reads all orders over several pages, and goes on from a cursor after a kill', async () => {
    const orders: PlacedOrder[] = [];
    for (let order = 0; order < 5; order++) orders.push(await placed({ 'A-1': 1 }));
    const first = await readOn(opened(shopOf()), 'orders', null, 2);
    const rest = await readOn(opened(shopOf()), 'orders', first.cursor);
    const read = idsOf([...first.records, ...rest.records]);
    for (const { id } of orders) expect(read).toContain(id);
    const whole = idsOf((await readOn(opened(shopOf()), 'orders', null)).records);
    expect(new Set(whole)).toEqual(new Set(read));
    expect(whole).toHaveLength(new Set(whole).size);
  });

  it('finds placement, packing, shipping, delivery and cancellation', async () => {
    const news = await follow(opened(shopOf()), 'orders');
    const order = await placed({ 'A-1': 2, 'B-1': 1 });
    expect(await news(order.id)).toMatchObject({ state: 'PAID' });
    const fulfilment = await shopOf().pack(order);
    expect(await news(order.id)).toMatchObject({ state: 'PAID' });
    await shopOf().ship(order, fulfilment);
    expect(await news(order.id)).toMatchObject({ state: 'SHIPPED' });
    await shopOf().deliver(order, fulfilment);
    expect(await news(order.id)).toMatchObject({ state: 'DELIVERED' });
    const other = await placed({ 'C-1': 3 });
    expect(await news(other.id)).toMatchObject({ state: 'PAID' });
    await shopOf().cancel(other);
    expect(await news(other.id)).toMatchObject({ state: 'CANCELLED', lines: [{ sku: 'C-1', quantity: 3 }] });
  });

  it('gives orders as the hub takes them', async () => {
    const news = await follow(opened(shopOf()), 'orders');
    const order = await placed({ 'A-1': 2 });
    expect(await news(order.id)).toMatchObject({
      channel: 'web',
      externalId: order.number,
      state: 'PAID',
      buyer: { name: '雷 李', phone: '13800138000' },
      currency: 'CNY',
      totalMinor: 2 * 1_000 + 500,
      deliveryMethod: 'DELIVERY',
      shipTo: { province: '上海', city: '上海', street: '淮海中路 1 号' },
      lines: [{ externalId: order.lines['A-1']!.id, sku: 'A-1', quantity: 2, unitPriceMinor: 1_000 }],
    });
  });

  it('finds the second of two changes, though a read came between them', async () => {
    const id = await shopOf().addCustomer(person());
    const news = await follow(opened(shopOf()), 'customers');
    await shopOf().changeCustomer(id, { phone: '13800138001' });
    expect(await news(id)).toMatchObject({ phones: ['13800138001'] });
    await shopOf().changeCustomer(id, { phone: '13800138002' });
    expect(await news(id)).toMatchObject({ phones: ['13800138002'] });
  });

  it('reads customers, and lists those that are still there', async () => {
    const source = opened(shopOf());
    const { cursor } = await readOn(source, 'customers', null);
    const people = [person(), person(), person()];
    const ids: string[] = [];
    for (const one of people) ids.push(await shopOf().addCustomer(one));
    const { records } = await readOn(source, 'customers', cursor);
    expect(idsOf(records)).toEqual(expect.arrayContaining(ids));
    const own = records.filter(({ id }) => id === ids[0]);
    expect((await mapped(source, 'customers', own))[0]).toMatchObject({
      externalId: ids[0],
      name: 'Mei Han',
      phones: ['+8613800138000'],
      emails: [people[0]!.email],
      channelUsers: [{ channel: 'web', userId: ids[0] }],
    });
    await shopOf().deleteCustomer(ids[1]!);
    const left = await allIds(source, 'customers');
    expect(left).toEqual(expect.arrayContaining([ids[0], ids[2]]));
    expect(left).not.toContain(ids[1]);
  });

  it('follows returns from request to receipt, and to cancellation', async () => {
    const order = await delivered({ 'A-1': 2 });
    const news = await follow(opened(shopOf()), 'returns');
    const id = await shopOf().requestReturn(order, 'A-1', 1);
    expect(await news(id)).toEqual({
      externalId: id,
      channel: 'web',
      orderExternalId: order.number,
      status: 'REQUESTED',
      requestedAt: expect.any(String),
      lines: [{ orderLineExternalId: order.lines['A-1']!.id, quantity: 1 }],
    });
    await shopOf().receiveReturn(id, order, 'A-1', 1);
    expect(await news(id)).toMatchObject({ status: 'RECEIVED' });
    const other = await shopOf().requestReturn(order, 'A-1', 1);
    await shopOf().cancelReturn(other);
    expect(await news(other)).toMatchObject({ status: 'REJECTED' });
  });

  it('follows claims as tickets until what is owed has gone back', async () => {
    const order = await delivered({ 'B-1': 1 });
    const news = await follow(opened(shopOf()), 'claims');
    const id = await shopOf().claim(order, 'B-1', 1);
    expect(await news(id)).toMatchObject({
      externalId: id,
      status: 'OPEN',
      channel: 'web',
      orderExternalId: order.number,
      subject: expect.stringMatching(/^Claim \d+ \(refund\): production_failure$/),
      requester: { phone: '13800138000' },
    });
    await shopOf().refund(order, 20);
    expect(await news(id)).toMatchObject({ status: 'SOLVED' });
    const other = await delivered({ 'B-1': 1 });
    const withdrawn = await shopOf().claim(other, 'B-1', 1);
    expect(await news(withdrawn)).toMatchObject({ status: 'OPEN' });
    await shopOf().cancelClaim(withdrawn);
    expect(await news(withdrawn)).toMatchObject({ status: 'CLOSED' });
  });

  it('finds the refund that pays an order back, though the order stands still', async () => {
    const source = opened(shopOf(), { webhookSecret: SECRET });
    const orders = await follow(source, 'orders');
    const order = await delivered({ 'A-1': 2 });
    const first = await shopOf().refund(order, order.total - 20);
    await shopOf().receiveReturn(await shopOf().requestReturn(order, 'A-1', 2), order, 'A-1', 2);
    const before = await orders(order.id);
    const refunds = await follow(source, 'refunds');
    expect(await refunds(`${order.id}/${first}`)).toBeUndefined();
    const second = await shopOf().refund(order, 20);
    const [after] = await source.webhook!.readBack(await sourceStream(source, 'orders'), [order.id], never);
    expect((await mapped(source, 'orders', [after!]))[0]).toMatchObject({ updatedAt: before!['updatedAt'] });
    const id = `${order.id}/${second}`;
    expect(await refunds(id)).toEqual({
      externalId: second,
      channel: 'web',
      orderExternalId: order.number,
      settledAt: expect.any(String),
      policy: 'NONE',
      lines: [{ orderLineExternalId: order.lines['A-1']!.id, quantity: 2 }],
    });
    expect(await allIds(source, 'refunds')).toContain(id);
  });

  it('writes stock so that orders which are not taken in keep their units', async () => {
    const source = opened(shopOf(), { pageSize: 100 });
    const hub = new HubOfOneSku(source, 'B-1', 0);
    await placed({ 'B-1': 2 });
    await hub.takeIn();
    hub.share = hub.taken() + 10;
    expect(await hub.publish()).toEqual({ sku: 'B-1', outcome: 'WRITTEN', sellable: 10 });
    await placed({ 'B-1': 3 });
    const before = await shopOf().stockOf('B-1');
    expect(await hub.publish()).toEqual({ sku: 'B-1', outcome: 'UNCHANGED', sellable: 7 });
    expect(await shopOf().stockOf('B-1')).toEqual(before);
    expect(await source.stock!.publishStock([{ sku: 'NONE', free: 1, takenIn: 0 }], never)).toEqual([
      { sku: 'NONE', outcome: 'REFUSED', reason: 'Medusa has no variant with the SKU NONE.' },
    ]);
  });

  it('packed orders that are taken in do not come back as stock', async () => {
    const hub = new HubOfOneSku(opened(shopOf(), { pageSize: 100 }), 'C-1', 0);
    const order = await placed({ 'C-1': 4 });
    await hub.takeIn();
    hub.share = hub.taken() + 6;
    await shopOf().pack(order);
    expect(await hub.publish()).toEqual({ sku: 'C-1', outcome: 'WRITTEN', sellable: 6 });
    const { stocked, reserved } = await shopOf().stockOf('C-1');
    expect(stocked - reserved).toBe(6);
  });

  stockBesideSales(
    () => opened(shopOf(), { pageSize: 100 }),
    (lines) => shopOf().place(lines),
    'HOT-1',
  );

  describe('trouble in mid-page', () => {
    it.each<Trouble>(['THROTTLED', 'UNAVAILABLE', 'SILENT', 'ANSWER_LOST'])(
      '%s: nothing is lost, nothing comes twice',
      async (trouble) => {
        const { cursor } = await readOn(opened(shopOf(), { pageSize: 100 }), 'orders', null);
        const ids: string[] = [];
        for (let order = 0; order < 5; order++) ids.push((await placed({ 'A-1': 1 })).id);
        const proxy = await startFaultProxy(shopOf().url);
        try {
          const pace = { timeoutMs: 3_000, retryAfterMs: 1, callsPerSecond: 1_000 };
          const source = opened({ ...shopOf(), url: proxy.url }, { pace });
          proxy.fail(trouble, 1, 2);
          const found = idsOf((await readOn(source, 'orders', cursor)).records);
          expect(found).toEqual(expect.arrayContaining(ids));
          expect(found).toHaveLength(new Set(found).size);
          expect(proxy.calls).toBeGreaterThan(4);
        } finally {
          proxy.stop();
        }
      },
    );
  });
}
