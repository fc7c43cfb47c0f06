import { expect, it } from '@jest/globals';
import { vendureConnector } from '../../../connectors/vendure/index.ts';
import type { OrderRecord, Source } from '../../../connectors/spi/index.ts';
import { unitsOf } from '../../support/connectors/hub-of-one-sku.ts';
import { never } from '../../support/connectors/read-all.ts';
import { mapped, readOn } from '../../support/connectors/read-source.ts';
import { stockBesideSales } from '../../support/connectors/stock-beside-sales.ts';
import { parcelCases } from './parcel-cases.ts';
import type { PlacedOrder, VendureShop } from './shop.ts';
import { configOf } from './config-of.ts';

export const opened = (shop: VendureShop, more: Record<string, unknown> = {}): Source =>
  vendureConnector.open({ ...configOf(shop), ...more });

/** What must hold of the connector, whichever shop it speaks to. */
export function vendureCases(shopOf: () => VendureShop): void {
  const placed = async (lines: Record<string, number>): Promise<PlacedOrder> =>
    (await shopOf().place(lines))!;
  const idsOf = (records: readonly { id: string }[]) => records.map(({ id }) => id);

  it('checks a key, and says what is wrong with another', async () => {
    expect(await opened(shopOf()).check(never)).toMatchObject({ ok: true });
    const refused = await opened({ ...shopOf(), apiKey: '1234:5678' }).check(never);
    expect(refused).toMatchObject({ ok: false, message: expect.stringContaining('API key') });
    expect(JSON.stringify(refused)).not.toContain('1234:5678');
  });

  it('reads all orders over several pages, and goes on from a cursor after a kill', async () => {
    const orders: PlacedOrder[] = [];
    for (let order = 0; order < 5; order++) orders.push(await placed({ 'A-1': 1 }));
    const first = await readOn(opened(shopOf()), 'orders', null, 2);
    const rest = await readOn(opened(shopOf()), 'orders', first.cursor);
    const read = idsOf([...first.records, ...rest.records]);
    for (const { id } of orders) expect(read).toContain(id);
    const whole = await readOn(opened(shopOf()), 'orders', null);
    expect(new Set(idsOf(whole.records))).toEqual(new Set(read));
    expect(idsOf(whole.records)).toHaveLength(new Set(read).size);
  });

  it('finds placement, packing, shipping, delivery and cancellation', async () => {
    const source = opened(shopOf());
    let { cursor } = await readOn(source, 'orders', null);
    const news = async ({ id, code }: PlacedOrder) => {
      const { records, cursor: next } = await readOn(source, 'orders', cursor);
      cursor = next;
      const found = records.filter((record) => record.id === id);
      const all = (await mapped(source, 'orders', found)) as OrderRecord[];
      return all.findLast(({ externalId }) => externalId === code)?.state;
    };
    const order = await placed({ 'A-1': 2, 'B-1': 1 });
    expect(await news(order)).toBe('PAID');
    const fulfilment = await shopOf().pack(order);
    expect(await news(order)).toBe('PAID');
    await shopOf().moveFulfilment(fulfilment, 'Shipped');
    expect(await news(order)).toBe('SHIPPED');
    await shopOf().moveFulfilment(fulfilment, 'Delivered');
    expect(await news(order)).toBe('DELIVERED');
    const other = await placed({ 'C-1': 3 });
    expect(await news(other)).toBe('PAID');
    await shopOf().cancel(other);
    expect(await news(other)).toBe('CANCELLED');
  });

  it('gives orders as the hub takes them', async () => {
    const order = await placed({ 'A-1': 2 });
    const source = opened(shopOf());
    const { records } = await readOn(source, 'orders', null);
    const [record] = await mapped(
      source,
      'orders',
      records.filter(({ id }) => id === order.id),
    );
    expect(record).toMatchObject({
      channel: 'web',
      externalId: order.code,
      state: 'PAID',
      buyer: { name: '李雷', phone: '13800138000' },
      totalMinor: 2 * 1_130 + 500,
      deliveryMethod: 'DELIVERY',
      shipTo: { province: '上海', city: '上海', street: '淮海中路 1 号' },
      lines: [{ externalId: order.lines['A-1']!.id, sku: 'A-1', quantity: 2, unitPriceMinor: 1_130 }],
    });
  });

  it('gives refunds once they are settled, with their lines', async () => {
    const source = opened(shopOf());
    const order = await placed({ 'A-1': 2 });
    let { cursor } = await readOn(source, 'refunds', null);
    const news = async () => {
      const { records, cursor: next } = await readOn(source, 'refunds', cursor);
      cursor = next;
      return mapped(
        source,
        'refunds',
        records.filter(({ id }) => id.startsWith(`${order.id}/`)),
      );
    };
    const refund = await shopOf().refund(order, 'A-1', 1);
    expect(await news()).toEqual([]);
    await shopOf().settleRefund(refund);
    expect(await news()).toEqual([
      {
        externalId: refund,
        channel: 'web',
        orderExternalId: order.code,
        settledAt: expect.any(String),
        policy: 'NONE',
        lines: [{ orderLineExternalId: order.lines['A-1']!.id, quantity: 1 }],
      },
    ]);
  });

  it('reads customers', async () => {
    const source = opened(shopOf());
    const { cursor } = await readOn(source, 'customers', null);
    const people = ['li', 'han', 'wang'].map((lastName) => ({
      firstName: 'Mei',
      lastName,
      email: `${lastName}${Math.random()}@x.test`,
      phone: '+8613800138000',
    }));
    const ids: string[] = [];
    for (const person of people) ids.push(await shopOf().addCustomer(person));
    const { records } = await readOn(source, 'customers', cursor);
    expect(idsOf(records)).toEqual(expect.arrayContaining(ids));
    const [one] = await mapped(
      source,
      'customers',
      records.filter(({ id }) => id === ids[0]),
    );
    expect(one).toMatchObject({
      externalId: ids[0],
      name: 'Mei li',
      phones: ['+8613800138000'],
      emails: [people[0]!.email],
      channelUsers: [{ channel: 'web', userId: ids[0] }],
    });
  });

  it('writes stock so that orders which are not taken in keep their units', async () => {
    const { stock } = opened(shopOf());
    const untold = async () => {
      // What earlier cases have placed counts as taken in.
      const { onHand } = await shopOf().stockOf('B-1');
      return onHand;
    };
    await placed({ 'B-1': 2 });
    const source = opened(shopOf());
    const { records } = await readOn(source, 'orders', null);
    const takenIn = unitsOf((await mapped(source, 'orders', records)) as OrderRecord[], 'B-1');
    expect(await stock!.publishStock([{ sku: 'B-1', free: 10, takenIn }], never)).toEqual([
      { sku: 'B-1', outcome: 'WRITTEN', sellable: 10 },
    ]);
    await placed({ 'B-1': 3 });
    const before = await untold();
    const again = await stock!.publishStock([{ sku: 'B-1', free: 10, takenIn }], never);
    expect(again).toEqual([{ sku: 'B-1', outcome: 'UNCHANGED', sellable: 7 }]);
    expect(await untold()).toBe(before);
    expect(await stock!.publishStock([{ sku: 'NONE', free: 1, takenIn: 0 }], never)).toEqual([
      { sku: 'NONE', outcome: 'REFUSED', reason: 'Vendure has no variant with the SKU NONE.' },
    ]);
  });

  it('packed orders that are taken in do not come back as stock', async () => {
    const source = opened(shopOf());
    const order = await placed({ 'C-1': 4 });
    const { records } = await readOn(source, 'orders', null);
    const takenIn = unitsOf((await mapped(source, 'orders', records)) as OrderRecord[], 'C-1');
    await shopOf().pack(order);
    const [result] = await source.stock!.publishStock([{ sku: 'C-1', free: 6, takenIn }], never);
    expect(result).toEqual({ sku: 'C-1', outcome: 'WRITTEN', sellable: 6 });
    const { onHand, allocated } = await shopOf().stockOf('C-1');
    expect(onHand - allocated).toBe(6);
  });

  parcelCases(shopOf, (shop) => opened(shop, { pageSize: 100 }));

  stockBesideSales(
    () => opened(shopOf(), { pageSize: 100 }),
    (lines) => shopOf().place(lines),
    'HOT-1',
  );
}
