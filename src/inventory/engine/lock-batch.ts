import type { ClientBase } from 'pg';
import { ReservationState, StockCounter } from '../stock.enums.ts';
import type { StockCommand, Submission } from './command.ts';
import { factKind, scopesOf } from './known-facts.ts';
import {
  LockedStock,
  balanceKey,
  type KnownFact,
  type LockedAllocation,
  type LockedBalance,
  type LockedLevel,
  type LockedLine,
  type LockedQuota,
  type LockedReservation,
  type LockedRows,
  type StockPlace,
} from './locked-stock.ts';
import * as sql from './lock-order.sql.ts';
import { addPlans, isForLater, lockPlans, plannedPlaces } from './lock-plans.ts';
import { query } from './query.ts';
import { settleAll } from './settle-plans.ts';
import { stakesOf } from './stakes.ts';

interface References extends Pick<LockedRows, 'channels' | 'pools' | 'nodes' | 'skus'> {
  targets: StockPlace[];
}

/** Locks everything the commands touch, in the one order, and brings expired holds home. */
export async function lockBatch(client: ClientBase, submissions: Submission[]): Promise<LockedStock> {
  const wants = wanted(submissions);
  const ofOrders = await reservationsOfOrders(client, wants.orders);
  const named = [...new Set([...wants.reservations, ...ofOrders])];
  const [references] = await query<References>(client, sql.readReferences, { ...wants, reservations: named });
  const unnamed = await plannedPlaces(client, submissions);
  const places = placesOf(submissions, references!);
  places.all.push(...unnamed);
  if (places.created.length > 0) await query(client, sql.createBalances, places.created);
  const balances = await query<LockedBalance>(client, sql.lockBalances, places.all);
  const { now, expired } = await reclaim(client, balances);
  requireSame(ofOrders, await reservationsOfOrders(client, wants.orders));
  requireSame(unnamed.map(keyOf), (await plannedPlaces(client, submissions)).map(keyOf));
  const withQuotas = balances.filter(({ hasQuotas }) => hasQuotas);
  const quotas =
    withQuotas.length > 0
      ? await query<LockedQuota>(
          client,
          sql.lockQuotas,
          withQuotas.map(({ sku, pool }) => ({ sku, pool })),
        )
      : [];

  const plans = await lockPlans(client, submissions, balances, references!.pools, places.physical, now);
  const targets = named.length > 0 ? await readLines(client, named) : new Map<string, LockedLine[]>();
  const levels = await lockLevels(client, places.newLevels, [...places.levels, ...levelsOf(targets)]);
  const stakes = stakesOf(submissions, balances, levels);
  const atStake =
    stakes.length > 0 ? await query<{ id: string }>(client, sql.reservationsAtStake, stakes) : [];
  const others = [
    ...expired.map((hold) => hold.reservationId),
    ...atStake.map(({ id }) => id),
    ...plans.reservations,
  ];
  const ids = [...new Set([...named, ...others])].toSorted();
  const lines = others.length > 0 ? await readLines(client, ids) : targets;
  const facts = places.physical.length > 0 ? await query<KnownFact>(client, sql.readFacts, wants) : [];
  const reservations = ids.length > 0 ? await lockReservations(client, ids, lines) : [];

  const stock = new LockedStock({
    ...references!,
    now,
    balances,
    quotas,
    levels,
    campaigns: plans.campaigns,
    supplies: plans.supplies,
    facts,
    reservations,
  });
  addPlans(stock, plans);
  for (const { sku, pool, units, dated, reservationId } of expired) {
    const cause = { cause: 'EXPIRE', actor: 'clock', reservationId };
    stock.move(sku, pool, StockCounter.HELD, -units, cause);
    stock.move(sku, pool, StockCounter.DATED_HELD, -dated, cause);
  }
  for (const reservation of reservations) expire(stock, reservation);
  settleAll(stock, 'clock');
  return stock;
}

const keyOf = ({ sku, pool }: StockPlace) => balanceKey(sku, pool);

interface OrderOfChannel {
  channel: string;
  externalId: string;
}

async function reservationsOfOrders(client: ClientBase, orders: OrderOfChannel[]): Promise<string[]> {
  if (orders.length === 0) return [];
  const rows = await query<{ id: string }>(client, sql.reservationsOfOrders, orders);
  return rows.map(({ id }) => id);
}

/**
 * Balances are locked for the reservations that an order had a moment ago; one that somebody else has made since lies
 * on balances that may not be. Nothing has happened yet, and the next attempt sees it.
 */
function requireSame(before: readonly string[], now: readonly string[]): void {
  if (now.length !== before.length || now.some((id) => !before.includes(id)))
    throw Object.assign(new Error('what a command concerns has changed meanwhile'), {
      code: SERIALIZATION_FAILURE,
    });
}
const SERIALIZATION_FAILURE = '40001';

function wanted(submissions: Submission[]) {
  const commands = submissions.map(({ command }) => command);
  const events = commands.flatMap((command) =>
    'externalEventId' in command && command.externalEventId !== undefined
      ? scopesOf(command).map((scope) => ({
          kind: factKind(command),
          scope,
          eventId: command.externalEventId,
        }))
      : [],
  );
  return {
    channels: commands.flatMap((command) => {
      if (command.type === 'configurePresale') return command.channelCaps.map(({ channel }) => channel);
      return 'channel' in command ? [command.channel] : [];
    }),
    orders: commands.flatMap((command) =>
      'orderExternalId' in command && 'channel' in command
        ? [{ channel: command.channel, externalId: command.orderExternalId }]
        : [],
    ),
    nodes: commands.flatMap((command) =>
      command.type === 'allocate'
        ? command.assignments.map(({ node }) => node)
        : 'node' in command
          ? [command.node]
          : [],
    ),
    skus: commands.flatMap((command) =>
      (command.type === 'allocate'
        ? command.assignments
        : 'lines' in command
          ? (command.lines ?? [])
          : []
      ).map(({ sku }) => sku),
    ),
    reservations: commands.flatMap((command) =>
      'reservationIds' in command
        ? command.reservationIds
        : 'reservationId' in command
          ? [command.reservationId]
          : [],
    ),
    orderLines: commands.flatMap((command) => {
      if (command.type === 'refund') return command.lines.map(({ orderLineId }) => orderLineId);
      return command.type === 'restock'
        ? command.lines.flatMap((line) => line.returnOf?.orderLineId ?? [])
        : [];
    }),
    events,
  };
}

interface Places {
  /** Balances to lock. */
  all: StockPlace[];
  /** Those of them that may have to be created. */
  created: StockPlace[];
  /** Those of which facts and supplies must be known. */
  physical: StockPlace[];
  /** Levels that commands name. */
  levels: NodePlace[];
  /** Whether a physical fact may have to create some of them. */
  newLevels: boolean;
}
interface NodePlace {
  sku: string;
  node: string;
}

function placesOf(submissions: Submission[], references: References): Places {
  const poolOfChannel = new Map(references.channels.map(({ code, pool }) => [code, pool]));
  const poolOfNode = new Map(references.nodes.map(({ code, pool }) => [code, pool]));
  const exists = new Set(references.skus);
  const places: Places = {
    all: [...references.targets],
    created: [],
    physical: [],
    levels: [],
    newLevels: false,
  };
  for (const { command } of submissions) {
    if (command.type === 'reserve') {
      const pool = command.pool ?? poolOfChannel.get(command.channel);
      if (pool === undefined) continue; // refused when its turn comes
      const own = command.lines.filter(({ sku }) => exists.has(sku)).map(({ sku }) => ({ sku, pool }));
      places.all.push(...own);
      if (isForLater(command)) places.created.push(...own);
    } else if (command.type === 'recordInbound' || command.type === 'configurePresale') {
      const pool = command.type === 'recordInbound' ? poolOfNode.get(command.node) : command.pool;
      if (pool === undefined) continue;
      const own = command.lines.filter(({ sku }) => exists.has(sku)).map(({ sku }) => ({ sku, pool }));
      places.all.push(...own);
      places.created.push(...own);
    } else if (command.type === 'settle' || command.type === 'configurePool') {
      if (command.type === 'settle')
        places.all.push(...command.lines.map(({ sku }) => ({ sku, pool: command.pool })));
    } else if (command.type === 'takeOrder' || command.type === 'refund') {
      const pool = poolOfChannel.get(command.channel);
      if (pool === undefined) continue;
      const own = command.lines.filter(({ sku }) => exists.has(sku)).map(({ sku }) => ({ sku, pool }));
      places.all.push(...own);
      places.created.push(...own);
      if (command.type === 'refund') places.physical.push(...own, ...references.targets);
      else places.levels.push(...command.shipFrom);
    } else if (command.type === 'restock' || command.type === 'adjust') {
      const pool = poolOfNode.get(command.node);
      if (pool === undefined) continue;
      for (const { sku } of command.lines) {
        if (!exists.has(sku)) continue;
        places.all.push({ sku, pool });
        places.created.push({ sku, pool });
        places.physical.push({ sku, pool });
        places.levels.push({ sku, node: command.node });
        places.newLevels = true;
      }
    } else
      places.levels.push(
        ...levelsNamedBy(command).filter(({ sku, node }) => exists.has(sku) && poolOfNode.has(node)),
      );
  }
  return places;
}

function levelsNamedBy(command: StockCommand): NodePlace[] {
  if (command.type === 'allocate') return command.assignments;
  if (command.type === 'ship' || command.type === 'reject')
    return command.lines.map(({ sku }) => ({ sku, node: command.node }));
  return [];
}

/** Levels of nodes that hold units of the reservations the commands are about. */
function levelsOf(lines: Map<string, LockedLine[]>): NodePlace[] {
  return [...lines.values()]
    .flat()
    .flatMap(({ sku, allocations }) => allocations.map(({ node }) => ({ sku, node })));
}

async function lockLevels(
  client: ClientBase,
  mayCreate: boolean,
  places: NodePlace[],
): Promise<LockedLevel[]> {
  if (places.length === 0) return [];
  if (mayCreate) await query(client, sql.createLevels, places);
  return query<LockedLevel>(client, sql.lockLevels, places);
}

interface ExpiredHold extends StockPlace {
  reservationId: string;
  units: number;
  /** Those that were promised for a later day. */
  dated: number;
}

async function reclaim(
  client: ClientBase,
  balances: LockedBalance[],
): Promise<{ now: Date; expired: ExpiredHold[] }> {
  const places = balances.map(({ sku, pool }) => ({ sku, pool }));
  const rows = await query<{ now: Date } & { [K in keyof ExpiredHold]: ExpiredHold[K] | null }>(
    client,
    sql.reclaimExpired,
    places,
  );
  return {
    now: rows[0]!.now,
    expired: rows.filter((row): row is ExpiredHold & { now: Date } => row.sku !== null),
  };
}

async function readLines(client: ClientBase, ids: string[]): Promise<Map<string, LockedLine[]>> {
  type OfLine = { reservationId: string; lineNo: number };
  const lines = await query<Omit<LockedLine, 'allocations'> & OfLine>(client, sql.readLines, ids);
  const allocations = await query<LockedAllocation & OfLine>(client, sql.readAllocations, ids);
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
  client: ClientBase,
  ids: string[],
  lines: Map<string, LockedLine[]>,
): Promise<LockedReservation[]> {
  const rows = await query<Omit<LockedReservation, 'lines'>>(client, sql.lockReservations, ids);
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
