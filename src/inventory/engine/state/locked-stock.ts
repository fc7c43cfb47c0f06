import { newId } from '../../../platform/database/ids.ts';
import type { TaskToOpen } from '../../../review/index.ts';
import { balanceKeyString } from '../../model/balance-key.ts';
import { StockCounter } from '../../model/stock.enums.ts';
import type { Shortage } from '../command.ts';
import { LimitUsage } from './limit-usage.ts';
import type {
  Cause,
  LockedBalance,
  LockedLevel,
  LockedLine,
  LockedReservation,
  LockedRows,
  LockedSupply,
  Movement,
  NewFact,
  PoolPolicy,
} from './locked-rows.ts';
import { StockFigures } from './stock-figures.ts';
import type { SupplyPlan } from './supply-plan.ts';

/**
 * The rows that one batch has locked, in memory. Commands are decided on it one after the other, each seeing what
 * those before it did; what has changed is then written at once. No input or output happens here.
 */
export class LockedStock extends StockFigures {
  /** Use of the limits of channels and campaigns. */
  readonly limits: LimitUsage;

  /** Shortages that callers are answered; the first better day is filled in before anything is written. */
  readonly shortages: { shortage: Shortage; pool: string; channel: string }[] = [];
  /** Decisions that people have to make of what has happened. */
  readonly tasks: TaskToOpen[] = [];
  readonly movements: Movement[] = [];
  readonly newFacts: NewFact[] = [];
  readonly newReservations = new Set<LockedReservation>();
  readonly changedReservations = new Set<LockedReservation>();
  readonly changedLines = new Set<LockedLine>();
  readonly changedBalances = new Set<LockedBalance>();
  readonly changedLevels = new Set<LockedLevel>();
  readonly changedSupplies = new Set<LockedSupply>();
  /** Written from their final state. */
  readonly newSupplies: LockedSupply[] = [];
  readonly changedPools = new Set<PoolPolicy>();

  constructor(rows: LockedRows) {
    super(rows);
    this.limits = new LimitUsage(this.campaigns, this.quotas);
  }

  /** Shares what channels kept for themselves until a time that has passed. */
  releaseQuotas(): void {
    for (const { sku, pool } of this.limits.releaseQuotas(this.now)) this.touch(sku, pool);
  }

  /** A supply that nobody has told of before; none of it yet. */
  newSupply(
    about: Pick<LockedSupply, 'kind' | 'externalId' | 'sku' | 'pool' | 'node' | 'availableOn'>,
  ): LockedSupply {
    const supply = { id: newId(), ordered: 0, received: 0, countsFrom: null, ...about };
    this.supplies.push(supply);
    this.newSupplies.push(supply);
    return supply;
  }

  addPlan(plan: SupplyPlan): void {
    this.plans.set(balanceKeyString(plan.place.sku, plan.place.pool), plan);
  }

  /** Draws anew from today's units what later days need. */
  replan(sku: string, pool: string): void {
    const balance = this.balance(sku, pool);
    const plan = this.plan(sku, pool);
    if (!balance || !plan) return;
    const futureDraw = plan.draw(balance.unbacked);
    if (futureDraw === balance.futureDraw) return;
    balance.futureDraw = futureDraw;
    this.changedBalances.add(balance);
  }

  add(reservation: LockedReservation): void {
    this.reservations.set(reservation.id, reservation);
    this.newReservations.add(reservation);
  }

  change(reservation: LockedReservation, ...lines: LockedLine[]): void {
    if (this.newReservations.has(reservation)) return;
    this.changedReservations.add(reservation);
    for (const line of lines) this.changedLines.add(line);
  }

  /** A balance whose promise has moved though none of its counters has: it gets a version, and is told to the feed. */
  touch(sku: string, pool: string): void {
    const balance = this.balance(sku, pool);
    if (balance) this.changedBalances.add(balance);
  }

  /** Moves a counter of the balance, of the level at the cause's node, or of both; one row of the ledger. */
  move(sku: string, pool: string, counter: StockCounter, delta: number, cause: Cause): void {
    if (delta === 0) return;
    const balance = this.balance(sku, pool);
    if (!balance) throw new Error(`the balance of ${sku} in ${pool} was not locked`);
    const inBalance = balanceColumn[counter];
    if (inBalance) {
      balance[inBalance] += delta;
      this.changedBalances.add(balance);
    }
    if (promisedCounters.has(counter) && cause.cause !== 'SHIP') {
      const reservation = this.reservations.get(cause.reservationId!);
      if (reservation) this.limits.useCampaign(reservation, sku, delta);
      if (!datedCounters.has(counter)) this.limits.useQuota({ sku, pool }, reservation?.channel, delta);
    }
    const inLevel = levelColumn[counter];
    if (inLevel) {
      const level = this.level(sku, cause.node!);
      level[inLevel] += delta;
      this.changedLevels.add(level);
    }
    this.movements.push({
      sku,
      pool,
      node: inLevel ? cause.node! : null,
      counter,
      delta,
      cause: cause.cause,
      at: this.now.toISOString(),
      reservationId: cause.reservationId ?? null,
      restockId: cause.restockId ?? null,
      supplyId: cause.supplyId ?? null,
      actor: cause.actor,
    });
    if (planCounters.has(counter)) this.replan(sku, pool);
  }
}

/** Promised for later days: quotas are of today's units. */
const datedCounters = new Set([StockCounter.DATED_HELD, StockCounter.DATED_CONFIRMED]);
/** The units of a channel are the sum of these; shipping gives nothing back. */
const promisedCounters = new Set([
  StockCounter.HELD,
  StockCounter.CONFIRMED,
  StockCounter.ALLOCATED,
  ...datedCounters,
]);
/** The future draw of later days depends on these. */
const planCounters = new Set([StockCounter.UNBACKED, StockCounter.INBOUND, ...datedCounters]);
const balanceColumn: Partial<
  Record<
    StockCounter,
    'onHand' | 'allocated' | 'confirmed' | 'held' | 'unbacked' | 'datedHeld' | 'datedConfirmed'
  >
> = {
  [StockCounter.ON_HAND]: 'onHand',
  [StockCounter.ALLOCATED]: 'allocated',
  [StockCounter.CONFIRMED]: 'confirmed',
  [StockCounter.HELD]: 'held',
  [StockCounter.UNBACKED]: 'unbacked',
  [StockCounter.DATED_HELD]: 'datedHeld',
  [StockCounter.DATED_CONFIRMED]: 'datedConfirmed',
};
const levelColumn: Partial<Record<StockCounter, 'onHand' | 'damaged' | 'quarantined' | 'allocated'>> = {
  [StockCounter.ON_HAND]: 'onHand',
  [StockCounter.DAMAGED]: 'damaged',
  [StockCounter.QUARANTINED]: 'quarantined',
  [StockCounter.ALLOCATED]: 'allocated',
};
