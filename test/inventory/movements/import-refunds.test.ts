import { expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { OrderRecord, RefundRecord } from '../../../connectors/spi/index.ts';
import { recordImporters } from '../../support/sync/record-importers.ts';
import { countOf, engineOf } from '../../support/inventory/engine.ts';
import { engineFixture } from '../../support/inventory/engine-fixture.ts';
import { auditOf, promiseOf } from '../../support/inventory/stock.ts';

const fixture = engineFixture();
const from = { connector: 'finance', stream: 'refunds' };
const importers = () => recordImporters(engineOf(fixture.engine));

const take = (record: RefundRecord) =>
  fixture.orm.em.fork().transactional((em) => importers().refund(em, [record], from));

async function paidOrder(sku: string, quantity: number): Promise<OrderRecord> {
  const order: OrderRecord = {
    channel: 'douyin',
    externalId: randomUUID(),
    state: 'PAID',
    placedAt: '2026-11-22T03:00:00Z',
    buyer: { phone: '13800138000' },
    currency: 'CNY',
    totalMinor: 100,
    deliveryMethod: 'DELIVERY',
    lines: [{ externalId: 'L1', sku, quantity, unitPriceMinor: 100 }],
  };
  await fixture.orm.em
    .fork()
    .transactional((em) => importers().order(em, [order], { ...from, stream: 'orders' }));
  return order;
}

const refundOf = (
  { channel, externalId }: OrderRecord,
  quantity: number,
  more: Partial<RefundRecord> = {},
) => ({
  externalId: randomUUID(),
  channel,
  orderExternalId: externalId,
  settledAt: '2026-11-22T04:00:00Z',
  lines: [{ orderLineExternalId: 'L1', quantity }],
  ...more,
});

test('a settled refund of unshipped units frees them once, however often it is told', async () => {
  const { engine, orm, sku } = fixture;
  await engine.submit(countOf(sku, 10));
  const order = await paidOrder(sku, 3);
  expect((await promiseOf(orm, sku)).quantity).toBe(7);
  const refund = refundOf(order, 2);
  expect(await take(refund)).toEqual({ accepted: 1, rejected: [] });
  expect(await take(refund)).toEqual({ accepted: 1, rejected: [] });
  expect((await promiseOf(orm, sku)).quantity).toBe(9);
  expect(await auditOf(orm)).toEqual([]);
});

test('one whose order or line is not known says so, and is taken when the order has come', async () => {
  const { engine, orm, sku } = fixture;
  await engine.submit(countOf(sku, 10));
  const order = await paidOrder(sku, 3);
  const early = refundOf({ ...order, externalId: 'not-yet' }, 1);
  const odd = refundOf(order, 1, { lines: [{ orderLineExternalId: 'L9', quantity: 1 }] });
  expect((await take(early)).rejected).toEqual([
    { index: 0, reason: expect.stringContaining('Order not-yet') },
  ]);
  expect((await take(odd)).rejected).toEqual([{ index: 0, reason: expect.stringContaining('no line L9') }]);
  expect((await promiseOf(orm, sku)).quantity).toBe(7);
  expect((await take({ ...early, orderExternalId: order.externalId })).rejected).toEqual([]);
  expect((await promiseOf(orm, sku)).quantity).toBe(8);
});
