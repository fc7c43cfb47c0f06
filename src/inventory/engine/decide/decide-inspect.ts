import type { Actor } from '../../../platform/api/actor.ts';
import { newId } from '../../../platform/database/ids.ts';
import { StockCondition } from '../../model/stock.enums.ts';
import type { Inspect, InspectLine, PhysicalOutcome } from '../command.ts';
import { describeRestock } from './decide-restock.ts';
import { knownFacts, recordNodeFact } from '../steps/recorded-facts.ts';
import type { LockedStock } from '../state/locked-stock.ts';
import { poolOfNode, requireSkus } from '../steps/require-skus.ts';
import { conditionCounter } from '../steps/receive-units.ts';
import { backWithNewUnits, coverShortfall } from '../steps/shortfall.ts';
import type { LockedLevel } from '../state/locked-rows.ts';

const columnOf = {
  [StockCondition.SELLABLE]: 'onHand',
  [StockCondition.DAMAGED]: 'damaged',
  [StockCondition.QUARANTINE]: 'quarantined',
} as const satisfies Record<StockCondition, keyof LockedLevel>;

/** Somebody has looked at units of a node: they are in another condition than was thought. */
export function decideInspect(stock: LockedStock, command: Inspect, actor: Actor): PhysicalOutcome {
  const pool = poolOfNode(stock, command.node);
  requireSkus(stock, command.lines);
  const [known] = knownFacts(stock, command).values();
  if (known) return known.restock;
  const refused = notThere(stock, command);
  if (refused) return refused;

  const restockId = newId();
  const from = stock.movements.length;
  for (const line of command.lines) change(stock, line, command.node, pool, restockId, actor);
  const skus = [...new Set(command.lines.map(({ sku }) => sku))];
  const inspection = describeRestock(restockId, pool, skus, stock.movements.slice(from));
  recordNodeFact(stock, command, inspection, null, actor);
  return inspection;
}

function change(
  stock: LockedStock,
  { sku, quantity, from, to }: InspectLine,
  node: string,
  pool: string,
  restockId: string,
  actor: Actor,
): void {
  const cause = { cause: 'INSPECT', actor: actor.name, restockId, node };
  if (from === StockCondition.SELLABLE) coverShortfall(stock, sku, pool, quantity, actor.name);
  stock.move(sku, pool, conditionCounter[from], -quantity, cause);
  stock.move(sku, pool, conditionCounter[to], quantity, cause);
  if (to === StockCondition.SELLABLE) backWithNewUnits(stock, sku, pool, quantity, actor.name);
}

/** Checks that cannot be a fact: more units than the node has in that condition, line by line. */
function notThere(stock: LockedStock, { lines, node }: Inspect): PhysicalOutcome | undefined {
  const there = new Map<string, number>();
  for (const { sku, quantity, from, to } of lines) {
    const level = stock.level(sku, node);
    const left = (condition: StockCondition) =>
      there.get(`${condition} ${sku}`) ?? level[columnOf[condition]];
    if (left(from) < quantity)
      return {
        type: 'RestockRefused',
        reason: `${node} has ${left(from)} units of ${sku} that are ${from}, not ${quantity}.`,
        sku,
        restockable: left(from),
      };
    there.set(`${from} ${sku}`, left(from) - quantity);
    there.set(`${to} ${sku}`, left(to) + quantity);
  }
  return undefined;
}
