import { expect, test } from '@jest/globals';
import { RestockReason, StockCondition } from '../../../src/inventory/model/stock.enums.ts';
import type { Inspect } from '../../../src/inventory/engine/command.ts';
import { countOf, reserveOf } from '../../support/inventory/engine.ts';
import { engineFixture, idOf } from '../../support/inventory/engine-fixture.ts';
import { auditOf, promiseOf } from '../../support/inventory/stock.ts';

const fixture = engineFixture();
const { SELLABLE, DAMAGED, QUARANTINE } = StockCondition;

const inspect = (
  lines: [quantity: number, from: StockCondition, to: StockCondition][],
  externalEventId?: string,
) => {
  const command: Inspect = {
    type: 'inspect',
    node: 'WH',
    externalEventId,
    lines: lines.map(([quantity, from, to]) => ({ sku: fixture.sku, quantity, from, to })),
  };
  return fixture.engine.submit(command);
};
const level = async () => {
  const rows = await fixture.database.query(
    'select on_hand as sellable, damaged, quarantined as quarantine from stock_level where sku = $1',
    [fixture.sku],
  );
  return rows[0];
};

test('what came back in quarantine is sold again, or is not, once it was looked at; told twice it happens once', async () => {
  const { engine, orm, sku } = fixture;
  await engine.submit({
    type: 'restock',
    node: 'WH',
    reason: RestockReason.RECEIPT,
    externalEventId: undefined,
    lines: [{ sku, quantity: 5, condition: QUARANTINE, returnOf: undefined, inbound: undefined }],
  });
  expect((await promiseOf(orm, sku)).quantity).toBe(0);
  const lines: [number, StockCondition, StockCondition][] = [
    [3, QUARANTINE, SELLABLE],
    [2, QUARANTINE, DAMAGED],
  ];
  const first = await inspect(lines, 'I-1');
  expect(await inspect(lines, 'I-1')).toEqual(first);
  expect(await level()).toEqual({ sellable: 3, damaged: 2, quarantine: 0 });
  expect((await promiseOf(orm, sku)).quantity).toBe(3);
  expect(await auditOf(orm)).toEqual([]);
});

test('more than there is in that condition cannot be a fact, and nothing of it happens', async () => {
  await fixture.engine.submit(countOf(fixture.sku, 4));
  const lines: [number, StockCondition, StockCondition][] = [
    [3, SELLABLE, DAMAGED],
    [1, DAMAGED, QUARANTINE],
    [2, SELLABLE, DAMAGED],
  ];
  expect(await inspect(lines)).toMatchObject({ type: 'RestockRefused', restockable: 1 });
  expect(await level()).toEqual({ sellable: 4, damaged: 0, quarantine: 0 });
});

test('promised units that turn out damaged become a shortfall; found sound again, they back it', async () => {
  const { engine, orm, sku } = fixture;
  await engine.submit(countOf(sku, 4));
  const held = await engine.submit(reserveOf(sku, 3));
  await engine.submit({ type: 'confirm', reservationId: idOf(held), orderExternalId: undefined });
  await inspect([[2, SELLABLE, DAMAGED]]);
  expect((await promiseOf(orm, sku)).terms).toMatchObject({ ON_HAND: 2, CONFIRMED: -3, SHORTFALL: 1 });
  await inspect([[2, DAMAGED, SELLABLE]]);
  expect(await promiseOf(orm, sku)).toMatchObject({ quantity: 1, terms: { SHORTFALL: 0 } });
  expect(await auditOf(orm)).toEqual([]);
});
