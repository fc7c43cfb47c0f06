import type { HubError } from '../../platform/errors.ts';
import type { Actor } from '../../platform/api/actor.ts';
import type { ReservationState, RestockReason, StockCondition, StockCounter } from '../model/stock.enums.ts';

/**
 * Commands and outcomes of the engine. Outcomes are plain JSON: they are what is stored under the idempotency key, and
 * what a repetition of the call gets.
 */

export interface LineRequest {
  sku: string;
  quantity: number;
}

export interface Reserve {
  type: 'reserve';
  channel: string;
  /** The channel's own pool when left out. */
  pool: string | undefined;
  reference: string;
  lines: LineRequest[];
  /** The channel's policy when left out. */
  ttlSeconds: number | undefined;
  /** Accepts less than asked for, instead of all or nothing. */
  partial: boolean;
  /** The day the goods are needed; today when left out. */
  neededOn?: string | undefined;
  /** The last day that will do; that of `neededOn`, or of the campaign's goods, when left out. */
  acceptUntil?: string | undefined;
  /** The presale to draw from. */
  campaign?: string | undefined;
  /** Also take what is withheld for urgent use; the caller has the right to. */
  useSafetyBuffer?: boolean;
}
export interface Confirm {
  type: 'confirm';
  reservationId: string;
  orderExternalId: string | undefined;
}
export interface Release {
  type: 'release';
  reservationId: string;
  reason: string | undefined;
}
export interface Extend {
  type: 'extend';
  reservationId: string;
  ttlSeconds: number;
}
export interface ReturnedLine {
  orderLineId: string;
  channel: string;
  orderExternalId: string;
  ordered: number;
  /** Of an order that left before the hub knew of it; else the reservations tell. */
  shipped: number;
}
export interface RestockLine {
  sku: string;
  quantity: number;
  condition: StockCondition;
  /** The returned line of an order. */
  returnOf: ReturnedLine | undefined;
  /** Purchase order or transfer: its id here or in its own system. */
  inbound: string | undefined;
}
export interface Restock {
  type: 'restock';
  node: string;
  reason: RestockReason;
  externalEventId: string | undefined;
  lines: RestockLine[];
}
export interface Adjust {
  type: 'adjust';
  node: string;
  reason: string;
  /** The count's id in its source: the same count, told again, changes nothing. */
  externalEventId: string | undefined;
  /** When the shelf was counted, where that is known: a count older than the newest one changes nothing. */
  countedAt?: Date;
  /** Exactly one of a signed correction and a count. */
  lines: ({ sku: string } & ({ delta: number } | { counted: number }))[];
}
/** Units of a node that are in another condition than was thought. */
export interface InspectLine {
  sku: string;
  quantity: number;
  from: StockCondition;
  to: StockCondition;
}
export interface Inspect {
  type: 'inspect';
  node: string;
  externalEventId: string | undefined;
  lines: InspectLine[];
}
export interface Cancel {
  type: 'cancel';
  reservationId: string;
  /** All lines when left out. */
  lines: LineRequest[] | undefined;
  reason: string | undefined;
}
/** Units of a SKU at a node. */
export interface NodeUnits {
  node: string;
  sku: string;
  quantity: number;
}
/** Gives confirmed units of an order's reservations to nodes, all or none; a node that has run out is named. */
export interface Allocate {
  type: 'allocate';
  reservationIds: string[];
  assignments: NodeUnits[];
}
/** Units that a node reports as sent, or not. */
export interface Ship {
  type: 'ship';
  reservationIds: string[];
  node: string;
  lines: LineRequest[];
}
export interface RejectAtNode {
  type: 'reject';
  reservationIds: string[];
  node: string;
  lines: LineRequest[];
  /** The effect of the reason on the shelf: empty, fewer by as many, or that many damaged. */
  effect: 'EMPTY' | 'LOWER' | 'DAMAGED' | 'NONE';
  reason: string;
}
/** An order that its channel has accepted. Its reservations are those bound to it or made under its id. */
export interface RecordChannelOrder {
  type: 'takeOrder';
  channel: string;
  orderExternalId: string;
  /** Unpaid, paid, called off, or gone out. */
  event: 'HOLD' | 'CONFIRM' | 'CANCEL' | 'SHIP';
  /** Each SKU once, with all the order's units of it. */
  lines: LineRequest[];
  /** Where units that no node had been given have gone out from, for SHIP. */
  shipFrom: NodeUnits[];
}
/** Policies for shipped units whose money has gone back. */
export const ReturnPolicy = {
  NONE: 'NONE',
  EXPECTED_RETURN: 'EXPECTED_RETURN',
  SELLABLE_ON_PROOF: 'SELLABLE_ON_PROOF',
} as const;
export type ReturnPolicy = keyof typeof ReturnPolicy;
export interface RefundLine {
  orderLineId: string;
  sku: string;
  quantity: number;
  /** Of the whole order line. */
  ordered: number;
}
/** Money that has gone back to the customer; settled in finance. */
export interface Refund {
  type: 'refund';
  channel: string;
  orderExternalId: string;
  /** The refund's id in finance: the same one, told again, changes nothing. */
  externalEventId: string;
  settledAt: string;
  policy: ReturnPolicy;
  lines: RefundLine[];
}
export interface PlannedLine {
  sku: string;
  /** All of it, received or not. */
  quantity: number;
  availableOn: string;
}
/** Goods on their way to a node; replaces what was said before of the lines named. */
export interface RecordInbound {
  type: 'recordInbound';
  kind: 'PURCHASE_ORDER' | 'TRANSFER';
  /** Of the purchase order or transfer, in its own system. */
  externalId: string;
  node: string;
  /** Each SKU once. */
  lines: PlannedLine[];
}
/** A presale as it is to be from now on: SKUs that it no longer names are planned no longer. */
export interface ConfigurePresale {
  type: 'configurePresale';
  code: string;
  pool: string;
  startsAt: string;
  endsAt: string;
  /** Units over all SKUs; not limited when null. */
  cap: number | null;
  /** The channel that is not named is not limited by itself. */
  channelCaps: { channel: string; units: number }[];
  /** Each SKU once. */
  lines: PlannedLine[];
}
/** How a pool looks at what is to come; what is left out stays as it is. */
export interface ConfigurePool {
  type: 'configurePool';
  pool: string;
  overdueOffsetDays: number | undefined;
  overdueFenceDays: number | undefined;
  resaleRate: number | undefined;
}
/** Writes down what the clock has done to promises for later days. */
export interface Settle {
  type: 'settle';
  pool: string;
  lines: { sku: string }[];
}
/** Commands that change supply: it changes what later days can be promised. */
export type PlanCommand = RecordInbound | ConfigurePresale | ConfigurePool | Settle;
export type StockCommand =
  | PlanCommand
  | RecordChannelOrder
  | Refund
  | Reserve
  | Confirm
  | Release
  | Extend
  | Cancel
  | Allocate
  | Ship
  | RejectAtNode
  | Restock
  | Adjust
  | Inspect;

/** A command with who gives it and the key that makes its repetition safe. */
export interface Submission {
  command: StockCommand;
  actor: Actor;
  idempotency: { key: string; operation: string; bodyHash: string; requestId?: string };
}

export interface Shortage {
  sku: string;
  requested: number;
  available: number;
  availableOn: string | null;
}
export interface ReservationEvent {
  at: string;
  state: ReservationState;
  actor: string;
  reason: string | null;
}
export interface ReservationLineState {
  sku: string;
  promisedOn: string;
  quantity: number;
  released: number;
  allocated: number;
  shipped: number;
  unbacked: number;
}
export interface ReservationOutcome {
  type: 'Reservation';
  id: string;
  state: ReservationState;
  channel: string;
  pool: string;
  reference: string;
  campaign: string | null;
  orderExternalId: string | null;
  createdAt: string;
  expiresAt: string | null;
  lines: ReservationLineState[];
  shortages: Shortage[];
  events: ReservationEvent[];
}
export interface InsufficientOutcome {
  type: 'InsufficientStock';
  shortages: Shortage[];
}
export interface NotOpenOutcome {
  type: 'ReservationNotOpen';
  reservationId: string;
  state: ReservationState;
}
export interface MovementRecord {
  sku: string;
  pool: string;
  node: string | null;
  counter: StockCounter;
  delta: number;
  cause: string;
  at: string;
}
export interface RestockOutcome {
  type: 'Restock';
  id: string;
  pool: string;
  skus: string[];
  movements: MovementRecord[];
}
export interface RestockRefusedOutcome {
  type: 'RestockRefused';
  reason: string;
  sku: string | null;
  restockable: number | null;
}
/** Nodes that no longer have what they were to be given. Nothing changed. */
export interface NodesRanOutOutcome {
  type: 'NodesRanOut';
  shortages: { node: string; sku: string; requested: number; available: number }[];
}
/** The reservations of an order after what nodes were given, or have said. */
export interface FulfilmentOutcome {
  type: 'Fulfilment';
  reservations: ReservationOutcome[];
}
export type NodeAnswerOutcome = FulfilmentOutcome | NotOpenOutcome;
export type AllocateOutcome = FulfilmentOutcome | NotOpenOutcome | NodesRanOutOutcome;
export type ReserveOutcome = ReservationOutcome | InsufficientOutcome;
export type ReservationCommandOutcome = ReservationOutcome | NotOpenOutcome;
export type PhysicalOutcome = RestockOutcome | RestockRefusedOutcome;
/** A promise for a later day that could not be kept. */
export interface Repromise {
  reservationId: string;
  sku: string;
  units: number;
  promisedBefore: string;
  /** Null while nothing is planned that could serve it. */
  promisedOn: string | null;
}
/** The new state of a supply, and the promises it broke. */
export interface PlannedOutcome {
  type: 'Planned';
  pool: string;
  skus: string[];
  repromised: Repromise[];
}
export type Outcome =
  ReserveOutcome | NotOpenOutcome | FulfilmentOutcome | NodesRanOutOutcome | PhysicalOutcome | PlannedOutcome;

/** The result of one submission of a batch: an outcome, or a bad request, of which nothing is stored. */
export type Decision = { outcome: Outcome } | { refusal: HubError };

/** Whether a basket accepts other days than today. */
export function isForLater(command: Extract<StockCommand, { type: 'reserve' }>): boolean {
  return (
    command.neededOn !== undefined || command.acceptUntil !== undefined || command.campaign !== undefined
  );
}
