import type { ClientBase } from 'pg';
import { ReservationState, StockCounter } from '../stock.enums.ts';
import type { StockCommand, Submission } from './command.ts';
import { factKind, scopesOf } from './known-facts.ts';
import {
  LockedStock,
  type KnownFact,
  type LockedAllocation,
  type LockedBalance,
  type LockedLevel,
  type LockedLine,
  type LockedReservation,
  type LockedRows,
  type LockedSupply,
  type StockPlace,
} from './locked-stock.ts';
import * as sql from './lock-order.sql.ts';
import { query } from './query.ts';
import { stakesOf } from './stakes.ts';

interface References extends Pick<LockedRows, 'channels' | 'pools' | 'nodes' | 'skus'> {
  targets: StockPlace[];
}

/** Locks everything the commands touch, in the one order, and brings expired holds home. */
export async function lockBatch(client: ClientBase, submissions: Submission[]): Promise<LockedStock> {
  const wants = wanted(submissions);
  const [references] = await query<References>(client, sql.readReferences, wants);
  const places = placesOf(submissions, references!);
  if (places.physical.length > 0) await query(client, sql.createBalances, places.physical);
  const balances = await query<LockedBalance>(client, sql.lockBalances, places.all);
  const { now, expired } = await reclaim(client, balances);

  const targets =
    wants.reservations.length > 0
      ? await readLines(client, wants.reservations)
      : new Map<string, LockedLine[]>();
  const levels = await lockLevels(client, places.physical.length > 0, [
    ...places.levels,
    ...levelsOf(targets),
  ]);
  const stakes = stakesOf(submissions, balances, levels);
  const atStake =
    stakes.length > 0 ? await query<{ id: string }>(client, sql.reservationsAtStake, stakes) : [];
  const others = [...expired.map((hold) => hold.reservationId), ...atStake.map(({ id }) => id)];
  const ids = [...new Set([...wants.reservations, ...others])].toSorted();
  const lines = others.length > 0 ? await readLines(client, ids) : targets;
  const supplies =
    places.physical.length > 0 ? await query<LockedSupply>(client, sql.readSupplies, places.physical) : [];
  const facts = places.physical.length > 0 ? await query<KnownFact>(client, sql.readFacts, wants) : [];
  const reservations = ids.length > 0 ? await lockReservations(client, ids, lines) : [];

  const stock = new LockedStock({ ...references!, now, balances, levels, supplies, facts, reservations });
  for (const hold of expired)
    stock.move(hold.sku, hold.pool, StockCounter.HELD, -hold.units, {
      cause: 'EXPIRE',
      actor: 'clock',
      reservationId: hold.reservationId,
    });
  for (const reservation of reservations) expire(stock, reservation);
  return stock;
}

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
    channels: commands.flatMap((command) => (command.type === 'reserve' ? [command.channel] : [])),
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
    orderLines: commands.flatMap((command) =>
      command.type === 'restock' ? command.lines.flatMap((line) => line.returnOf?.orderLineId ?? []) : [],
    ),
    events,
  };
}

interface Places {
  /** Balances to lock. */
  all: StockPlace[];
  /** Those of them that a physical fact may have to create. */
  physical: StockPlace[];
  /** Levels that commands name. */
  levels: NodePlace[];
}
interface NodePlace {
  sku: string;
  node: string;
}

function placesOf(submissions: Submission[], references: References): Places {
  const poolOfChannel = new Map(references.channels.map(({ code, pool }) => [code, pool]));
  const poolOfNode = new Map(references.nodes.map(({ code, pool }) => [code, pool]));
  const exists = new Set(references.skus);
  const places: Places = { all: [...references.targets], physical: [], levels: [] };
  for (const { command } of submissions) {
    if (command.type === 'reserve') {
      const pool = command.pool ?? poolOfChannel.get(command.channel);
      if (pool === undefined) continue; // refused when its turn comes
      for (const { sku } of command.lines) if (exists.has(sku)) places.all.push({ sku, pool });
    } else if (command.type === 'restock' || command.type === 'adjust') {
      const pool = poolOfNode.get(command.node);
      if (pool === undefined) continue;
      for (const { sku } of command.lines) {
        if (!exists.has(sku)) continue;
        places.all.push({ sku, pool });
        places.physical.push({ sku, pool });
        places.levels.push({ sku, node: command.node });
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
