import { newId } from '../../../platform/database/ids.ts';
import type { TaskToOpen } from '../../../review/index.ts';
import {
  atpToday,
  noBalance,
  promisableQuantity,
  type BalanceFigures,
} from '../../model/available-to-promise.ts';
import { dayIn } from '../../model/day.ts';
import { availableTo } from '../../model/split-quota.ts';
import { StockCounter } from '../../model/stock.enums.ts';
import type { Shortage } from '../command.ts';
import {
  balanceKey,
  type Cause,
  type ChannelPolicy,
  type KnownFact,
  type LockedBalance,
  type LockedCampaign,
  type LockedLevel,
  type LockedLimit,
  type LockedLine,
  type LockedQuota,
  type LockedReservation,
  type LockedRows,
  type LockedSupply,
  type Movement,
  type NewFact,
  type PoolPolicy,
} from './locked-rows.ts';
import { OrderFacts } from './order-facts.ts';
import type { StockPlan } from './supply-plan.ts';

export * from './locked-rows.ts';

/**
 * The rows that one batch has locked, in memory. Commands are decided on it one after the other, each seeing what
 * those before it did; what has changed is then written at once. No input or output happens here.
 */

export class LockedStock {
  readonly now: Date;
  readonly channels: Map<string, ChannelPolicy>;
  readonly pools: Map<string, PoolPolicy>;
  readonly nodes: Map<string, { code: string; pool: string }>;
  readonly campaigns: Map<string, LockedCampaign>;
  readonly skus: Set<string>;
  readonly facts: KnownFact[];
  readonly supplies: LockedSupply[];
  private readonly balances: Map<string, LockedBalance>;
  /** By pool; to ask the calendar takes longer than the rest of a decision. */
  private readonly days = new Map<string, string>();
  private readonly quotas: Map<string, LockedQuota[]>;
  private readonly levels: Map<string, LockedLevel>;
  private readonly plans = new Map<string, StockPlan>();
  private readonly reservations: Map<string, LockedReservation>;
  /** What is known of orders' refunds and returns. */
  readonly orders: OrderFacts;

  /** What callers were told is missing; the first better day is filled in before anything is written. */
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
  readonly changedQuotas = new Set<LockedQuota>();
  readonly changedCampaigns = new Set<LockedCampaign>();
  readonly changedPools = new Set<PoolPolicy>();

  constructor(rows: LockedRows) {
    const byCode = <T extends { code: string }>(list: T[]) => new Map(list.map((item) => [item.code, item]));
    this.now = rows.now;
    this.channels = byCode(rows.channels);
    this.pools = byCode(rows.pools);
    this.nodes = byCode(rows.nodes);
    this.skus = new Set(rows.skus);
    this.facts = rows.facts;
    this.supplies = rows.supplies;
    this.balances = new Map(rows.balances.map((row) => [balanceKey(row.sku, row.pool), row]));
    this.quotas = Map.groupBy(rows.quotas, ({ sku, pool }) => balanceKey(sku, pool));
    this.campaigns = byCode(rows.campaigns);
    this.levels = new Map(rows.levels.map((row) => [balanceKey(row.sku, row.node), row]));
    this.reservations = new Map(rows.reservations.map((row) => [row.id, row]));
    this.orders = new OrderFacts(rows.orderFacts, rows.pendingReturns);
  }

  /** Today in the pool's time zone. */
  today(pool: string): string {
    const known = this.days.get(pool);
    if (known !== undefined) return known;
    const day = dayIn(this.pools.get(pool)?.timeZone ?? 'UTC', this.now);
    this.days.set(pool, day);
    return day;
  }

  /** The balance, or undefined where the pool has never had the SKU. */
  balance(sku: string, pool: string): LockedBalance | undefined {
    return this.balances.get(balanceKey(sku, pool));
  }

  allBalances(): LockedBalance[] {
    return [...this.balances.values()];
  }

  level(sku: string, node: string): LockedLevel {
    const level = this.levels.get(balanceKey(sku, node));
    if (!level) throw new Error(`the level of ${sku} at ${node} was not locked`);
    return level;
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

  /** Units a node has that no allocation has taken; none where it has never had the SKU. */
  unallocatedAt(sku: string, node: string): number {
    const level = this.levels.get(balanceKey(sku, node));
    return level ? Math.max(0, level.onHand - level.allocated) : 0;
  }

  reservation(id: string): LockedReservation | undefined {
    return this.reservations.get(id);
  }

  /** Every reservation of an order, whatever its state and whoever made it; oldest first. */
  reservationsOf(channel: string, orderExternalId: string): LockedReservation[] {
    return [...this.reservations.values()]
      .filter(
        (reservation) =>
          reservation.channel === channel &&
          (reservation.orderExternalId ?? reservation.reference) === orderExternalId,
      )
      .sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** What the channel can be promised of a SKU now. */
  available(sku: string, pool: string, channel: string, useSafetyBuffer = false): number {
    const figures = this.figures(sku, pool);
    const quantity = useSafetyBuffer ? Math.max(0, atpToday(figures)) : promisableQuantity(figures);
    return this.sellable(sku, pool, channel, quantity);
  }

  /** The balance's figures; every hold that had expired has been reclaimed before. */
  figures(sku: string, pool: string): BalanceFigures {
    return { ...(this.balance(sku, pool) ?? noBalance), expired: 0 };
  }

  /** The channel's part of what can be promised. */
  sellable(sku: string, pool: string, channel: string, quantity: number): number {
    const selling = this.channels.get(channel) ?? { code: channel, sellsFrom: 'POOL' };
    return availableTo(selling, quantity, this.quotas.get(balanceKey(sku, pool)) ?? []);
  }

  addPlan(plan: StockPlan): void {
    this.plans.set(balanceKey(plan.place.sku, plan.place.pool), plan);
  }

  /** What comes to a balance and is promised of it for later days; undefined where nothing is, and nobody asked. */
  plan(sku: string, pool: string): StockPlan | undefined {
    return this.plans.get(balanceKey(sku, pool));
  }

  allPlans(): StockPlan[] {
    return [...this.plans.values()];
  }

  requirePlan(sku: string, pool: string): StockPlan {
    const plan = this.plan(sku, pool);
    if (!plan) throw new Error(`nobody has asked for the plan of ${sku} in ${pool}`);
    return plan;
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

  /** Lines of live reservations on a balance, newest reservation first. */
  linesOf(sku: string, pool: string): { reservation: LockedReservation; line: LockedLine }[] {
    return [...this.reservations.values()]
      .flatMap((reservation) => reservation.lines.map((line) => ({ reservation, line })))
      .filter(({ line }) => line.sku === sku && line.pool === pool)
      .sort((a, b) => (a.reservation.id < b.reservation.id ? 1 : -1));
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
      this.useCampaign(sku, delta, cause);
      if (!datedCounters.has(counter)) this.useQuota(sku, pool, delta, cause);
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

  /** How far a campaign, a channel in it or a SKU in it has come; counted from its first unit on. */
  limit(campaign: LockedCampaign, kind: LockedLimit['kind'], subject: string): LockedLimit {
    const known = campaign.limits.find((limit) => limit.kind === kind && limit.subject === subject);
    if (known) return known;
    const limit: LockedLimit = { kind, subject, units: null, used: 0 };
    campaign.limits.push(limit);
    return limit;
  }

  private useCampaign(sku: string, delta: number, { reservationId }: Cause): void {
    const reservation = this.reservations.get(reservationId!);
    if (!reservation?.campaign) return;
    const campaign = this.campaigns.get(reservation.campaign);
    if (!campaign) throw new Error(`the campaign ${reservation.campaign} was not locked`);
    this.limit(campaign, 'TOTAL', '').used += delta;
    this.limit(campaign, 'CHANNEL', reservation.channel).used += delta;
    this.limit(campaign, 'SKU', sku).used += delta;
    this.changedCampaigns.add(campaign);
  }

  /** Exclusive parts whose time has passed are shared: what was used of them stays used. */
  releaseQuotas(): void {
    for (const quota of [...this.quotas.values()].flat()) {
      if (quota.released || quota.releaseAt === null || quota.releaseAt > this.now) continue;
      quota.exclusive = Math.min(quota.exclusive, quota.used);
      quota.released = true;
      this.changedQuotas.add(quota);
      this.touch(quota.sku, quota.pool);
    }
  }

  /** Counts units that a reservation's channel has taken or given back. */
  private useQuota(sku: string, pool: string, delta: number, { reservationId }: Cause): void {
    const quotas = this.quotas.get(balanceKey(sku, pool));
    if (!quotas) return;
    const channel = this.reservations.get(reservationId!)?.channel;
    const quota = quotas.find((candidate) => candidate.channel === channel);
    if (!quota) return;
    quota.used += delta;
    this.changedQuotas.add(quota);
  }
}

/** Promised for later days: quotas are of today's units. */
const datedCounters = new Set([StockCounter.DATED_HELD, StockCounter.DATED_CONFIRMED]);
/** What a channel takes is the sum of these; shipping gives nothing back. */
const promisedCounters = new Set([
  StockCounter.HELD,
  StockCounter.CONFIRMED,
  StockCounter.ALLOCATED,
  ...datedCounters,
]);
/** What later days draw from today's units depends on these. */
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
