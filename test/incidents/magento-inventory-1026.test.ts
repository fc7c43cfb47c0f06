import { expect, test } from '@jest/globals';
import { countOf } from '../support/inventory/engine.ts';
import { engineFixture } from '../support/inventory/engine-fixture.ts';
import { auditOf } from '../support/inventory/stock.ts';
import { orderOf } from '../support/inventory/order.ts';

const fixture = engineFixture();

/** magento/inventory #1026: the shipment and then the credit memo both compensate the reservation: 5 units too many. */
test('shipping ends the promise; the refund and the return after it do not end it again', async () => {
  const order = orderOf(fixture, 5);
  await fixture.engine.submit(countOf(fixture.sku, 100));
  await order.paid();
  await order.shipped();
  expect(await order.stock()).toEqual({ onHand: 95, promisable: 95 });
  await order.refunded(5, 'R1');
  expect(await order.stock()).toEqual({ onHand: 95, promisable: 95 });
  await order.returned(5, 'RET-1');
  expect(await order.stock()).toEqual({ onHand: 100, promisable: 100 });
  expect(await auditOf(fixture.orm)).toEqual([]);
});
