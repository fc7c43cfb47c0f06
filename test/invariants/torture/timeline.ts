/** The ledger as one order of execution per SKU, against which the clients' history is judged. */

export interface Movement {
  sku: string;
  counter: string;
  delta: number;
  cause: string;
  reservationId: string | null;
  restockId: string | null;
  /** Epoch milliseconds, with fraction. */
  at: number;
}

/** A state of one SKU: what could be promised, from the movement that made it until the next. */
export interface State {
  from: number;
  until: number;
  available: number;
}

export const READ_LEDGER = `
  select sku, counter, delta, cause, reservation_id as "reservationId", restock_id as "restockId",
    (extract(epoch from at) * 1000)::float8 as at
  from stock_movement order by id`;

const sign: Readonly<Record<string, number>> = {
  ON_HAND: 1,
  UNBACKED: 1,
  ALLOCATED: -1,
  CONFIRMED: -1,
  HELD: -1,
};

/** All states that a decision could have seen, in order; those within a batch last no time. */
export function statesOf(movements: readonly Movement[], sku: string): State[] {
  const states: State[] = [{ from: -Infinity, until: Infinity, available: 0 }];
  for (const { counter, delta, at } of movements.filter((movement) => movement.sku === sku)) {
    const last = states.at(-1)!;
    last.until = at;
    states.push({ from: at, until: Infinity, available: last.available + (sign[counter] ?? 0) * delta });
  }
  return states;
}
