import type { BalanceFigures } from '../../model/available-to-promise.ts';
import type { ChannelQuota, SellsFrom } from '../../model/split-quota.ts';
import { ReservationState } from '../../model/stock.enums.ts';
import type { PlanningRules, Supply, SupplyKind } from '../../model/timeline.ts';
import type { OrderFactSums, PendingReturn } from './order-facts.ts';
import type {
  MovementRecord,
  ReservationEvent,
  ReservationOutcome,
  RestockOutcome,
  Shortage,
} from '../command.ts';

/** The rows that a batch locks, as they are in memory; quantities are units, days yyyy-mm-dd in the pool's time zone. */

export interface LockedBalance extends Omit<BalanceFigures, 'expired'> {
  sku: string;
  pool: string;
  commitCounter: number;
  /** Units promised for later days: held, and paid. */
  datedHeld: number;
  datedConfirmed: number;
  /** Whether rows of `channel_quota` name it. */
  hasQuotas: boolean;
  /** Whether a presale campaign has supply planned for it. */
  hasPresale: boolean;
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
  /** Units that are promised for a later day and not counted as today's yet. */
  dated: number;
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
  dated: 0,
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
  /** The presale it draws from. */
  campaign: string | null;
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
  kind: SupplyKind;
  externalId: string;
  sku: string;
  pool: string;
  /** Where it is to arrive, if that is known. */
  node: string | null;
  ordered: number;
  received: number;
  availableOn: string;
  /** Nobody is promised of it before; always counts when null. */
  countsFrom: Date | null;
}
/** Units of a supply that are still to come. */
export function outstanding({ ordered, received }: LockedSupply): number {
  return Math.max(0, ordered - received);
}
/** The units of a supply that may be promised at an instant. */
export function promisableSupply(supply: LockedSupply, now: Date): Supply | undefined {
  const { kind, countsFrom, availableOn } = supply;
  if (countsFrom !== null && countsFrom > now) return undefined;
  return { kind, quantity: outstanding(supply), availableOn };
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

/** A pool with how it looks at what is to come. */
export interface PoolPolicy extends Required<PlanningRules> {
  code: string;
  timeZone: string;
}

/** How far a presale may go: as a whole, by a channel, of a SKU. */
export interface LockedLimit {
  kind: 'TOTAL' | 'CHANNEL' | 'SKU';
  subject: string;
  /** Null: counted, not limited. */
  units: number | null;
  used: number;
}
export interface LockedCampaign {
  code: string;
  pool: string;
  startsAt: Date;
  endsAt: Date;
  limits: LockedLimit[];
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
  pools: PoolPolicy[];
  nodes: { code: string; pool: string }[];
  skus: string[];
  balances: LockedBalance[];
  quotas: LockedQuota[];
  campaigns: LockedCampaign[];
  levels: LockedLevel[];
  supplies: LockedSupply[];
  facts: KnownFact[];
  reservations: LockedReservation[];
  orderFacts: OrderFactSums[];
  pendingReturns: PendingReturn[];
}

/** Nothing at all, to begin from where few kinds of rows are of interest. */
export function noRows(now: Date): LockedRows {
  return {
    now,
    channels: [],
    pools: [],
    nodes: [],
    skus: [],
    balances: [],
    quotas: [],
    campaigns: [],
    levels: [],
    supplies: [],
    facts: [],
    reservations: [],
    orderFacts: [],
    pendingReturns: [],
  };
}

/** Units of a line that still count: neither freed nor shipped. */
export function live(line: LockedLine): number {
  return line.reserved - line.released - line.shipped;
}

/** Units of a line that may be given to nodes: today's, and no node's yet. */
export function openUnits(line: LockedLine): number {
  return live(line) - line.allocated - line.dated;
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
    campaign: reservation.campaign,
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
