import { idempotencyOf } from '../../platform/api/idempotency.ts';
import { newId } from '../../platform/database/ids.ts';
import type { StockEngine } from '../engine/stock-engine.ts';
import type { BalanceKey } from '../model/balance-key.ts';
import { systemActors } from '../../platform/api/system-actors.ts';

/** Balances that one command locks. */
const PLACES_A_COMMAND = 50;

/** Stores what time has done to balances. Locking them is enough. Safe in several processes. */
export async function settleBalances(engine: StockEngine, places: readonly BalanceKey[]): Promise<void> {
  for (const [pool, own] of Map.groupBy(places, (place) => place.pool))
    for (let from = 0; from < own.length; from += PLACES_A_COMMAND) {
      const lines = own.slice(from, from + PLACES_A_COMMAND).map(({ sku }) => ({ sku }));
      const idempotency = idempotencyOf('settle', { idempotencyKey: newId() });
      await engine.changeSupply({
        command: { type: 'settle', pool, lines },
        idempotency,
        actor: systemActors.clock,
      });
    }
}
