import { StockCondition, StockCounter } from '../../model/stock.enums.ts';
import { type LockedStock } from '../state/locked-stock.ts';
import { backWithNewUnits } from './shortfall.ts';
import { outstanding, type Cause, type LockedSupply } from '../state/locked-rows.ts';

/** Where units of a condition are counted. */
export const conditionCounter = {
  [StockCondition.SELLABLE]: StockCounter.ON_HAND,
  [StockCondition.DAMAGED]: StockCounter.DAMAGED,
  [StockCondition.QUARANTINE]: StockCounter.QUARANTINED,
};

/** Units come in at the cause's node: of the supply that they were expected of, if any; sellable ones back promises first. */
export function receiveUnits(
  stock: LockedStock,
  { sku, pool, condition }: { sku: string; pool: string; condition: StockCondition },
  units: number,
  supply: LockedSupply | undefined,
  cause: Cause,
): void {
  if (supply) {
    const before = outstanding(supply);
    supply.received += units;
    stock.changedSupplies.add(supply);
    stock.touch(sku, pool); // the days to come promise less of it
    stock.move(sku, pool, StockCounter.INBOUND, outstanding(supply) - before, {
      ...cause,
      supplyId: supply.id,
    });
  }
  stock.move(sku, pool, conditionCounter[condition], units, cause);
  if (condition === StockCondition.SELLABLE) backWithNewUnits(stock, sku, pool, units, cause.actor);
}
