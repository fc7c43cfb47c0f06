import type { ChangeBus } from '../../../platform/bus/change-bus.ts';
import type { BalanceKey } from '../../model/balance-key.ts';

/** Signals that the promise of places has changed. */
export const STOCK_TOPIC = 'atp';

/**
 * Calls back with the balances whose ATP may have changed, after the commit; `onGap` where signals may have been lost.
 * @returns what ends it
 */
export function onStockChange(
  bus: ChangeBus,
  told: (places: readonly BalanceKey[]) => void,
  onGap: () => void,
): () => void {
  return bus.subscribe(
    STOCK_TOPIC,
    (keys) =>
      told(
        keys.map((key) => {
          const [pool = '', sku = ''] = key.split('\u0000');
          return { pool, sku };
        }),
      ),
    onGap,
  );
}
