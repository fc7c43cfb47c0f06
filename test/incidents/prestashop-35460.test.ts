import { expect, test } from '@jest/globals';
import { countOf } from '../support/inventory/engine.ts';
import { engineFixture } from '../support/inventory/engine-fixture.ts';
import { auditOf } from '../support/inventory/stock.ts';
import { orderOf } from '../support/inventory/order.ts';

const fixture = engineFixture();

/** PrestaShop #35460: a unit is refunded and put back, then its order is cancelled, and it is put back again: 101 of 100. */
test('a unit whose money went back is not freed again when its order is cancelled', async () => {
  const order = orderOf(fixture, 1);
  await fixture.engine.submit(countOf(fixture.sku, 100));
  await order.paid();
  expect(await order.stock()).toEqual({ onHand: 100, promisable: 99 });
  await order.refunded(1, 'R1');
  expect(await order.stock()).toEqual({ onHand: 100, promisable: 100 });
  await order.cancelled();
  expect(await order.stock()).toEqual({ onHand: 100, promisable: 100 });
  expect(await auditOf(fixture.orm)).toEqual([]);
});
