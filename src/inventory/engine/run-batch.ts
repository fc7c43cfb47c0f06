import type { ClientBase } from 'pg';
import { HubError } from '../../platform/errors.ts';
import { earliestDay, noBalance, type Supply } from '../available-to-promise.ts';
import { ReservationState, StockCounter } from '../stock.enums.ts';
import type { Decision, Outcome, Submission } from './command.ts';
import { decide } from './decide.ts';
import { enter } from './decide-reservation-command.ts';
import {
  LockedStock,
  type KnownFact,
  type LockedBalance,
  type LockedLevel,
  type LockedLine,
  type LockedReservation,
  type LockedRows,
  type LockedSupply,
} from './locked-stock.ts';
import * as sql from './lock-order.sql.ts';
import { factKind, scopesOf } from './known-facts.ts';
import { toWrite } from './to-write.ts';

/** A SKU in a pool: what ATP is known of. */
export interface StockPlace {
  sku: string;
  pool: string;
}

export interface BatchResult {
  /** In the order of the submissions. */
  decisions: Decision[];
  /** Places whose promise may have changed. */
  changed: StockPlace[];
}

/** How far ahead a refused caller is told of better days. */
const AVAILABLE_ON_HORIZON_DAYS = 90;

/**
 * One transaction for many commands: claim keys → lock → reclaim what has expired → decide one by one → write.
 * The client is in no transaction before and after. On an error nothing has happened and the error is thrown, unless
 * the connection was lost during the commit: then the keys tell.
 */
export async function runBatch(client: ClientBase, submissions: Submission[]): Promise<BatchResult> {
  await client.query('begin');
  try {
    const replies = await claim(client, submissions);
    const fresh = submissions.filter((submission) => replies.get(submission) === undefined);
    const stock = fresh.length > 0 ? await lock(client, fresh) : undefined;
    const decisions = decideInOrder(stock, submissions, replies);
    if (stock) {
      await tellBetterDays(client, stock);
      await write(client, stock, fresh, new Map(submissions.map((each, index) => [each, decisions[index]!])));
    }
    await client.query('commit');
    return { decisions, changed: [...(stock?.changedBalances ?? [])].map(({ sku, pool }) => ({ sku, pool })) };
  } catch (error) {
    await client.query('rollback').catch(() => undefined); // a lost connection has rolled back by itself
    throw error;
  }
}

const keyOf = ({ actor, idempotency }: Submission) => `${actor.partner}\u0000${idempotency.key}`;

/** What is known already: replies of earlier calls, and refusals of keys that were used for something else. */
async function claim(client: ClientBase, submissions: Submission[]): Promise<Map<Submission, Decision>> {
  const firstByKey = new Map<string, Submission>();
  for (const submission of submissions)
    if (!firstByKey.has(keyOf(submission))) firstByKey.set(keyOf(submission), submission);
  const keys = [...firstByKey.values()].map(({ actor, idempotency }) => ({ partner: actor.partner, ...idempotency }));
  const claimed = await query<{ partner: string; key: string }>(client, sql.claimKeys, keys);
  const replies = new Map<Submission, Decision>();
  if (claimed.length === keys.length) return replies;

  const mine = new Set(claimed.map(({ partner, key }) => `${partner}\u0000${key}`));
  const foreign = keys.filter(({ partner, key }) => !mine.has(`${partner}\u0000${key}`));
  const known = new Map(
    (await query<StoredReply>(client, sql.readReplies, foreign)).map((row) => [`${row.partner}\u0000${row.key}`, row]),
  );
  for (const submission of submissions) {
    const stored = known.get(keyOf(submission));
    if (stored) replies.set(submission, replay(stored, submission));
  }
  return replies;
}

interface StoredReply {
  partner: string;
  key: string;
  operation: string;
  bodyHash: string;
  reply: Outcome;
}

function replay(stored: Pick<StoredReply, 'operation' | 'bodyHash' | 'reply'>, submission: Submission): Decision {
  const { operation, bodyHash, key } = submission.idempotency;
  if (stored.operation === operation && stored.bodyHash === bodyHash) return { outcome: stored.reply };
  const what = stored.operation === operation ? 'with another input' : `for ${stored.operation}`;
  const message = `The idempotency key ${key} was used before ${what}; use a new key for a new command.`;
  return { refusal: new HubError('IDEMPOTENCY_CONFLICT', message) };
}

/** A key that stands twice in a batch is decided once; the later ones get the first one's reply. */
function decideInOrder(
  stock: LockedStock | undefined,
  submissions: Submission[],
  replies: Map<Submission, Decision>,
): Decision[] {
  const firstByKey = new Map<string, { submission: Submission; decision: Decision }>();
  return submissions.map((submission) => {
    const known = replies.get(submission);
    if (known) return known;
    const first = firstByKey.get(keyOf(submission));
    if (first && 'outcome' in first.decision)
      return replay({ ...first.submission.idempotency, reply: first.decision.outcome }, submission);
    const decision = decide(stock!, submission);
    firstByKey.set(keyOf(submission), { submission, decision });
    return decision;
  });
}

interface References extends Pick<LockedRows, 'channels' | 'pools' | 'nodes' | 'skus'> {
  targets: StockPlace[];
}

/** Locks everything the commands touch, in the one order, and brings expired holds home. */
async function lock(client: ClientBase, submissions: Submission[]): Promise<LockedStock> {
  const wants = wanted(submissions);
  const [references] = await query<References>(client, sql.readReferences, wants);
  const places = placesOf(submissions, references!);
  if (places.physical.length > 0) await query(client, sql.createBalances, places.physical);
  const balances = await query<LockedBalance>(client, sql.lockBalances, places.all);
  const { now, expired } = await reclaim(client, balances);

  const physical = places.physical.length > 0;
  if (physical) await query(client, sql.createLevels, places.levels);
  const levels = physical ? await query<LockedLevel>(client, sql.lockLevels, places.levels) : [];
  const supplies = physical ? await query<LockedSupply>(client, sql.readSupplies, places.physical) : [];
  const facts = physical ? await query<KnownFact>(client, sql.readFacts, wants) : [];
  const affected = physical ? await reservationsToCorrect(client, submissions, balances, places.physical) : [];

  const ids = [...new Set([...wants.reservations, ...expired.map((hold) => hold.reservationId), ...affected])].sort();
  const reservations = await lockReservations(client, ids);
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
      ? scopesOf(command).map((scope) => ({ kind: factKind(command), scope, eventId: command.externalEventId }))
      : [],
  );
  return {
    channels: commands.flatMap((command) => (command.type === 'reserve' ? [command.channel] : [])),
    nodes: commands.flatMap((command) => ('node' in command ? [command.node] : [])),
    skus: commands.flatMap((command) => ('lines' in command ? command.lines.map(({ sku }) => sku) : [])),
    reservations: commands.flatMap((command) => ('reservationId' in command ? [command.reservationId] : [])),
    orderLines: commands.flatMap((command) =>
      command.type === 'restock' ? command.lines.flatMap((line) => line.returnOf?.orderLineId ?? []) : [],
    ),
    events,
  };
}

/** Balances to lock, those of them that a physical fact may have to create, and the levels of the facts. */
function placesOf(submissions: Submission[], references: References) {
  const poolOfChannel = new Map(references.channels.map(({ code, pool }) => [code, pool]));
  const poolOfNode = new Map(references.nodes.map(({ code, pool }) => [code, pool]));
  const exists = new Set(references.skus);
  const all: StockPlace[] = [...references.targets];
  const physical: StockPlace[] = [];
  const levels: { sku: string; node: string }[] = [];
  for (const { command } of submissions) {
    if (!('lines' in command)) continue;
    const pool =
      command.type === 'reserve' ? (command.pool ?? poolOfChannel.get(command.channel)) : poolOfNode.get(command.node);
    if (pool === undefined) continue; // refused when its turn comes
    for (const { sku } of command.lines) {
      if (!exists.has(sku)) continue;
      all.push({ sku, pool });
      if (command.type === 'reserve') continue;
      physical.push({ sku, pool });
      levels.push({ sku, node: command.node });
    }
  }
  return { all, physical, levels };
}

interface ExpiredHold extends StockPlace {
  reservationId: string;
  units: number;
}

async function reclaim(client: ClientBase, balances: LockedBalance[]): Promise<{ now: Date; expired: ExpiredHold[] }> {
  const places = balances.map(({ sku, pool }) => ({ sku, pool }));
  const rows = await query<{ now: Date } & { [K in keyof ExpiredHold]: ExpiredHold[K] | null }>(
    client,
    sql.reclaimExpired,
    places,
  );
  return { now: rows[0]!.now, expired: rows.filter((row): row is ExpiredHold & { now: Date } => row.sku !== null) };
}

/** A loss may take units from any live line of its balance, a gain gives them back to unbacked ones. */
async function reservationsToCorrect(
  client: ClientBase,
  submissions: Submission[],
  balances: LockedBalance[],
  physical: StockPlace[],
): Promise<string[]> {
  const adjusted = new Set(
    submissions.flatMap(({ command }) => (command.type === 'adjust' ? command.lines.map(({ sku }) => sku) : [])),
  );
  const unbacked = new Set(balances.filter((balance) => balance.unbacked > 0).map(({ sku }) => sku));
  const places = physical.filter(({ sku }) => adjusted.has(sku) || unbacked.has(sku));
  if (places.length === 0) return [];
  return (await query<{ id: string }>(client, sql.reservationsOnBalances, places)).map(({ id }) => id);
}

async function lockReservations(client: ClientBase, ids: string[]): Promise<LockedReservation[]> {
  if (ids.length === 0) return [];
  const rows = await query<Omit<LockedReservation, 'lines'>>(client, sql.lockReservations, ids);
  const lines = await query<LockedLine & { reservationId: string }>(client, sql.readLines, ids);
  const byReservation = Map.groupBy(lines, (line) => line.reservationId);
  return rows.map((row) => ({ ...row, lines: byReservation.get(row.id) ?? [] }));
}

/** A hold whose time is over has ended, whether or not all its lines were among the locked balances. */
function expire(stock: LockedStock, reservation: LockedReservation): void {
  if (reservation.state !== ReservationState.HELD || reservation.expiresAt > stock.now) return;
  enter(stock, reservation, ReservationState.EXPIRED, { name: 'clock' }, null);
}

/** Tells callers who got less than they asked for the first day on which there would be enough. */
async function tellBetterDays(client: ClientBase, stock: LockedStock): Promise<void> {
  if (stock.shortages.length === 0) return;
  const places = stock.shortages.map(({ shortage, pool }) => ({ sku: shortage.sku, pool }));
  const timelines = await query<StockPlace & { supplies: Supply[] }>(client, sql.readTimelines, places);
  stock.shortages.forEach(({ shortage, pool }, index) => {
    const balance = stock.balance(shortage.sku, pool) ?? noBalance;
    const timeline = { today: stock.today(pool), supplies: timelines[index]!.supplies, demands: [] };
    const day = earliestDay({ ...balance, expired: 0 }, timeline, shortage.requested, AVAILABLE_ON_HORIZON_DAYS);
    shortage.availableOn = day ?? null;
  });
}

async function write(
  client: ClientBase,
  stock: LockedStock,
  fresh: Submission[],
  decisions: Map<Submission, Decision>,
): Promise<void> {
  await query(client, sql.writeBatch, toWrite(stock, fresh, decisions));
}

async function query<Row>(client: ClientBase, { name, text }: sql.Statement, argument: unknown): Promise<Row[]> {
  const { rows } = await client.query({ name, text, values: [JSON.stringify(argument)] });
  return rows as Row[];
}
