import type { Actor } from '../../../platform/api/actor.ts';
import { newId } from '../../../platform/database/ids.ts';
import type {
  Adjust,
  Inspect,
  Refund,
  RefundLine,
  Restock,
  RestockLine,
  RestockOutcome,
} from '../command.ts';
import type { LockedStock } from '../state/locked-stock.ts';
import type { KnownFact } from '../state/locked-rows.ts';

/** Commands that tell of something that has happened outside. */
type FactCommand = Restock | Adjust | Inspect | Refund;

/** The kind of fact that a command records. */
export function factKind(command: FactCommand): string {
  if (command.type === 'refund') return 'REFUND';
  if (command.type === 'inspect') return 'INSPECT';
  return command.type === 'adjust' ? 'ADJUST' : command.reason;
}

/**
 * The scope within which an event id is unique: the order line of a return, else the place and delivery. A delivery
 * told in several calls under one event id is taken whole, and no part of it twice.
 */
export function factScope(command: Restock, line: RestockLine): string {
  return line.returnOf?.orderLineId ?? JSON.stringify([command.node, line.sku, line.inbound ?? null]);
}

/** A refund's id is unique within the order line. */
export function scopeOfRefund({ orderLineId }: RefundLine): string {
  return orderLineId;
}

export function factScopes(command: FactCommand): string[] {
  if (command.type === 'adjust' || command.type === 'inspect') return [command.node];
  if (command.type === 'refund') return [...new Set(command.lines.map(scopeOfRefund))];
  return [...new Set(command.lines.map((line) => factScope(command, line)))];
}

/** Facts of this command that are on record already, by scope; none without an event id. */
export function knownFacts(stock: LockedStock, command: FactCommand): Map<string, KnownFact> {
  const { externalEventId } = command;
  if (externalEventId === undefined) return new Map();
  const scopes = new Set(factScopes(command));
  const known = stock.facts.filter(
    (fact) =>
      fact.kind === factKind(command) && fact.externalEventId === externalEventId && scopes.has(fact.scope),
  );
  return new Map(known.map((fact) => [fact.scope, fact]));
}

/** Puts on record what somebody has told of a node's shelf. */
export function recordNodeFact(
  stock: LockedStock,
  command: Adjust | Inspect,
  restock: RestockOutcome,
  reason: string | null,
  actor: Actor,
): void {
  const fact = {
    kind: factKind(command),
    scope: command.node,
    externalEventId: command.externalEventId ?? null,
    orderLineId: null,
    returnedQuantity: null,
    refundedQuantity: null,
  };
  stock.facts.push({ ...fact, restock });
  stock.newFacts.push({
    ...fact,
    id: newId(),
    restockId: restock.id,
    reason,
    settledAt: null,
    sellableQuantity: null,
    actor: actor.name,
  });
}
