import { StockCondition } from '../../model/stock.enums.ts';
import type { StockCommand, Submission } from '../command.ts';
import type { BalanceKey } from '../../model/balance-key.ts';
import { live, type LockedBalance, type LockedLevel, type LockedLine } from '../state/locked-rows.ts';

/** A balance whose promises a batch may touch beyond the reservations that it names. */
export interface ShortfallBalance extends BalanceKey {
  /** Units that promises may come to lack, at the most; 0 where only unbacked ones are concerned. */
  deficit: number;
}

/**
 * Returns what to lock besides the named reservations: nothing on the usual way. Where units may be lost, enough
 * promises to cover the worst case; where promises lack goods already, those, for whoever gets them first.
 */
export function shortfallLockSet(
  submissions: Submission[],
  balances: LockedBalance[],
  levels: LockedLevel[],
  named: readonly LockedLine[],
): ShortfallBalance[] {
  const losses = new Map<string, number>();
  const reserves = new Map<string, number>();
  for (const { command } of submissions) {
    for (const [sku, units] of worstLosses(command, levels)) losses.set(sku, (losses.get(sku) ?? 0) + units);
    if (command.type === 'reserve' || command.type === 'takeOrder')
      for (const { sku, quantity } of command.lines) reserves.set(sku, (reserves.get(sku) ?? 0) + quantity);
  }
  return balances.flatMap(({ sku, pool, onHand, allocated, confirmed, held, unbacked }) => {
    const spare = onHand + unbacked - allocated - confirmed - held - (reserves.get(sku) ?? 0);
    const lost = losses.get(sku) ?? 0;
    const deficit = Math.max(0, lost - Math.max(0, spare));
    if (deficit === 0 && unbacked === 0) return [];
    // A hold is released whole, which covers at least its units; shipped ones may pass their lack on, and then cover
    // none of it themselves.
    const own = named.filter((line) => line.sku === sku && line.pool === pool);
    const ownUnits = own.reduce((sum, line) => sum + live(line), 0);
    return [{ sku, pool, deficit: deficit + unbacked + ownUnits }];
  });
}

/** Units of each SKU that a command may take away from promises, at the most. */
function worstLosses(command: StockCommand, levels: LockedLevel[]): [string, number][] {
  const onHand = (sku: string, node: string) =>
    levels.find((level) => level.sku === sku && level.node === node)?.onHand ?? 0;
  switch (command.type) {
    case 'adjust':
      return command.lines.map((line) => [
        line.sku,
        'counted' in line
          ? Math.max(0, onHand(line.sku, command.node) - line.counted)
          : Math.max(0, -line.delta),
      ]);
    // What is sent without goods, before its day or beyond what its channel could sell, takes those of others.
    case 'takeOrder':
      return command.event === 'SHIP' ? command.lines.map(({ sku, quantity }) => [sku, quantity]) : [];
    case 'inspect':
      return command.lines
        .filter(({ from }) => from === StockCondition.SELLABLE)
        .map(({ sku, quantity }) => [sku, quantity]);
    case 'reject':
      return command.lines.map(({ sku, quantity }) => [
        sku,
        command.effect === 'EMPTY' ? onHand(sku, command.node) : command.effect === 'NONE' ? 0 : quantity,
      ]);
    default:
      return [];
  }
}
