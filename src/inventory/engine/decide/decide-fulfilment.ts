import type { Actor } from '../../../platform/api/actor.ts';
import { HubError } from '../../../platform/errors.ts';
import { ReservationState, StockCounter } from '../../model/stock.enums.ts';
import type {
  Allocate,
  AllocateOutcome,
  FulfilmentOutcome,
  NodeAnswerOutcome,
  NodeUnits,
  RejectAtNode,
  Ship,
} from '../command.ts';
import { notOpen, ownReservation } from './decide-reservation-command.ts';
import { type LockedStock } from '../state/locked-stock.ts';
import { poolOfNode } from '../steps/require-skus.ts';
import { enter, orderOf, stateAfter } from '../steps/reservation-state.ts';
import { applyReturns } from '../steps/apply-refunds-and-returns.ts';
import { backWithNewUnits, coverShortfall, adjustUnbacked } from '../steps/shortfall.ts';
import {
  describeReservation,
  live,
  openUnits,
  type Cause,
  type LockedAllocation,
  type LockedLine,
  type LockedReservation,
} from '../state/locked-rows.ts';

const atNodes = new Set([ReservationState.CONFIRMED, ReservationState.ALLOCATED]);

/** CONFIRMED → ALLOCATED: gives units to nodes that still have them; if one has run out, nothing is given to any. */
export function decideAllocate(stock: LockedStock, command: Allocate, actor: Actor): AllocateOutcome {
  const reservations = ownReservations(stock, command.reservationIds, actor);
  const open = reservations.filter(({ state }) => atNodes.has(state));
  if (open.length === 0) return notOpen(reservations[0]!);
  const wanted = summed(command.assignments);
  requireUnallocated(open, wanted);
  const shortages = wanted.flatMap(({ node, sku, quantity }) => {
    poolOfNode(stock, node);
    const available = stock.unallocatedAt(sku, node);
    return available < quantity ? [{ node, sku, requested: quantity, available }] : [];
  });
  if (shortages.length > 0) return { type: 'NodesRanOut', shortages };

  const given = new Set<LockedReservation>();
  for (const { node, sku, quantity } of wanted) {
    let left = quantity;
    for (const { reservation, line } of linesOfSku(open, sku)) {
      const units = Math.min(left, openUnits(line));
      if (units <= 0) continue;
      giveToNode(stock, reservation, line, node, units, actor);
      given.add(reservation);
      left -= units;
    }
  }
  for (const reservation of given) enter(stock, reservation, stateAfter(reservation), actor, null);
  return describe(reservations);
}

/** Units leave a node: what was allocated becomes shipped, and on hand falls. */
export function decideShip(stock: LockedStock, command: Ship, actor: Actor): NodeAnswerOutcome {
  const reservations = ownReservations(stock, command.reservationIds, actor);
  const open = reservations.filter(({ state }) => atNodes.has(state));
  if (open.length === 0) return notOpen(reservations[0]!);
  const taken = atNode(open, command);
  for (const units of taken) shipUnits(stock, units, command.node, actor);
  for (const reservation of new Set(taken.map((units) => units.reservation)))
    enter(stock, reservation, stateAfter(reservation), actor, `shipped by ${command.node}`);
  for (const { reservation, line } of taken)
    applyReturns(stock, orderOf(reservation), line.sku, false, actor);
  return describe(reservations);
}

/** A node gives units back: they are confirmed again, to be routed anew, and its shelf is what it says. */
export function decideReject(stock: LockedStock, command: RejectAtNode, actor: Actor): NodeAnswerOutcome {
  const reservations = ownReservations(stock, command.reservationIds, actor);
  const open = reservations.filter(({ state }) => atNodes.has(state));
  if (open.length === 0) return notOpen(reservations[0]!);
  const taken = atNode(open, command);
  for (const { reservation, line, allocation, units } of taken) {
    const cause = {
      cause: 'NODE_REJECT',
      actor: actor.name,
      reservationId: reservation.id,
      node: command.node,
    };
    stock.move(line.sku, line.pool, StockCounter.ALLOCATED, -units, cause);
    stock.move(line.sku, line.pool, StockCounter.CONFIRMED, units, cause);
    allocation.allocated -= units;
    line.allocated -= units;
    stock.change(reservation, line);
  }
  for (const [sku, some] of Map.groupBy(taken, ({ line }) => line.sku)) {
    const units = some.reduce((sum, { units: each }) => sum + each, 0);
    correctShelf(stock, command, sku, some[0]!.line.pool, units, actor);
  }
  for (const reservation of new Set(taken.map((units) => units.reservation)))
    enter(stock, reservation, stateAfter(reservation), actor, `${command.node}: ${command.reason}`);
  return describe(reservations);
}

/** Units of a line at a node. */
interface UnitsAtNode {
  reservation: LockedReservation;
  line: LockedLine;
  allocation: LockedAllocation;
  units: number;
}

export function shipUnits(
  stock: LockedStock,
  { reservation, line, allocation, units }: UnitsAtNode,
  node: string,
  actor: Actor,
): void {
  const cause = { cause: 'SHIP', actor: actor.name, reservationId: reservation.id, node };
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

/** @throws HubError RESERVATION_NOT_FOUND for any that is not the actor's */
function ownReservations(stock: LockedStock, ids: readonly string[], actor: Actor): LockedReservation[] {
  return ids.map((id) => ownReservation(stock, id, actor));
}

function describe(reservations: readonly LockedReservation[]): FulfilmentOutcome {
  return { type: 'Fulfilment', reservations: reservations.map(describeReservation) };
}

function linesOfSku(reservations: readonly LockedReservation[], sku: string) {
  return reservations.flatMap((reservation) =>
    reservation.lines.filter((line) => line.sku === sku).map((line) => ({ reservation, line })),
  );
}

export function giveToNode(
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
  adjustUnbacked(stock, reservation, line, -excess, 'SHIP_UNBACKED', actor);
  coverShortfall(stock, line.sku, line.pool, 0, actor);
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
function requireUnallocated(reservations: readonly LockedReservation[], wanted: NodeUnits[]): void {
  for (const [sku, some] of Map.groupBy(wanted, (units) => units.sku)) {
    const quantity = some.reduce((sum, units) => sum + units.quantity, 0);
    const open = linesOfSku(reservations, sku).reduce((sum, { line }) => sum + openUnits(line), 0);
    if (quantity > open)
      throw new HubError(
        'QUANTITY_OUT_OF_RANGE',
        `Of ${sku} ${open} units can be allocated, not ${quantity}.`,
        { sku },
      );
  }
}

/** The units named, where the reservations have them at the node. @throws HubError QUANTITY_OUT_OF_RANGE */
function atNode(
  reservations: readonly LockedReservation[],
  { node, lines }: { node: string; lines: { sku: string; quantity: number }[] },
): UnitsAtNode[] {
  const taken: UnitsAtNode[] = [];
  for (const { sku, quantity } of lines) {
    let left = quantity;
    for (const { reservation, line } of linesOfSku(reservations, sku)) {
      const allocation = line.allocations.find((candidate) => candidate.node === node);
      if (!allocation) continue;
      const before = taken
        .filter((other) => other.allocation === allocation)
        .reduce((sum, { units }) => sum + units, 0);
      const units = Math.min(left, allocation.allocated - before);
      if (units <= 0) continue;
      taken.push({ reservation, line, allocation, units });
      left -= units;
    }
    if (left > 0)
      throw new HubError(
        'QUANTITY_OUT_OF_RANGE',
        `${node} has ${quantity - left} units of ${sku} of this order, not ${quantity}.`,
        { sku },
      );
  }
  return taken;
}
