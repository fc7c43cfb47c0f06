import { v7 as uuidv7 } from 'uuid';
import type { Actor } from '../../platform/access.ts';
import { HubError } from '../../platform/errors.ts';
import { StockCondition, StockCounter } from '../stock.enums.ts';
import type { PhysicalOutcome, Restock, RestockLine, RestockOutcome } from './command.ts';
import { knownFacts, scopeOf } from './known-facts.ts';
import { outstanding, type LockedStock, type LockedSupply, type Movement } from './locked-stock.ts';
import { poolOfNode, requireSkus } from './require.ts';
import { backWithNewUnits } from './shortfall.ts';

/** Units come in: from a supplier, from another node, or back from a customer, then never more than was shipped. */
export function decideRestock(stock: LockedStock, command: Restock, actor: Actor): PhysicalOutcome {
  const pool = poolOfNode(stock, command.node);
  requireSkus(stock, command.lines);
  const known = knownFacts(stock, command);
  const lines = command.lines.filter((line) => !known.has(scopeOf(command, line)));
  if (lines.length === 0) return [...known.values()][0]!.restock;
  const supplies = new Map(lines.map((line) => [line, inboundOf(stock, line, pool)]));
  const excess = excessReturn(stock, lines);
  if (excess) return excess;

  const restockId = uuidv7();
  const from = stock.movements.length;
  for (const line of lines) takeIn(stock, command, line, pool, supplies.get(line), restockId, actor);
  const restock = describeRestock(restockId, pool, distinctSkus(lines), stock.movements.slice(from));
  recordFacts(stock, command, lines, restock, actor);
  return restock;
}

export function describeRestock(
  id: string,
  pool: string,
  skus: string[],
  movements: Movement[],
): RestockOutcome {
  return {
    type: 'Restock',
    id,
    pool,
    skus,
    movements: movements.map(({ sku, pool: of, node, counter, delta, cause, at }) => ({
      sku,
      pool: of,
      node,
      counter,
      delta,
      cause,
      at,
    })),
  };
}

const conditionCounter = {
  [StockCondition.SELLABLE]: StockCounter.ON_HAND,
  [StockCondition.DAMAGED]: StockCounter.DAMAGED,
  [StockCondition.QUARANTINE]: StockCounter.QUARANTINED,
};

function takeIn(
  stock: LockedStock,
  command: Restock,
  line: RestockLine,
  pool: string,
  supply: LockedSupply | undefined,
  restockId: string,
  actor: Actor,
): void {
  const cause = { cause: command.reason, actor: actor.name, restockId, node: command.node };
  if (supply) {
    const before = outstanding(supply);
    supply.received += line.quantity;
    stock.changedSupplies.add(supply);
    stock.touch(line.sku, pool); // the days to come promise less of it
    stock.move(line.sku, pool, StockCounter.INBOUND, outstanding(supply) - before, {
      ...cause,
      supplyId: supply.id,
    });
  }
  stock.move(line.sku, pool, conditionCounter[line.condition], line.quantity, cause);
  if (line.condition === StockCondition.SELLABLE)
    backWithNewUnits(stock, line.sku, pool, line.quantity, actor.name);
}

/** The supply that a receipt, or an expected return, belongs to. @throws HubError UNKNOWN_INBOUND */
function inboundOf(stock: LockedStock, line: RestockLine, pool: string): LockedSupply | undefined {
  if (line.returnOf)
    return stock.supplies.find(
      (supply) => supply.externalId === line.returnOf!.orderLineId && supply.pool === pool,
    );
  if (line.inbound === undefined) return undefined;
  const found = stock.supplies.find(
    (supply) =>
      supply.sku === line.sku &&
      supply.pool === pool &&
      (supply.id === line.inbound || supply.externalId === line.inbound),
  );
  if (!found)
    throw new HubError(
      'UNKNOWN_INBOUND',
      `There is no inbound delivery ${line.inbound} of ${line.sku} to this pool.`,
    );
  return found;
}

/** Conservation: of a line, no more units come back than were shipped, whatever the number of events. */
function excessReturn(stock: LockedStock, lines: RestockLine[]): PhysicalOutcome | undefined {
  const left = new Map<string, number>();
  for (const { returnOf, quantity, sku } of lines) {
    if (!returnOf) continue;
    const before =
      left.get(returnOf.orderLineId) ?? returnOf.shipped - alreadyBack(stock, returnOf.orderLineId);
    if (quantity > before)
      return {
        type: 'RestockRefused',
        reason: `Of order line ${returnOf.orderLineId} ${returnOf.shipped} were shipped and ${Math.max(0, before)} can still come back.`,
        sku,
        restockable: Math.max(0, before),
      };
    left.set(returnOf.orderLineId, before - quantity);
  }
  return undefined;
}

function alreadyBack(stock: LockedStock, orderLineId: string): number {
  const facts = stock.facts.filter((fact) => fact.orderLineId === orderLineId);
  return facts.reduce((sum, fact) => sum + (fact.returnedQuantity ?? 0), 0);
}

/** One fact per scope; facts of this batch are known to the commands after this one. */
function recordFacts(
  stock: LockedStock,
  command: Restock,
  lines: RestockLine[],
  restock: RestockOutcome,
  actor: Actor,
): void {
  for (const [scope, scoped] of Map.groupBy(lines, (line) => scopeOf(command, line))) {
    const orderLineId = scoped[0]!.returnOf?.orderLineId ?? null;
    const fact = {
      kind: command.reason,
      scope,
      externalEventId: command.externalEventId ?? null,
      orderLineId,
      returnedQuantity: orderLineId === null ? null : unitsOf(scoped),
      refundedQuantity: null,
    };
    stock.facts.push({ ...fact, restock });
    stock.newFacts.push({
      ...fact,
      id: uuidv7(),
      restockId: restock.id,
      reason: null,
      settledAt: null,
      sellableQuantity:
        orderLineId === null
          ? null
          : unitsOf(scoped.filter((line) => line.condition === StockCondition.SELLABLE)),
      actor: actor.name,
    });
  }
}

function unitsOf(lines: readonly RestockLine[]): number {
  return lines.reduce((sum, { quantity }) => sum + quantity, 0);
}

function distinctSkus(lines: RestockLine[]): string[] {
  return [...new Set(lines.map(({ sku }) => sku))];
}
