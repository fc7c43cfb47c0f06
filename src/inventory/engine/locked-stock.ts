import { v7 as uuidv7 } from 'uuid';
import type { BalanceFigures } from '../available-to-promise.ts';
import { atpToday, dayIn, promisableQuantity } from '../available-to-promise.ts';
import { availableTo, type ChannelQuota, type SellsFrom } from '../quota.ts';
import { OrderFacts, type OrderFactSums, type PendingReturn } from './order-facts.ts';
import type { TaskToOpen } from '../../review/index.ts';
import { ReservationState, StockCounter } from '../stock.enums.ts';
import type {
  MovementRecord,
  ReservationEvent,
  ReservationOutcome,
  RestockOutcome,
  Shortage,
} from './command.ts';

/**
 * The rows that one batch has locked, in memory. Commands are decided on it one after the other, each seeing what
 * those before it did; what has changed is then written at once. No input or output happens here.
 */

export interface LockedBalance extends Omit<BalanceFigures, 'expired'> {
  sku: string;
  pool: string;
  commitCounter: number;
  /** Whether rows of `channel_quota` name it. */
  hasQuotas: boolean;
}
/** A channel's part of a balance, with what it has taken of it. */
export interface LockedQuota extends ChannelQuota {
  sku: string;
  pool: string;
  /** From then on its exclusive part is shared. */
  releaseAt: Date | null;
}
export interface LockedLevel {
  sku: string;
  node: string;
  onHand: number;
  damaged: number;
  quarantined: number;
  allocated: number;
  /** Of the newest dated count. */
  countedAt: Date | null;
}
export interface LockedLine {
  lineNo: number;
  sku: string;
  pool: string;
  promisedOn: string;
  reserved: number;
  released: number;
  allocated: number;
  shipped: number;
  unbacked: number;
  /** Units that were called off, and units whose money went back, since the line is paid. */
  cancelled: number;
  refunded: number;
  /** Units that the channel had sold beyond what it could sell. */
  oversold: number;
  /** Set while the line is held. */
  holdExpiresAt: Date | null;
  /** Where the line has been given to nodes; by node code. */
  allocations: LockedAllocation[];
}
/** The counters of a line to which nothing has happened yet. */
export const untouchedLine = {
  released: 0,
  allocated: 0,
  shipped: 0,
  unbacked: 0,
  cancelled: 0,
  refunded: 0,
  oversold: 0,
};
/** Units of a line at one node. */
export interface LockedAllocation {
  node: string;
  /** Not shipped yet. */
  allocated: number;
  shipped: number;
}
export interface LockedReservation {
  id: string;
  partner: string;
  channel: string;
  pool: string;
  reference: string;
  orderExternalId: string | null;
  state: ReservationState;
  createdAt: Date;
  expiresAt: Date;
  shortages: Shortage[];
  events: ReservationEvent[];
  lines: LockedLine[];
}
export interface LockedSupply {
  id: string;
  externalId: string;
  sku: string;
  pool: string;
  ordered: number;
  received: number;
}
/** Units that are on their way back from a customer, by order line. */
export interface NewSupply extends LockedSupply {
  kind: 'EXPECTED_RETURN';
  availableOn: string;
}
/** Units of a supply that are still to come. */
export function outstanding({ ordered, received }: LockedSupply): number {
  return Math.max(0, ordered - received);
}
/** A fact that is already on record, with what it answered. */
export interface KnownFact {
  kind: string;
  scope: string;
  externalEventId: string | null;
  orderLineId: string | null;
  returnedQuantity: number | null;
  refundedQuantity: number | null;
  restock: RestockOutcome;
}
export interface NewFact extends Omit<KnownFact, 'restock'> {
  id: string;
  restockId: string;
  /** The order that it is about, and what of it; absent where it is about none. */
  channel?: string | null;
  orderExternalId?: string | null;
  sku?: string | null;
  reason: string | null;
  settledAt: string | null;
  /** Of the returned units. */
  sellableQuantity: number | null;
  actor: string;
}
export interface ChannelPolicy {
  code: string;
  pool: string;
  holdTtlSeconds: number;
  sellsFrom: SellsFrom;
}

/** A row of the ledger to be written. */
export interface Movement extends MovementRecord {
  reservationId: string | null;
  restockId: string | null;
  supplyId: string | null;
  actor: string;
}

/** Why a counter moves. */
export interface Cause {
  cause: string;
  actor: string;
  reservationId?: string;
  restockId?: string;
  supplyId?: string;
  node?: string;
}

export interface LockedRows {
  now: Date;
  channels: ChannelPolicy[];
  pools: { code: string; timeZone: string }[];
  nodes: { code: string; pool: string }[];
  skus: string[];
  balances: LockedBalance[];
  quotas: LockedQuota[];
  levels: LockedLevel[];
  supplies: LockedSupply[];
  facts: KnownFact[];
  reservations: LockedReservation[];
  orderFacts: OrderFactSums[];
  pendingReturns: PendingReturn[];
}

/** A SKU in a pool: what ATP is known of. */
export interface StockPlace {
  sku: string;
  pool: string;
}

export const balanceKey = (sku: string, pool: string) => `${pool}\u0000${sku}`;
const levelKey = balanceKey;

export class LockedStock {
  readonly now: Date;
  readonly channels: Map<string, ChannelPolicy>;
  readonly pools: Map<string, { code: string; timeZone: string }>;
  readonly nodes: Map<string, { code: string; pool: string }>;
  readonly skus: Set<string>;
  readonly facts: KnownFact[];
  readonly supplies: LockedSupply[];
  private readonly balances: Map<string, LockedBalance>;
  /** By pool; to ask the calendar takes longer than the rest of a decision. */
  private readonly days = new Map<string, string>();
  private readonly quotas: Map<string, LockedQuota[]>;
  private readonly levels: Map<string, LockedLevel>;
  private readonly reservations: Map<string, LockedReservation>;
  /** What is known of orders' refunds and returns. */
  readonly orders: OrderFacts;

  /** What callers were told is missing; the first better day is filled in before anything is written. */
  readonly shortages: { shortage: Shortage; pool: string }[] = [];
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
  readonly newSupplies: NewSupply[] = [];
  readonly changedQuotas = new Set<LockedQuota>();

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
    this.levels = new Map(rows.levels.map((row) => [levelKey(row.sku, row.node), row]));
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

  level(sku: string, node: string): LockedLevel {
    const level = this.levels.get(levelKey(sku, node));
    if (!level) throw new Error(`the level of ${sku} at ${node} was not locked`);
    return level;
  }

  /** A supply of what comes back of an order line; none of it yet. */
  expectReturn(orderLineId: string, sku: string, pool: string, availableOn: string): LockedSupply {
    const supply: NewSupply = {
      id: uuidv7(),
      kind: 'EXPECTED_RETURN',
      externalId: orderLineId,
      sku,
      pool,
      ordered: 0,
      received: 0,
      availableOn,
    };
    this.supplies.push(supply);
    this.newSupplies.push(supply);
    return supply;
  }

  /** Units a node has that no allocation has taken; none where it has never had the SKU. */
  unallocatedAt(sku: string, node: string): number {
    const level = this.levels.get(levelKey(sku, node));
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

  /** What the channel can be promised of a SKU now; every hold that had expired has been reclaimed before. */
  available(sku: string, pool: string, channel: string, useSafetyBuffer = false): number {
    const balance = this.balance(sku, pool);
    if (!balance) return 0;
    const figures = { ...balance, expired: 0 };
    const quantity = useSafetyBuffer ? Math.max(0, atpToday(figures)) : promisableQuantity(figures);
    const selling = this.channels.get(channel) ?? { code: channel, sellsFrom: 'POOL' };
    return availableTo(selling, quantity, this.quotas.get(balanceKey(sku, pool)) ?? []);
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
    if (promisedCounters.has(counter) && cause.cause !== 'SHIP') this.useQuota(sku, pool, delta, cause);
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

/** What a channel takes of a balance is the sum of these; shipping gives nothing back. */
const promisedCounters = new Set([StockCounter.HELD, StockCounter.CONFIRMED, StockCounter.ALLOCATED]);
const balanceColumn: Partial<
  Record<StockCounter, 'onHand' | 'allocated' | 'confirmed' | 'held' | 'unbacked'>
> = {
  [StockCounter.ON_HAND]: 'onHand',
  [StockCounter.ALLOCATED]: 'allocated',
  [StockCounter.CONFIRMED]: 'confirmed',
  [StockCounter.HELD]: 'held',
  [StockCounter.UNBACKED]: 'unbacked',
};
const levelColumn: Partial<Record<StockCounter, 'onHand' | 'damaged' | 'quarantined' | 'allocated'>> = {
  [StockCounter.ON_HAND]: 'onHand',
  [StockCounter.DAMAGED]: 'damaged',
  [StockCounter.QUARANTINED]: 'quarantined',
  [StockCounter.ALLOCATED]: 'allocated',
};

/** Units of a line that still count: neither freed nor shipped. */
export function live(line: LockedLine): number {
  return line.reserved - line.released - line.shipped;
}

/** The reservation as its caller sees it. */
export function describeReservation(reservation: LockedReservation): ReservationOutcome {
  return {
    type: 'Reservation',
    id: reservation.id,
    state: reservation.state,
    channel: reservation.channel,
    pool: reservation.pool,
    reference: reservation.reference,
    orderExternalId: reservation.orderExternalId,
    createdAt: reservation.createdAt.toISOString(),
    expiresAt: reservation.state === ReservationState.HELD ? reservation.expiresAt.toISOString() : null,
    lines: reservation.lines.map((line) => ({
      sku: line.sku,
      promisedOn: line.promisedOn,
      quantity: line.reserved,
      released: line.released,
      allocated: line.allocated,
      shipped: line.shipped,
      unbacked: line.unbacked,
    })),
    shortages: reservation.shortages,
    events: reservation.events,
  };
}
