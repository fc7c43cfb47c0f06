import { ReservationState, StockCounter } from '../../model/stock.enums.ts';
import type { Submission } from '../command.ts';
import type { EngineSession } from '../connection/engine-session.ts';
import { LockedStock } from '../state/locked-stock.ts';
import * as sql from './lock-order.sql.ts';
import { addSupplyPlans, lockSupply, plannedPlaces } from './lock-supply.ts';
import { settleAll } from '../steps/settle-supply-plans.ts';
import * as factsSql from './order-facts.sql.ts';
import type { OrderFactSums, OrderOfChannel, PendingReturn } from '../state/order-facts.ts';
import {
  columnsOf,
  levelsOf,
  nodeLevelsOfBatch,
  batchLockSet,
  type LevelKey,
  type References,
  type BatchLockSet,
} from './batch-lock-set.ts';
import { shortfallLockSet, type ShortfallBalance } from './shortfall-lock-set.ts';
import { balanceKeyString, type BalanceKey } from '../../model/balance-key.ts';
import type {
  KnownFact,
  LockedAllocation,
  LockedBalance,
  LockedLevel,
  LockedLine,
  LockedQuota,
  LockedReservation,
} from '../state/locked-rows.ts';

/**
 * Locks everything the commands touch, in the one order, and brings expired holds home. What does not need the rows of
 * a statement before it is sent together with it.
 */
export async function lockBatch(session: EngineSession, submissions: Submission[]): Promise<LockedStock> {
  const set = batchLockSet(submissions);
  // Not awaited for nothing: the statements that follow travel with the claim of the keys.
  const before = concernsUnnamed(set) ? await readUnnamed(session, set) : NOTHING_UNNAMED;
  const named = [...new Set([...set.reservations, ...before.ofOrders])];
  const { references, balances, now, expired, ofOrders } = await lockBalances(session, set, before, named);
  const returns = concernsUnnamed(set) ? await readUnchanged(session, set, before, ofOrders) : [];

  const places = nodeLevelsOfBatch(submissions, references);
  places.physical.push(...returns);
  places.levels.push(...returns);
  const quotas = await lockQuotas(session, balances);
  const plans = await lockSupply(session, submissions, balances, references.pools, places.physical, now);
  const targets = named.length > 0 ? await readLines(session, named) : new Map<string, LockedLine[]>();
  const levels = await lockLevels(session, places.newLevels, [...places.levels, ...levelsOf(targets)]);
  const stakes = shortfallLockSet(submissions, balances, levels, [...targets.values()].flat());
  const others = [
    ...expired.map((hold) => hold.reservationId),
    ...(await reservationsAtStake(session, stakes)),
    ...plans.reservations,
  ];
  const ids = [...new Set([...named, ...others])].toSorted();
  const lines = others.length > 0 ? await readLines(session, ids) : targets;
  const facts = places.physical.length > 0 ? await readFacts(session, set) : [];
  const [reservations, orderFacts] = await Promise.all([
    ids.length > 0 ? lockReservations(session, ids, lines) : [],
    readOrderFacts(session, set, ids),
  ]);

  const stock = new LockedStock({
    ...references,
    now,
    balances,
    quotas,
    levels,
    campaigns: plans.campaigns,
    supplies: plans.supplies,
    facts,
    reservations,
    orderFacts,
    pendingReturns: returns,
  });
  addSupplyPlans(stock, plans);
  for (const { sku, pool, units, dated, reservationId } of expired) {
    const cause = { cause: 'EXPIRE', actor: 'clock', reservationId };
    stock.move(sku, pool, StockCounter.HELD, -units, cause);
    stock.move(sku, pool, StockCounter.DATED_HELD, -dated, cause);
  }
  for (const reservation of reservations) expire(stock, reservation);
  settleAll(stock, 'clock');
  stock.releaseQuotas();
  return stock;
}

/** The rows that a batch concerns without naming them; they may change until its balances are locked. */
interface Unnamed {
  /** Reservations of the orders. */
  ofOrders: string[];
  planned: BalanceKey[];
  returns: PendingReturn[];
}

const NOTHING_UNNAMED: Unnamed = { ofOrders: [], planned: [], returns: [] };

const concernsUnnamed = ({ orders, planned, countsReturns }: BatchLockSet) =>
  countsReturns || orders.length + planned.campaigns.length + planned.pools.length > 0;

async function readUnnamed(session: EngineSession, set: BatchLockSet): Promise<Unnamed> {
  const ofOrders = await reservationsOfOrders(session, set.orders);
  const planned = await plannedPlaces(session, set);
  const returns = set.countsReturns ? await pendingReturns(session, set) : [];
  return { ofOrders, planned, returns };
}

/**
 * Reads again, under the locks, what the batch concerns without naming it.
 * @param ofOrders the reservations of the orders, as read with the locks
 * @returns the returns
 * @throws what makes the batch be tried again, when it is not what was locked for
 */
async function readUnchanged(
  session: EngineSession,
  set: BatchLockSet,
  before: Unnamed,
  ofOrders: readonly string[],
): Promise<PendingReturn[]> {
  requireSame(before.ofOrders, ofOrders);
  requireSame(before.planned.map(placeKey), (await plannedPlaces(session, set)).map(placeKey));
  const returns = set.countsReturns ? await pendingReturns(session, set) : [];
  requireSame(before.returns.map(idOf), returns.map(idOf));
  return returns;
}

/** The way to the hot rows, in one go. */
async function lockBalances(
  session: EngineSession,
  set: BatchLockSet,
  { planned, returns }: Unnamed,
  named: string[],
) {
  const all = columnsOf([...set.places, ...planned, ...returns], named);
  const [references, , balances, reclaimed, ofOrders] = await Promise.all([
    session.queryColumns<References>(sql.readReferences, [set.channels, set.nodes, set.skus, named]),
    set.createdPlaces.length > 0
      ? session.queryColumns(sql.createBalances, columnsOf(set.createdPlaces, []))
      : [],
    session.queryColumns<LockedBalance>(sql.lockBalancesSql, all),
    reclaim(session, all),
    reservationsOfOrders(session, set.orders),
  ]);
  return { references: references[0]!, balances, ...reclaimed, ofOrders };
}

function readFacts(session: EngineSession, { events, orderLines }: BatchLockSet): Promise<KnownFact[]> {
  return session.query<KnownFact>(sql.readFacts, { events, orderLines });
}

async function reservationsAtStake(session: EngineSession, stakes: ShortfallBalance[]): Promise<string[]> {
  if (stakes.length === 0) return [];
  const rows = await session.query<{ id: string }>(sql.reservationsAtStake, stakes);
  return rows.map(idOf);
}

async function lockQuotas(session: EngineSession, balances: LockedBalance[]): Promise<LockedQuota[]> {
  const places = balances.filter(({ hasQuotas }) => hasQuotas).map(({ sku, pool }) => ({ sku, pool }));
  return places.length > 0 ? session.query(sql.lockQuotas, places) : [];
}

async function reservationsOfOrders(session: EngineSession, orders: OrderOfChannel[]): Promise<string[]> {
  if (orders.length === 0) return [];
  const rows = await session.query<{ id: string }>(sql.reservationsOfOrders, orders);
  return rows.map(({ id }) => id);
}

/**
 * Balances are locked for the reservations that an order had a moment ago; one that somebody else has made since lies
 * on balances that may not be. Nothing has happened yet, and the next attempt sees it.
 */
function requireSame(before: readonly string[], now: readonly string[]): void {
  if (now.length !== before.length || now.some((id) => !before.includes(id)))
    throw changedMeanwhile('what a command concerns has changed meanwhile');
}

/** Nothing has happened, and trying again is safe: what a serialisation failure says. */
export function changedMeanwhile(what: string): Error {
  return Object.assign(new Error(what), { code: '40001' });
}

const placeKey = ({ sku, pool }: BalanceKey) => balanceKeyString(sku, pool);

const idOf = ({ id }: { id: string }) => id;

/**
 * Reads returns of orders that the batch may ship, or whose returns it reports; their places are to be locked as well.
 */
function pendingReturns(session: EngineSession, { shipped, orders }: BatchLockSet): Promise<PendingReturn[]> {
  return session.query<PendingReturn>(factsSql.readPendingReturns, { reservations: shipped, orders });
}

/** Refunds and returns of the orders that are paid, shipped or told of. */
async function readOrderFacts(
  session: EngineSession,
  { readsOrderFacts, paidOrShipped, orders }: BatchLockSet,
  loaded: readonly string[],
): Promise<OrderFactSums[]> {
  if (!readsOrderFacts) return [];
  return session.query<OrderFactSums>(factsSql.readOrderFacts, {
    reservations: paidOrShipped,
    orders,
    loaded,
  });
}

async function lockLevels(
  session: EngineSession,
  mayCreate: boolean,
  places: LevelKey[],
): Promise<LockedLevel[]> {
  if (places.length === 0) return [];
  if (mayCreate) await session.query(sql.createLevels, places);
  return session.query<LockedLevel>(sql.lockLevels, places);
}

interface ExpiredHold extends BalanceKey {
  reservationId: string;
  units: number;
  /** Those that were promised for a later day. */
  dated: number;
}

async function reclaim(
  session: EngineSession,
  places: ReturnType<typeof columnsOf>,
): Promise<{ now: Date; expired: ExpiredHold[] }> {
  const rows = await session.queryColumns<
    { now: Date } & { [K in keyof ExpiredHold]: ExpiredHold[K] | null }
  >(sql.reclaimExpired, places);
  return {
    now: rows[0]!.now,
    expired: rows.filter((row): row is ExpiredHold & { now: Date } => row.sku !== null),
  };
}

async function readLines(session: EngineSession, ids: string[]): Promise<Map<string, LockedLine[]>> {
  type OfLine = { reservationId: string; lineNo: number };
  const lines = await session.queryColumns<Omit<LockedLine, 'allocations'> & OfLine>(sql.readLines, [ids]);
  const allocations = await session.queryColumns<LockedAllocation & OfLine>(sql.readAllocations, [ids]);
  const ofLine = Map.groupBy(allocations, ({ reservationId, lineNo }) => `${reservationId} ${lineNo}`);
  const whole = lines.map(({ reservationId, ...line }) => ({
    reservationId,
    line: {
      ...line,
      allocations: (ofLine.get(`${reservationId} ${line.lineNo}`) ?? []).map(
        ({ node, allocated, shipped }) => ({
          node,
          allocated,
          shipped,
        }),
      ),
    },
  }));
  const grouped = Map.groupBy(whole, ({ reservationId }) => reservationId);
  return new Map([...grouped].map(([id, some]) => [id, some.map(({ line }) => line)]));
}

async function lockReservations(
  session: EngineSession,
  ids: string[],
  lines: Map<string, LockedLine[]>,
): Promise<LockedReservation[]> {
  const rows = await session.queryColumns<Omit<LockedReservation, 'lines'>>(sql.lockReservations, [ids]);
  return rows.map((row) => ({ ...row, lines: lines.get(row.id) ?? [] }));
}

/** A hold whose time is over has ended, whether or not all its lines were among the locked balances. */
function expire(stock: LockedStock, reservation: LockedReservation): void {
  if (reservation.state !== ReservationState.HELD || reservation.expiresAt > stock.now) return;
  reservation.state = ReservationState.EXPIRED;
  const event = {
    at: reservation.expiresAt.toISOString(),
    state: ReservationState.EXPIRED,
    actor: 'clock',
    reason: null,
  };
  reservation.events = [...reservation.events, event];
  stock.change(reservation);
}
