import { StockCounter } from '../../model/stock.enums.ts';
import type { Cause, LockedLine } from '../state/locked-rows.ts';
import type { LockedStock } from '../state/locked-stock.ts';

/** Units of a line: those of today, and those of its later day. */
export interface Units {
  now: number;
  later: number;
}

/** Of promises that are held for a time, and of those that are paid. */
const countersOf = {
  held: { now: StockCounter.HELD, later: StockCounter.DATED_HELD },
  confirmed: { now: StockCounter.CONFIRMED, later: StockCounter.DATED_CONFIRMED },
} as const;

/** Promises units of a line, or, of negative ones, no longer: in the ledger, the balance and the plan of its day. */
export function movePromise(
  stock: LockedStock,
  line: LockedLine,
  state: keyof typeof countersOf,
  { now, later }: Units,
  cause: Cause,
): void {
  const { sku, pool } = line;
  stock.move(sku, pool, countersOf[state].now, now, cause);
  if (later === 0) return;
  stock.requirePlan(sku, pool).promise(line.promisedOn, later);
  line.dated += later;
  stock.move(sku, pool, countersOf[state].later, later, cause);
}

/** Units of a line that are still promised. */
export function promisedUnits(line: LockedLine): Units {
  return { now: line.reserved - line.released - line.shipped - line.dated, later: line.dated };
}

export function opposite({ now, later }: Units): Units {
  return { now: -now, later: -later };
}
