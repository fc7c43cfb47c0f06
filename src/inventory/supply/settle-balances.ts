import { idempotencyOf } from '../../platform/api/idempotency.ts';
import { newId } from '../../platform/database/ids.ts';
import type { StockEngine } from '../engine/stock-engine.ts';
import type { BalanceKey } from '../model/balance-key.ts';

/** Balances that one command locks. */
const PLACES_A_COMMAND = 50;
const clock = { partner: 'hub:clock', name: 'clock', admin: false };

/** Has what the clock has done to balances written down: to lock them is all it takes. Several processes may do it. */
export async function settleBalances(engine: StockEngine, places: readonly BalanceKey[]): Promise<void> {
  for (const [pool, own] of Map.groupBy(places, (place) => place.pool))
    for (let from = 0; from < own.length; from += PLACES_A_COMMAND) {
      const lines = own.slice(from, from + PLACES_A_COMMAND).map(({ sku }) => ({ sku }));
      const idempotency = idempotencyOf('settle', { idempotencyKey: newId() });
      await engine.changeSupply({ command: { type: 'settle', pool, lines }, idempotency, actor: clock });
    }
}
