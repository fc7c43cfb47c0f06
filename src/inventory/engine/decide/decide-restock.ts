import type { Actor } from '../../../platform/api/actor.ts';
import { unknownError } from '../../../platform/unknown-error.ts';
import { newId } from '../../../platform/database/ids.ts';
import { StockCondition } from '../../model/stock.enums.ts';
import type { PhysicalOutcome, Restock, RestockLine, RestockOutcome, ReturnedLine } from '../command.ts';
import { knownFacts, factScope } from '../steps/recorded-facts.ts';
import type { LockedStock } from '../state/locked-stock.ts';
import { poolOfNode, requireSkus } from '../steps/require-skus.ts';
import { receiveUnits } from '../steps/receive-units.ts';
import { mayHaveLeft, applyReturns } from '../steps/apply-refunds-and-returns.ts';
import type { LockedSupply, Movement } from '../state/locked-rows.ts';

/** Units come in: from a supplier, from another node, or back from a customer, then never more than can have left. */
export function decideRestock(stock: LockedStock, command: Restock, actor: Actor): PhysicalOutcome {
  const pool = poolOfNode(stock, command.node);
  requireSkus(stock, command.lines);
  const known = knownFacts(stock, command);
  const lines = command.lines.filter((line) => !known.has(factScope(command, line)));
  if (lines.length === 0) return [...known.values()][0]!.restock;
  const supplies = new Map(lines.map((line) => [line, inboundOf(stock, line, pool)]));
  const excess = excessReturn(stock, lines);
  if (excess) return excess;

  const restockId = newId();
  const cause = { cause: command.reason, actor: actor.name, restockId, node: command.node };
  const from = stock.movements.length;
  for (const line of lines) {
    if (line.returnOf) comeBack(stock, command, line, line.returnOf, pool, restockId, actor);
    else receiveUnits(stock, { ...line, pool }, line.quantity, supplies.get(line), cause);
  }
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

/** Returned units count as far as they had been shipped; the rest waits for the news of that. */
function comeBack(
  stock: LockedStock,
  { reason, node }: Restock,
  { sku, quantity, condition }: RestockLine,
  { orderLineId, channel, orderExternalId, shipped }: ReturnedLine,
  pool: string,
  restockId: string,
  actor: Actor,
): void {
  const order = { channel, orderExternalId };
  stock.orders.takeReturn({
    ...order,
    id: newId(),
    restockId,
    reason,
    orderLineId,
    sku,
    pool,
    node,
    condition,
    quantity,
    counted: 0,
  });
  applyReturns(stock, order, sku, shipped > 0, actor);
}

/** The supply that a receipt belongs to. @throws HubError UNKNOWN_INBOUND */
function inboundOf(stock: LockedStock, line: RestockLine, pool: string): LockedSupply | undefined {
  if (line.inbound === undefined || line.returnOf) return undefined;
  const found = stock.supplies.find(
    (supply) =>
      supply.sku === line.sku &&
      supply.pool === pool &&
      (supply.id === line.inbound || supply.externalId === line.inbound),
  );
  if (!found) throw unknownError('UNKNOWN_INBOUND', `${line.inbound} of ${line.sku} to this pool`);
  return found;
}

/** Of a line, no more units come back than can have left, whatever the number of events. */
function excessReturn(stock: LockedStock, lines: RestockLine[]): PhysicalOutcome | undefined {
  const left = new Map<string, number>();
  for (const { returnOf, quantity, sku } of lines) {
    if (!returnOf) continue;
    const before =
      left.get(returnOf.orderLineId) ??
      Math.min(returnOf.ordered, mayHaveLeft(stock, returnOf, sku)) -
        alreadyBack(stock, returnOf.orderLineId);
    if (quantity > before)
      return {
        type: 'RestockRefused',
        reason: `Of order line ${returnOf.orderLineId} ${Math.max(0, before)} more units can come back.`,
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
  for (const [scope, scoped] of Map.groupBy(lines, (line) => factScope(command, line))) {
    const returnOf = scoped[0]!.returnOf;
    const orderLineId = returnOf?.orderLineId ?? null;
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
      id: newId(),
      restockId: restock.id,
      channel: returnOf?.channel ?? null,
      orderExternalId: returnOf?.orderExternalId ?? null,
      sku: returnOf ? scoped[0]!.sku : null,
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
