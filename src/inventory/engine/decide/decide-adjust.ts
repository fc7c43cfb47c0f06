import type { Actor } from '../../../platform/api/actor.ts';
import { newId } from '../../../platform/database/ids.ts';
import { StockCounter } from '../../model/stock.enums.ts';
import type { Adjust, PhysicalOutcome, RestockRefusedOutcome } from '../command.ts';
import type { LockedStock } from '../state/locked-stock.ts';
import { knownFacts, recordNodeFact } from '../steps/recorded-facts.ts';
import { poolOfNode, requireSkus } from '../steps/require-skus.ts';
import { describeRestock } from './decide-restock.ts';
import { backWithNewUnits, coverShortfall } from '../steps/shortfall.ts';
import type { LockedLevel } from '../state/locked-rows.ts';

/**
 * A count or a signed correction. The shelf is right: what is promised beyond it becomes a shortfall. Only a
 * correction that would make the shelf negative is refused, since it cannot be a fact.
 */
export function decideAdjust(stock: LockedStock, command: Adjust, actor: Actor): PhysicalOutcome {
  const pool = poolOfNode(stock, command.node);
  requireSkus(stock, command.lines);
  const [known] = knownFacts(stock, command).values();
  if (known) return known.restock;
  const targets = onHandAfter(stock, command);
  if ('refused' in targets) return targets.refused;

  const restockId = newId();
  const cause = { cause: 'ADJUST', actor: actor.name, restockId, node: command.node };
  const from = stock.movements.length;
  for (const [sku, onHand] of targets.onHand) {
    const level = stock.level(sku, command.node);
    const delta = onHand - level.onHand;
    level.countedAt = command.countedAt ?? level.countedAt;
    stock.changedLevels.add(level);
    if (delta < 0) coverShortfall(stock, sku, pool, -delta, actor.name);
    stock.move(sku, pool, StockCounter.ON_HAND, delta, cause);
    if (delta > 0) backWithNewUnits(stock, sku, pool, delta, actor.name);
  }
  const adjustment = describeRestock(
    restockId,
    pool,
    [...targets.onHand.keys()],
    stock.movements.slice(from),
  );
  recordNodeFact(stock, command, adjustment, command.reason, actor);
  return adjustment;
}

/** On hand per SKU after all lines, in order: a count sets, a correction adds. */
function onHandAfter(
  stock: LockedStock,
  command: Adjust,
): { onHand: Map<string, number> } | { refused: RestockRefusedOutcome } {
  const onHand = new Map<string, number>();
  for (const line of command.lines) {
    const level = stock.level(line.sku, command.node);
    if (isOutdated(command, level)) continue;
    const before = onHand.get(line.sku) ?? level.onHand;
    const after = 'counted' in line ? line.counted : before + line.delta;
    if (after < 0) {
      const reason = `On hand of ${line.sku} at ${command.node} is ${before}; it cannot fall below 0.`;
      return { refused: { type: 'RestockRefused', reason, sku: line.sku, restockable: -before } };
    }
    onHand.set(line.sku, after);
  }
  return { onHand };
}

function isOutdated({ countedAt }: Adjust, level: LockedLevel): boolean {
  return countedAt !== undefined && level.countedAt !== null && countedAt < level.countedAt;
}
