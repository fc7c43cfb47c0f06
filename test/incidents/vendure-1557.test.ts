import { expect, test } from '@jest/globals';
import { countOf } from '../support/inventory/engine.ts';
import { engineFixture } from '../support/inventory/engine-fixture.ts';
import { auditOf } from '../support/inventory/stock.ts';
import { orderOf } from '../support/inventory/order.ts';

const fixture = engineFixture();

/** vendure #1557: an order that is cancelled before it is paid frees what it never took; the counter turns negative. */
test.each([
  ['that was never held', ['cancelled', 'cancelled']],
  ['whose hold is released', ['placed', 'cancelled', 'cancelled']],
] as const)('cancelling an unpaid order %s frees nothing that it has not', async (_, steps) => {
  const order = orderOf(fixture, 3);
  await fixture.engine.submit(countOf(fixture.sku, 10));
  for (const step of steps) await order[step]();
  expect(await order.stock()).toEqual({ onHand: 10, promisable: 10 });
  expect(await auditOf(fixture.orm)).toEqual([]);
});
