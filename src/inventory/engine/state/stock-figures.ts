import {
  atpToday,
  noBalance,
  promisableQuantity,
  type BalanceFigures,
} from '../../model/available-to-promise.ts';
import { balanceKeyString } from '../../model/balance-key.ts';
import { dayIn } from '../../model/day.ts';
import { availableTo } from '../../model/split-quota.ts';
import type {
  ChannelPolicy,
  KnownFact,
  LockedBalance,
  LockedCampaign,
  LockedLevel,
  LockedLine,
  LockedQuota,
  LockedReservation,
  LockedRows,
  LockedSupply,
  PoolPolicy,
} from './locked-rows.ts';
import { LockedOrderFacts } from './order-facts.ts';
import type { SupplyPlan } from './supply-plan.ts';

/** The rows that one batch has locked, to read: what decisions go by. Changes are made by LockedStock. */
export class StockFigures {
  readonly now: Date;
  readonly channels: Map<string, ChannelPolicy>;
  readonly pools: Map<string, PoolPolicy>;
  readonly nodes: Map<string, { code: string; pool: string }>;
  readonly campaigns: Map<string, LockedCampaign>;
  readonly skus: Set<string>;
  readonly facts: KnownFact[];
  readonly supplies: LockedSupply[];
  protected readonly balances: Map<string, LockedBalance>;
  /** By pool; to ask the calendar takes longer than the rest of a decision. */
  private readonly days = new Map<string, string>();
  protected readonly quotas: Map<string, LockedQuota[]>;
  protected readonly levels: Map<string, LockedLevel>;
  protected readonly plans = new Map<string, SupplyPlan>();
  protected readonly reservations: Map<string, LockedReservation>;
  /** Refunds and returns of orders. */
  readonly orders: LockedOrderFacts;

  constructor(rows: LockedRows) {
    const byCode = <T extends { code: string }>(list: T[]) => new Map(list.map((item) => [item.code, item]));
    this.now = rows.now;
    this.channels = byCode(rows.channels);
    this.pools = byCode(rows.pools);
    this.nodes = byCode(rows.nodes);
    this.skus = new Set(rows.skus);
    this.facts = rows.facts;
    this.supplies = rows.supplies;
    this.balances = new Map(rows.balances.map((row) => [balanceKeyString(row.sku, row.pool), row]));
    this.quotas = Map.groupBy(rows.quotas, ({ sku, pool }) => balanceKeyString(sku, pool));
    this.campaigns = byCode(rows.campaigns);
    this.levels = new Map(rows.levels.map((row) => [balanceKeyString(row.sku, row.node), row]));
    this.reservations = new Map(rows.reservations.map((row) => [row.id, row]));
    this.orders = new LockedOrderFacts(rows.orderFacts, rows.pendingReturns);
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
    return this.balances.get(balanceKeyString(sku, pool));
  }

  allBalances(): LockedBalance[] {
    return [...this.balances.values()];
  }

  level(sku: string, node: string): LockedLevel {
    const level = this.levels.get(balanceKeyString(sku, node));
    if (!level) throw new Error(`the level of ${sku} at ${node} was not locked`);
    return level;
  }

  /** Units a node has that no allocation has taken; none where it has never had the SKU. */
  unallocatedAt(sku: string, node: string): number {
    const level = this.levels.get(balanceKeyString(sku, node));
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

  /** The units that the channel can be promised of a SKU now. */
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
    return availableTo(selling, quantity, this.quotas.get(balanceKeyString(sku, pool)) ?? []);
  }

  /** Supply of a balance and the dated promises of it; undefined where nothing is, and nobody asked. */
  plan(sku: string, pool: string): SupplyPlan | undefined {
    return this.plans.get(balanceKeyString(sku, pool));
  }

  allPlans(): SupplyPlan[] {
    return [...this.plans.values()];
  }

  requirePlan(sku: string, pool: string): SupplyPlan {
    const plan = this.plan(sku, pool);
    if (!plan) throw new Error(`nobody has asked for the plan of ${sku} in ${pool}`);
    return plan;
  }

  /** Lines of live reservations on a balance, newest reservation first. */
  linesOf(sku: string, pool: string): { reservation: LockedReservation; line: LockedLine }[] {
    return [...this.reservations.values()]
      .flatMap((reservation) => reservation.lines.map((line) => ({ reservation, line })))
      .filter(({ line }) => line.sku === sku && line.pool === pool)
      .sort((a, b) => (a.reservation.id < b.reservation.id ? 1 : -1));
  }
}
