import type { Actor } from '../../platform/access.ts';
import { HubError } from '../../platform/errors.ts';
import { ReservationState, StockCounter } from '../stock.enums.ts';
import type {
  Allocate,
  AllocateOutcome,
  NodeUnits,
  RejectAtNode,
  ReservationCommandOutcome,
  Ship,
} from './command.ts';
import { enter, notOpen, ownReservation } from './decide-reservation-command.ts';
import {
  describeReservation,
  live,
  type Cause,
  type LockedAllocation,
  type LockedLine,
  type LockedReservation,
  type LockedStock,
} from './locked-stock.ts';
import { poolOfNode } from './require.ts';
import { stateAfter } from './reservation-state.ts';
import { backWithNewUnits, coverShortfall, lack, markUnbacked } from './shortfall.ts';

const atNodes = new Set([ReservationState.CONFIRMED, ReservationState.ALLOCATED]);

/** CONFIRMED → ALLOCATED: gives units to nodes that still have them; if one has run out, nothing is given to any. */
export function decideAllocate(stock: LockedStock, command: Allocate, actor: Actor): AllocateOutcome {
  const reservation = ownReservation(stock, command.reservationId, actor);
  if (!atNodes.has(reservation.state)) return notOpen(reservation);
  const wanted = summed(command.assignments);
  requireUnallocated(reservation, wanted);
  const shortages = wanted.flatMap(({ node, sku, quantity }) => {
    poolOfNode(stock, node);
    const available = stock.unallocatedAt(sku, node);
    return available < quantity ? [{ node, sku, requested: quantity, available }] : [];
  });
  if (shortages.length > 0) return { type: 'NodesRanOut', shortages };

  for (const { node, sku, quantity } of wanted) {
    let left = quantity;
    for (const line of reservation.lines.filter((candidate) => candidate.sku === sku)) {
      const units = Math.min(left, live(line) - line.allocated);
      if (units > 0) giveToNode(stock, reservation, line, node, units, actor);
      left -= units;
    }
  }
  enter(stock, reservation, stateAfter(reservation), actor, null);
  return describeReservation(reservation);
}

/** Units leave a node: what was allocated becomes shipped, and on hand falls. */
export function decideShip(stock: LockedStock, command: Ship, actor: Actor): ReservationCommandOutcome {
  const reservation = ownReservation(stock, command.reservationId, actor);
  if (!atNodes.has(reservation.state)) return notOpen(reservation);
  for (const [line, allocation, units] of atNode(reservation, command)) {
    const cause = { cause: 'SHIP', actor: actor.name, reservationId: reservation.id, node: command.node };
    findMissing(stock, line, units, cause);
    stock.move(line.sku, line.pool, StockCounter.ALLOCATED, -units, cause);
    stock.move(line.sku, line.pool, StockCounter.ON_HAND, -units, cause);
    allocation.allocated -= units;
    allocation.shipped += units;
    line.allocated -= units;
    line.shipped += units;
    stock.change(reservation, line);
    passShortfallOn(stock, reservation, line, actor.name);
  }
  enter(stock, reservation, stateAfter(reservation), actor, `shipped by ${command.node}`);
  return describeReservation(reservation);
}

/** A node gives units back: they are confirmed again, to be routed anew, and its shelf is what it says. */
export function decideReject(
  stock: LockedStock,
  command: RejectAtNode,
  actor: Actor,
): ReservationCommandOutcome {
  const reservation = ownReservation(stock, command.reservationId, actor);
  if (!atNodes.has(reservation.state)) return notOpen(reservation);
  const cause = {
    cause: 'NODE_REJECT',
    actor: actor.name,
    reservationId: reservation.id,
    node: command.node,
  };
  const rejected = new Map<string, { pool: string; units: number }>();
  for (const [line, allocation, units] of atNode(reservation, command)) {
    stock.move(line.sku, line.pool, StockCounter.ALLOCATED, -units, cause);
    stock.move(line.sku, line.pool, StockCounter.CONFIRMED, units, cause);
    allocation.allocated -= units;
    line.allocated -= units;
    stock.change(reservation, line);
    rejected.set(line.sku, { pool: line.pool, units: (rejected.get(line.sku)?.units ?? 0) + units });
  }
  for (const [sku, { pool, units }] of rejected) correctShelf(stock, command, sku, pool, units, actor);
  enter(stock, reservation, stateAfter(reservation), actor, `${command.node}: ${command.reason}`);
  return describeReservation(reservation);
}

function giveToNode(
  stock: LockedStock,
  reservation: LockedReservation,
  line: LockedLine,
  node: string,
  units: number,
  actor: Actor,
): void {
  const cause = { cause: 'ALLOCATE', actor: actor.name, reservationId: reservation.id, node };
  stock.move(line.sku, line.pool, StockCounter.CONFIRMED, -units, cause);
  stock.move(line.sku, line.pool, StockCounter.ALLOCATED, units, cause);
  line.allocated += units;
  stock.change(reservation, line);
  const known = line.allocations.find((allocation) => allocation.node === node);
  if (known) known.allocated += units;
  else line.allocations.push({ node, allocated: units, shipped: 0 });
}

/** A node that ships what we believed it lacked has found it. */
function findMissing(stock: LockedStock, line: LockedLine, units: number, cause: Cause): void {
  const missing = units - stock.level(line.sku, cause.node!).onHand;
  if (missing <= 0) return;
  stock.move(line.sku, line.pool, StockCounter.ON_HAND, missing, {
    cause: 'FOUND',
    actor: cause.actor,
    node: cause.node,
  });
  backWithNewUnits(stock, line.sku, line.pool, missing, cause.actor);
}

/** Units that went out although they were unbacked took goods of other promises: those lack them now. */
function passShortfallOn(
  stock: LockedStock,
  reservation: LockedReservation,
  line: LockedLine,
  actor: string,
): void {
  const excess = line.unbacked - live(line);
  if (excess <= 0) return;
  lack(stock, reservation, line, -excess, 'SHIP_UNBACKED', actor);
  markUnbacked(stock, line.sku, line.pool, excess, actor);
}

function correctShelf(
  stock: LockedStock,
  command: RejectAtNode,
  sku: string,
  pool: string,
  units: number,
  actor: Actor,
): void {
  if (command.effect === 'NONE') return;
  const level = stock.level(sku, command.node);
  const lost = command.effect === 'EMPTY' ? level.onHand : Math.min(units, level.onHand);
  const cause = { cause: `NODE_${command.effect}`, actor: actor.name, node: command.node };
  coverShortfall(stock, sku, pool, lost, actor.name);
  stock.move(sku, pool, StockCounter.ON_HAND, -lost, cause);
  if (command.effect === 'DAMAGED') stock.move(sku, pool, StockCounter.DAMAGED, lost, cause);
}

function summed(units: NodeUnits[]): NodeUnits[] {
  const byPlace = Map.groupBy(units, ({ node, sku }) => JSON.stringify([node, sku]));
  return [...byPlace.values()].map((some) => ({
    ...some[0]!,
    quantity: some.reduce((sum, { quantity }) => sum + quantity, 0),
  }));
}

/** @throws HubError QUANTITY_OUT_OF_RANGE when more is assigned than is confirmed and not allocated yet */
function requireUnallocated(reservation: LockedReservation, wanted: NodeUnits[]): void {
  for (const [sku, some] of Map.groupBy(wanted, (units) => units.sku)) {
    const quantity = some.reduce((sum, units) => sum + units.quantity, 0);
    const open = reservation.lines
      .filter((line) => line.sku === sku)
      .reduce((sum, line) => sum + live(line) - line.allocated, 0);
    if (quantity > open)
      throw new HubError(
        'QUANTITY_OUT_OF_RANGE',
        `Of ${sku} ${open} units can be allocated, not ${quantity}.`,
        { sku },
      );
  }
}

/** The units named, where the reservation has them at the node. @throws HubError QUANTITY_OUT_OF_RANGE */
function atNode(
  reservation: LockedReservation,
  { node, lines }: { node: string; lines: { sku: string; quantity: number }[] },
): [LockedLine, LockedAllocation, number][] {
  const taken: [LockedLine, LockedAllocation, number][] = [];
  for (const { sku, quantity } of lines) {
    let left = quantity;
    for (const line of reservation.lines.filter((candidate) => candidate.sku === sku)) {
      const allocation = line.allocations.find((candidate) => candidate.node === node);
      if (!allocation) continue;
      const before = taken
        .filter(([, other]) => other === allocation)
        .reduce((sum, [, , units]) => sum + units, 0);
      const units = Math.min(left, allocation.allocated - before);
      if (units > 0) taken.push([line, allocation, units]);
      left -= Math.max(0, units);
    }
    if (left > 0)
      throw new HubError(
        'QUANTITY_OUT_OF_RANGE',
        `${node} has ${quantity - left} units of ${sku} of this reservation, not ${quantity}.`,
        {
          sku,
        },
      );
  }
  return taken;
}
