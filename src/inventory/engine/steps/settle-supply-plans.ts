import { free } from '../../model/available-to-promise.ts';
import { datedBreach } from '../review-tasks/promise-breach.ts';
import { settle, type DatedPromise, type Settled } from '../../model/settle-dated-promises.ts';
import type { Repromise } from '../command.ts';
import { movePromise, opposite } from './dated-units.ts';
import { enter } from './reservation-state.ts';
import type { LockedStock } from '../state/locked-stock.ts';
import { adjustUnbacked } from './shortfall.ts';
import type { SupplyPlan } from '../state/supply-plan.ts';
import type { LockedLine, LockedReservation } from '../state/locked-rows.ts';

/** A line of a reservation whose day is a later one. */
interface DatedLine extends DatedPromise {
  reservation: LockedReservation;
  line: LockedLine;
}

/**
 * Moves promises for later days to the days that supply now allows: what is due becomes today's as far as there are
 * goods, and what cannot be kept gets another day, an event and a task. @returns the promises that got another day
 */
export function settleAll(stock: LockedStock, actor: string): Repromise[] {
  return stock.allPlans().flatMap((plan) => settlePlan(stock, plan, actor));
}

function settlePlan(stock: LockedStock, plan: SupplyPlan, actor: string): Repromise[] {
  const { sku, pool } = plan.place;
  // Where promises are not known one by one, all of them can be kept (lock-plans.ts).
  const lines = plan.promisesKnown ? datedLines(stock, sku, pool) : [];
  const broken: Repromise[] = [];
  if (lines.length > 0) {
    const figures = stock.figures(sku, pool);
    const settled = settle({ ...plan.timeline(), free: free(figures), unbacked: figures.unbacked }, lines);
    for (const [dated, result] of settled) {
      const repromise = changeDay(stock, plan, dated, result, actor);
      if (repromise) broken.push(repromise);
      becomeDue(stock, dated, result.due, actor);
    }
  }
  stock.replan(sku, pool);
  if (broken.length > 0) stock.tasks.push(datedBreach(sku, pool, broken));
  return broken;
}

/** Paid ones go before held ones, older ones before newer ones; readers sort likewise (read-promise.ts). */
function datedLines(stock: LockedStock, sku: string, pool: string): DatedLine[] {
  const rank = ({ reservation, line }: { reservation: LockedReservation; line: LockedLine }) =>
    `${line.holdExpiresAt === null ? 0 : 1} ${reservation.id} ${String(line.lineNo).padStart(5, '0')}`;
  return stock
    .linesOf(sku, pool)
    .filter(({ line }) => line.dated > 0)
    .sort((a, b) => (rank(a) < rank(b) ? -1 : 1))
    .map((found) => ({ ...found, units: found.line.dated, promisedOn: found.line.promisedOn }));
}

function changeDay(
  stock: LockedStock,
  plan: SupplyPlan,
  { reservation, line }: DatedLine,
  { promisedOn }: Settled,
  actor: string,
): Repromise | undefined {
  if (promisedOn === line.promisedOn) return undefined;
  const about = `: ${line.sku}`;
  const reason =
    promisedOn === null
      ? `no day can be promised${about}`
      : `promised for ${promisedOn} instead of ${line.promisedOn}${about}`;
  const told = reservation.events.findLast((event) => event.reason?.endsWith(about));
  if (told?.reason === reason) return undefined;
  const repromise = {
    reservationId: reservation.id,
    sku: line.sku,
    units: line.dated,
    promisedBefore: line.promisedOn,
    promisedOn,
  };
  if (promisedOn !== null) {
    plan.promise(line.promisedOn, -line.dated);
    plan.promise(promisedOn, line.dated);
    line.promisedOn = promisedOn;
  }
  stock.change(reservation, line);
  enter(stock, reservation, reservation.state, { name: actor }, reason);
  stock.touch(line.sku, line.pool);
  return repromise;
}

function becomeDue(stock: LockedStock, { reservation, line }: DatedLine, due: number, actor: string): void {
  if (due === 0) return;
  makeToday(stock, reservation, line, due, 'DUE', actor);
}

function makeToday(
  stock: LockedStock,
  reservation: LockedReservation,
  line: LockedLine,
  units: number,
  cause: string,
  actor: string,
): void {
  const state = line.holdExpiresAt === null ? 'confirmed' : 'held';
  const why = { cause, actor, reservationId: reservation.id };
  movePromise(stock, line, state, opposite({ now: 0, later: units }), why);
  movePromise(stock, line, state, { now: units, later: 0 }, why);
  stock.change(reservation, line);
}

/** Units that go out before their day are today's, with goods or without. */
export function moveEarlier(
  stock: LockedStock,
  reservation: LockedReservation,
  line: LockedLine,
  actor: string,
): void {
  const units = line.dated;
  if (units === 0) return;
  const missing = Math.max(0, units - Math.max(0, free(stock.figures(line.sku, line.pool))));
  adjustUnbacked(stock, reservation, line, missing, 'BROUGHT_FORWARD', actor);
  makeToday(stock, reservation, line, units, 'BROUGHT_FORWARD', actor);
}
