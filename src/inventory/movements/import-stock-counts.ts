import { createHash } from 'node:crypto';
import type { EntityManager } from '../../platform/database/database.ts';
import type { Actor } from '../../platform/api/actor.ts';
import type { ImportResult } from '../../platform/import/import-result.ts';
import { idempotencyOf } from '../../platform/api/idempotency.ts';
import type { StockEngine } from '../engine/stock-engine.ts';
import { withKnownPlaces } from '../catalogue/split-by-known-places.ts';

export interface StockCount {
  sku: string;
  node: string;
  onHand: number;
  /** Identifies this count among those of the same shelf. */
  countId: string;
}

/** Counts go through the engine, like everyone's; a count that was taken in before changes nothing. */
export async function importStockCounts(
  em: EntityManager,
  engine: StockEngine,
  actor: Actor,
  records: readonly StockCount[],
): Promise<ImportResult> {
  const { known, rejected } = await withKnownPlaces(em, records);
  await Promise.all(
    known.map(({ sku, node, onHand, countId }) => {
      // A count with another result is another count, even if its source gives it the same time.
      const externalEventId = `${actor.name} ${countId} ${sku} ${onHand}`;
      const lines = [{ sku, counted: onHand }];
      const idempotency = idempotencyOf('stockCount', {
        idempotencyKey: digestOf(externalEventId, node),
        node,
        lines,
      });
      const countedAt = INSTANT.test(countId) ? new Date(countId) : undefined;
      const command = {
        type: 'adjust' as const,
        node,
        reason: `count ${countId}`,
        externalEventId,
        countedAt,
        lines,
      };
      return engine.recordFact({ command, idempotency, actor });
    }),
  );
  return { accepted: known.length, rejected };
}

/** A count id that is the time of the count, as the mappings make it. */
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/;

function digestOf(...parts: string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
