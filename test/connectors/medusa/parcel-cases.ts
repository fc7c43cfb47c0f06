import { describe, expect, it } from '@jest/globals';
import { FatalError, RetriableError, type OutgoingFulfilment } from '../../../connectors/spi/index.ts';
import { startFaultProxy, type Trouble } from '../../support/connectors/fault-proxy.ts';
import { HubOfOneSku } from '../../support/connectors/hub-of-one-sku.ts';
import { never } from '../../support/connectors/read-all.ts';
import { follow, opened } from './cases.ts';
import type { MedusaShop, PlacedOrder } from './shop.ts';

let parcels = 0;

/** A parcel with so many units of SKUs of an order; with all of it if none are named. */
export function parcelOf(order: PlacedOrder, units?: Record<string, number>): OutgoingFulfilment {
  const wanted = Object.entries(order.lines).map(([sku, { id, quantity }]) => ({
    orderLineExternalId: id,
    quantity: units ? (units[sku] ?? 0) : quantity,
  }));
  return {
    idempotencyKey: `parcel-${++parcels}`,
    orderExternalId: order.number,
    lines: wanted.filter(({ quantity }) => quantity > 0),
    carrier: 'sf-standard',
    trackingNumber: `SF${1_000_000 + parcels}`,
  };
}

/** What must hold of parcels that have left, whichever shop is told of them. */
export function parcelCases(shopOf: () => MedusaShop): void {
  const placed = async (lines: Record<string, number>): Promise<PlacedOrder> =>
    (await shopOf().place(lines))!;
  const tell = (parcel: OutgoingFulfilment, source = opened(shopOf())) =>
    source.fulfilments!.pushFulfilment(parcel, never);

  it('is shipped in the shop with its carrier and number, once', async () => {
    const news = await follow(opened(shopOf()), 'orders');
    const order = await placed({ 'A-1': 2, 'B-1': 1 });
    const parcel = parcelOf(order);
    const { externalId } = await tell(parcel);
    const shown = [
      {
        id: externalId,
        isShipped: true,
        metadata: { orderweave_key: parcel.idempotencyKey, carrier: 'sf-standard' },
        trackingNumbers: [parcel.trackingNumber],
        units: { [order.lines['A-1']!.id]: 2, [order.lines['B-1']!.id]: 1 },
      },
    ];
    expect(await shopOf().parcelsOf(order)).toEqual(shown);
    expect(await news(order.id)).toMatchObject({ state: 'SHIPPED' });
    expect(await tell(parcel)).toEqual({ externalId });
    expect(await shopOf().parcelsOf(order)).toEqual(shown);
  });

  it('with a part of the units leaves the others open, and needs no number', async () => {
    const news = await follow(opened(shopOf()), 'orders');
    const order = await placed({ 'A-1': 2, 'B-1': 1 });
    await tell(parcelOf(order, { 'A-1': 1 }));
    expect(await news(order.id)).toMatchObject({ state: 'PAID' });
    const { idempotencyKey, orderExternalId, lines } = parcelOf(order, { 'A-1': 1, 'B-1': 1 });
    await tell({ idempotencyKey, orderExternalId, lines });
    expect(await news(order.id)).toMatchObject({ state: 'SHIPPED' });
    const [first, second] = await shopOf().parcelsOf(order);
    expect(first).toMatchObject({ isShipped: true, units: { [order.lines['A-1']!.id]: 1 } });
    expect(second).toMatchObject({ isShipped: true, trackingNumbers: [] });
  });

  it('is refused where the shop has no such order or line, or no such units open', async () => {
    const order = await placed({ 'A-1': 2, 'B-1': 1 });
    const parcel = parcelOf(order, { 'A-1': 2 });
    const lineId = order.lines['A-1']!.id;
    await expect(tell({ ...parcel, orderExternalId: '999999' })).rejects.toThrow(
      new FatalError('Medusa has no order 999999.'),
    );
    const strange = { ...parcel, lines: [{ orderLineExternalId: 'ordli_0', quantity: 1 }] };
    await expect(tell(strange)).rejects.toThrow(
      new FatalError(`Order ${order.number} of Medusa has no line ordli_0.`),
    );
    await tell(parcelOf(order, { 'A-1': 1 }));
    const tooMany = tell(parcel);
    await expect(tooMany).rejects.toThrow(FatalError);
    await expect(tooMany).rejects.toThrow(
      `Of line ${lineId} of order ${order.number} the parcel has 2, and 1 of 2 are still to be fulfilled in Medusa.`,
    );
    expect(await shopOf().parcelsOf(order)).toHaveLength(1);
    const cancelled = await placed({ 'A-1': 1 });
    await shopOf().cancel(cancelled);
    const late = tell(parcelOf(cancelled));
    await expect(late).rejects.toThrow(FatalError);
    await expect(late).rejects.toThrow('has been canceled');
  });

  it('that people have shipped under its number is none more', async () => {
    const order = await placed({ 'A-1': 1, 'B-1': 1 });
    const parcel = parcelOf(order);
    const byHand = await shopOf().pack(order);
    await expect(tell(parcel)).rejects.toThrow(FatalError); // packed, and nobody can say for which parcel
    await shopOf().ship(order, byHand, parcel.trackingNumber);
    expect(await tell(parcel)).toEqual({ externalId: byHand });
    expect(await shopOf().parcelsOf(order)).toHaveLength(1);
  });

  it('takes its units out of the stock that is held back, also while the rest is open', async () => {
    const source = opened(shopOf(), { pageSize: 100 });
    const hub = new HubOfOneSku(source, 'C-1', 0);
    const order = await placed({ 'C-1': 4 });
    await hub.takeIn();
    hub.share = hub.taken() + 6;
    expect(await hub.publish()).toMatchObject({ sellable: 6 });
    await tell(parcelOf(order, { 'C-1': 1 }), source);
    const takenIn = hub.taken() - 1;
    const [published] = await source.stock!.publishStock([{ sku: 'C-1', free: 6, takenIn }], never);
    expect(published).toMatchObject({ sellable: 6 });
    await tell(parcelOf(order, { 'C-1': 3 }), source);
    await hub.takeIn();
    hub.share = hub.taken() + 6;
    expect(await hub.publish()).toMatchObject({ sellable: 6 });
    const { stocked, reserved } = await shopOf().stockOf('C-1');
    expect(stocked - reserved).toBe(6);
  });

  describe('trouble', () => {
    // The calls of a parcel: order by number, the order, its fulfilment, its shipment.
    it.each<[Trouble, string, number]>([
      ['ANSWER_LOST', 'when it is made', 2],
      ['UNAVAILABLE', 'between making and shipping', 3],
      ['ANSWER_LOST', 'when it is shipped', 3],
    ])('%s %s: told again, it is one parcel', async (trouble, _when, after) => {
      const order = await placed({ 'A-1': 2 });
      const parcel = parcelOf(order, { 'A-1': 1 });
      const proxy = await startFaultProxy(shopOf().url);
      try {
        const pace = { timeoutMs: 10_000, retryAfterMs: 1, callsPerSecond: 1_000 };
        const source = opened({ ...shopOf(), url: proxy.url }, { pace });
        proxy.fail(trouble, after);
        await expect(tell(parcel, source)).rejects.toThrow(RetriableError);
        proxy.heal();
        const { externalId } = await tell(parcel, source);
        expect(await shopOf().parcelsOf(order)).toMatchObject([
          { id: externalId, isShipped: true, trackingNumbers: [parcel.trackingNumber] },
        ]);
      } finally {
        proxy.stop();
      }
    });

    it('that passes at once is not seen', async () => {
      const order = await placed({ 'A-1': 2 });
      const proxy = await startFaultProxy(shopOf().url);
      try {
        const source = opened({ ...shopOf(), url: proxy.url });
        proxy.fail('ANSWER_LOST', 2, 1);
        const { externalId } = await tell(parcelOf(order, { 'A-1': 1 }), source);
        expect(await shopOf().parcelsOf(order)).toMatchObject([{ id: externalId, isShipped: true }]);
      } finally {
        proxy.stop();
      }
    });
  });
}
