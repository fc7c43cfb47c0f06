import type { EntityManager } from '../../platform/database/database.ts';
import type { Actor } from '../../platform/api/actor.ts';
import type { ImportResult } from '../../platform/import/import-result.ts';
import { idempotencyOf } from '../../platform/api/idempotency.ts';
import { newId } from '../../platform/database/ids.ts';
import type { StockEngine } from '../engine/stock-engine.ts';
import { withKnownPlaces } from '../catalogue/split-by-known-places.ts';

export interface InboundRecord {
  externalId: string;
  sku: string;
  node: string;
  quantity: number;
  expectedOn: string;
}

/**
 * Purchase orders on their way, through the engine: what they change may break promises for later days. A changed
 * quantity or date replaces what was reported before; the ledger has the difference.
 */
export async function importInbound(
  em: EntityManager,
  engine: StockEngine,
  actor: Actor,
  records: readonly InboundRecord[],
): Promise<ImportResult> {
  const { known, rejected } = await withKnownPlaces(em, records);
  const orders = Map.groupBy(known, ({ externalId, node }) => JSON.stringify([externalId, node]));
  await Promise.all(
    [...orders.values()].map((lines) => {
      const { externalId, node } = lines[0]!;
      const bySku = new Map(
        lines.map(({ sku, quantity, expectedOn }) => [sku, { sku, quantity, availableOn: expectedOn }]),
      );
      const command = {
        type: 'recordInbound' as const,
        kind: 'PURCHASE_ORDER' as const,
        externalId,
        node,
        lines: [...bySku.values()],
      };
      // A key of its own: what is told again after other news is to be looked at again.
      const idempotency = idempotencyOf('recordInbound', { idempotencyKey: newId() });
      return engine.changeSupply({ command, idempotency, actor });
    }),
  );
  return { accepted: known.length, rejected };
}
