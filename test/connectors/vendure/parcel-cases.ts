import { describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import {
  FatalError,
  RetriableError,
  type OrderRecord,
  type OutgoingFulfilment,
  type Source,
} from '../../../connectors/spi/index.ts';
import { startFaultProxy, type FaultProxy } from '../../support/connectors/fault-proxy.ts';
import { unitsOf } from '../../support/connectors/hub-of-one-sku.ts';
import { never } from '../../support/connectors/read-all.ts';
import { mapped, readOn } from '../../support/connectors/read-source.ts';
import type { PlacedOrder, VendureShop } from './shop.ts';

/** What must hold of parcels that the shop is told of, whichever shop it is. */
export function parcelCases(shopOf: () => VendureShop, open: (shop: VendureShop) => Source): void {
  const place = async (lines: Record<string, number>): Promise<PlacedOrder> => (await shopOf().place(lines))!;
  const tell = (parcel: OutgoingFulfilment, source = open(shopOf())) =>
    source.fulfilments!.pushFulfilment(parcel, never);
  const records = async () => {
    const source = open(shopOf());
    const { records: read } = await readOn(source, 'orders', null);
    return (await mapped(source, 'orders', read)) as OrderRecord[];
  };
  const stateOf = async ({ code }: PlacedOrder) =>
    (await records()).find(({ externalId }) => externalId === code)?.state;

  /** A source whose calls meet trouble on their way to the shop. */
  async function withProxy(work: (source: Source, proxy: FaultProxy) => Promise<void>): Promise<void> {
    const { origin, pathname } = new URL(shopOf().url);
    const proxy = await startFaultProxy(origin);
    try {
      await work(open({ ...shopOf(), url: `${proxy.url}${pathname}` }), proxy);
    } finally {
      proxy.stop();
    }
  }

  describe('a parcel', () => {
    it('is shown as shipped, with carrier and tracking number, once, however often it is told', async () => {
      const order = await place({ 'A-1': 2, 'B-1': 1 });
      const parcel = parcelOf(order, { 'A-1': 2, 'B-1': 1 }, 'SF1001');
      const told = await tell(parcel);
      expect(await tell(parcel)).toEqual(told);
      const [only, ...others] = await shopOf().parcelsOf(order);
      expect(only).toMatchObject({ state: 'Shipped', method: 'SF-STD', trackingCode: 'SF1001' });
      expect(unitsIn(only!)).toEqual({ [order.lines['A-1']!.id]: 2, [order.lines['B-1']!.id]: 1 });
      expect(others).toEqual([]);
      expect(await stateOf(order)).toBe('SHIPPED');
    });

    it('with a part of the units leaves the rest open; the last one closes the order', async () => {
      const order = await place({ 'A-1': 3, 'B-1': 1 });
      await tell(parcelOf(order, { 'A-1': 1 }, 'SF2001'));
      expect(await stateOf(order)).toBe('PAID');
      await tell(parcelOf(order, { 'A-1': 2, 'B-1': 1 }, 'SF2002'));
      expect(await shopOf().parcelsOf(order)).toMatchObject([
        { state: 'Shipped', trackingCode: 'SF2001', lines: [{ quantity: 1 }] },
        { state: 'Shipped', trackingCode: 'SF2002', lines: expect.any(Array) },
      ]);
      expect(await stateOf(order)).toBe('SHIPPED');
    });

    it('closes the order also when an earlier one has been delivered', async () => {
      const order = await place({ 'A-1': 2 });
      const { externalId } = await tell(parcelOf(order, { 'A-1': 1 }, 'SF2003'));
      await shopOf().moveFulfilment(externalId, 'Delivered');
      expect(await stateOf(order)).toBe('PAID');
      await tell(parcelOf(order, { 'A-1': 1 }, 'SF2004'));
      expect(await stateOf(order)).toBe('SHIPPED');
    });

    it('without a tracking number is known by its key: another one is another parcel', async () => {
      const order = await place({ 'A-1': 2 });
      const { carrier: _carrier, ...first } = parcelOf(order, { 'A-1': 1 });
      const second = parcelOf(order, { 'A-1': 1 });
      for (const parcel of [first, first, second]) await tell(parcel);
      expect(await shopOf().parcelsOf(order)).toMatchObject([
        { state: 'Shipped', method: '', trackingCode: first.idempotencyKey },
        { state: 'Shipped', method: 'SF-STD', trackingCode: second.idempotencyKey },
      ]);
    });

    it.each([
      { lost: 'when it is made', after: 1 },
      { lost: 'when it is marked as shipped', after: 2 },
    ])('whose answer is lost $lost is one parcel', async ({ after }) => {
      const order = await place({ 'A-1': 2 });
      const parcel = parcelOf(order, { 'A-1': 1 }, 'SF3001');
      await withProxy(async (source, proxy) => {
        proxy.fail('ANSWER_LOST', after, 1);
        await tell(parcel, source);
      });
      expect(await shopOf().parcelsOf(order)).toMatchObject([{ state: 'Shipped', lines: [{ quantity: 1 }] }]);
    });

    it('that was made and not marked as shipped is marked when it is told again', async () => {
      const order = await place({ 'A-1': 2 });
      const parcel = parcelOf(order, { 'A-1': 1 }, 'SF3002');
      await withProxy(async (source, proxy) => {
        proxy.fail('UNAVAILABLE', 2);
        await expect(tell(parcel, source)).rejects.toThrow(RetriableError);
        expect(await shopOf().parcelsOf(order)).toMatchObject([{ state: 'Pending' }]);
        proxy.heal();
        await tell(parcel, source);
      });
      expect(await shopOf().parcelsOf(order)).toMatchObject([{ state: 'Shipped', lines: [{ quantity: 1 }] }]);
    });

    it('that a person has shipped with the same number is that one', async () => {
      const order = await place({ 'A-1': 2 });
      const byHand = await shopOf().pack(order, ' sf4001');
      await shopOf().moveFulfilment(byHand, 'Shipped');
      const told = await tell(parcelOf(order, { 'A-1': 2 }, 'SF4001'));
      expect(told).toEqual({ externalId: byHand });
      expect(await shopOf().parcelsOf(order)).toHaveLength(1);
    });

    it('that does not fit the order is refused with a sentence', async () => {
      const order = await place({ 'A-1': 2 });
      const refused = async (parcel: OutgoingFulfilment, sentence: string) => {
        const telling = tell(parcel);
        await expect(telling).rejects.toThrow(FatalError);
        await expect(telling).rejects.toThrow(sentence);
      };
      const whole = parcelOf(order, { 'A-1': 2 }, 'SF5001');
      await refused({ ...whole, orderExternalId: 'NONE' }, 'Vendure has no order NONE.');
      await refused(
        { ...whole, lines: [{ orderLineExternalId: '987654', quantity: 1 }] },
        'has no line 987654',
      );
      await refused(parcelOf(order, { 'A-1': 3 }, 'SF5001'), 'in Vendure 2 are open');
      await refused({ ...whole, lines: [] }, `order ${order.code}`);
      await tell(parcelOf(order, { 'A-1': 1 }, 'SF5002'));
      await refused(whole, 'in Vendure 1 are open');
      await refused(parcelOf(order, { 'A-1': 2 }, 'SF5002'), 'other units than the parcel');
      expect(await shopOf().parcelsOf(order)).toHaveLength(1);
    });

    it('takes its units out of what the shop counts, and gives none of them back', async () => {
      const source = open(shopOf());
      const before = unitsOf(await records(), 'C-1');
      const order = await place({ 'C-1': 3 });
      const publish = async (takenIn: number) => {
        const [result] = await source.stock!.publishStock([{ sku: 'C-1', free: 7, takenIn }], never);
        const { onHand, allocated } = await shopOf().stockOf('C-1');
        expect(onHand - allocated).toBe(7);
        return result;
      };
      await publish(before + 3);
      await tell(parcelOf(order, { 'C-1': 1 }, 'SF6001'), source);
      expect(await publish(before + 2)).toEqual({ sku: 'C-1', outcome: 'UNCHANGED', sellable: 7 });
      await tell(parcelOf(order, { 'C-1': 2 }, 'SF6002'), source);
      expect(await publish(before)).toEqual({ sku: 'C-1', outcome: 'UNCHANGED', sellable: 7 });
    });
  });
}

function parcelOf(
  order: PlacedOrder,
  units: Record<string, number>,
  trackingNumber?: string,
): OutgoingFulfilment {
  return {
    idempotencyKey: randomUUID(),
    orderExternalId: order.code,
    lines: Object.entries(units).map(([sku, quantity]) => ({
      orderLineExternalId: order.lines[sku]!.id,
      quantity,
    })),
    carrier: 'SF-STD',
    ...(trackingNumber !== undefined && { trackingNumber }),
  };
}

function unitsIn({ lines }: { lines: readonly { orderLineId: string; quantity: number }[] }) {
  return Object.fromEntries(lines.map(({ orderLineId, quantity }) => [orderLineId, quantity]));
}
