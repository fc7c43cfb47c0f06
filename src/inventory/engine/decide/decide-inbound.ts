import type { Actor } from '../../../platform/api/actor.ts';
import { StockCounter } from '../../model/stock.enums.ts';
import type { PlannedLine, PlannedOutcome, RecordInbound } from '../command.ts';
import { type LockedStock } from '../state/locked-stock.ts';
import { poolOfNode, requireSkus } from '../steps/require-skus.ts';
import { settleAll } from '../steps/settle-supply-plans.ts';
import { outstanding, type LockedSupply } from '../state/locked-rows.ts';

/** A purchase order or transfer as its source has it now; the ledger has the difference to what was said before. */
export function decideInbound(stock: LockedStock, command: RecordInbound, actor: Actor): PlannedOutcome {
  const { kind, externalId, node } = command;
  const pool = poolOfNode(stock, node);
  requireSkus(stock, command.lines);
  for (const line of command.lines) {
    const { sku, availableOn } = line;
    const about = { kind, externalId, sku, pool, node, availableOn };
    changeSupply(stock, supplyOf(stock, about) ?? stock.newSupply(about), line, { node }, actor);
  }
  return {
    type: 'Planned',
    pool,
    skus: command.lines.map(({ sku }) => sku),
    repromised: settleAll(stock, actor.name),
  };
}

export function supplyOf(
  stock: LockedStock,
  { kind, externalId, sku, pool }: Pick<LockedSupply, 'kind' | 'externalId' | 'sku' | 'pool'>,
): LockedSupply | undefined {
  return stock.supplies.find(
    (supply) =>
      supply.kind === kind && supply.externalId === externalId && supply.sku === sku && supply.pool === pool,
  );
}

/** Units received of it stay received. */
export function changeSupply(
  stock: LockedStock,
  supply: LockedSupply,
  { quantity, availableOn }: Omit<PlannedLine, 'sku'>,
  more: Partial<Pick<LockedSupply, 'node' | 'countsFrom'>>,
  actor: Actor,
): void {
  const { id: supplyId, sku, pool } = supply;
  const before = { ...supply };
  Object.assign(supply, { ordered: quantity, availableOn, ...more });
  const isNew = stock.newSupplies.includes(supply);
  if (!isNew && sameSupply(before, supply)) return;
  stock.changedSupplies.add(supply);
  stock.touch(sku, pool); // the days to come promise more of it, or less
  stock.move(sku, pool, StockCounter.INBOUND, outstanding(supply) - outstanding(before), {
    cause: 'REPORTED',
    actor: actor.name,
    supplyId,
  });
}

function sameSupply(a: LockedSupply, b: LockedSupply): boolean {
  return (
    a.ordered === b.ordered &&
    a.availableOn === b.availableOn &&
    a.node === b.node &&
    a.countsFrom?.getTime() === b.countsFrom?.getTime()
  );
}
