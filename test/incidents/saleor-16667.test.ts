import { expect, test } from '@jest/globals';
import { StockCondition } from '../../src/inventory/model/stock.enums.ts';
import { countOf } from '../support/inventory/engine.ts';
import { engineFixture } from '../support/inventory/engine-fixture.ts';
import { auditOf } from '../support/inventory/stock.ts';
import { orderOf } from '../support/inventory/order.ts';

const fixture = engineFixture();

/** saleor #16667: what comes back of a fulfilled order is never on sale again, whatever its condition. */
test('a sellable return is on sale again, a damaged one is not, and neither comes back twice', async () => {
  const order = orderOf(fixture, 4);
  await fixture.engine.submit(countOf(fixture.sku, 267));
  await order.paid();
  await order.shipped();
  expect(await order.stock()).toEqual({ onHand: 263, promisable: 263 });
  await order.returned(2, 'RET-1');
  await order.returned(2, 'RET-1');
  await order.returned(1, 'RET-2', StockCondition.DAMAGED);
  expect(await order.stock()).toEqual({ onHand: 265, promisable: 265 });
  expect(await order.returned(2, 'RET-3')).toMatchObject({ type: 'RestockRefused', restockable: 1 });
  expect(await auditOf(fixture.orm)).toEqual([]);
});
