import { type StockCommand, type Submission, isForLater } from '../command.ts';
import { factKind, factScopes } from '../steps/recorded-facts.ts';
import type { OrderOfChannel } from '../state/order-facts.ts';
import type { BalanceKey } from '../../model/balance-key.ts';
import type { LockedLine, LockedRows } from '../state/locked-rows.ts';

/** The rows that the commands of a batch name: what is to be locked, created and read. */

export interface References extends Pick<LockedRows, 'channels' | 'pools' | 'nodes' | 'skus'> {
  targets: BalanceKey[];
}

/** A place as a command names it: its pool, or what has one. */
export interface WantedPlace {
  sku: string;
  pool?: string | undefined;
  channel?: string;
  node?: string;
}

/** Whose pool a command's lines are about; undefined where its reservations tell. */
function scopeOfPlaces(command: StockCommand): Omit<WantedPlace, 'sku'> | undefined {
  switch (command.type) {
    case 'reserve':
      return { pool: command.pool, channel: command.channel };
    case 'takeOrder':
    case 'refund':
      return { channel: command.channel };
    case 'restock':
    case 'adjust':
    case 'recordInbound':
    case 'inspect':
      return { node: command.node };
    case 'configurePresale':
    case 'settle':
      return { pool: command.pool };
    default:
      return undefined;
  }
}

const creating = new Set([
  'takeOrder',
  'refund',
  'restock',
  'adjust',
  'inspect',
  'recordInbound',
  'configurePresale',
]);
const createsBalances = (command: StockCommand) =>
  creating.has(command.type) || (command.type === 'reserve' && isForLater(command));

export function columnsOf(places: WantedPlace[], reservations: string[]) {
  return [
    places.map(({ sku }) => sku),
    places.map(({ pool }) => pool),
    places.map(({ channel }) => channel),
    places.map(({ node }) => node),
    reservations,
  ];
}

/** A reservation, and its order where the command that is about it names one. */
interface ConcernedReservation {
  id: string;
  orderExternalId?: string | undefined;
}

/** The rows that the commands of a batch name, or concern without naming them. */
export interface BatchLockSet {
  channels: string[];
  nodes: string[];
  skus: string[];
  orders: OrderOfChannel[];
  orderLines: string[];
  reservations: string[];
  events: { kind: string; scope: string; eventId: string | undefined }[];
  places: WantedPlace[];
  /** Those of the places that are created where they do not exist. */
  createdPlaces: WantedPlace[];
  /** Of which every balance with a plan is concerned. */
  planned: { campaigns: string[]; pools: string[] };
  /** Whether returns that wait may be counted: of what is shipped, or of orders that are told of. */
  countsReturns: boolean;
  shipped: ConcernedReservation[];
  /** Those that are paid or shipped: refunds and returns of their orders are read. */
  paidOrShipped: ConcernedReservation[];
  readsOrderFacts: boolean;
}

/** Reads the commands of a batch once, without any input or output. */
export function batchLockSet(submissions: readonly Submission[]): BatchLockSet {
  const [channels, nodes, skus] = [new Set<string>(), new Set<string>(), new Set<string>()];
  const [places, createdPlaces] = [new Map<string, WantedPlace>(), new Map<string, WantedPlace>()];
  const set: Omit<BatchLockSet, 'channels' | 'nodes' | 'skus' | 'places' | 'createdPlaces'> = {
    orders: [],
    orderLines: [],
    reservations: [],
    events: [],
    planned: { campaigns: [], pools: [] },
    countsReturns: false,
    shipped: [],
    paidOrShipped: [],
    readsOrderFacts: false,
  };
  for (const { command } of submissions) {
    addNames(command, { channels, nodes, skus });
    addPlaces(command, places, createdPlaces);
    addReservations(command, set);
    const orders = ordersOf(command);
    set.orders.push(...orders);
    set.orderLines.push(...orderLinesOf(command));
    if ('externalEventId' in command && command.externalEventId !== undefined)
      for (const scope of factScopes(command))
        set.events.push({ kind: factKind(command), scope, eventId: command.externalEventId });
    if (command.type === 'configurePresale') set.planned.campaigns.push(command.code);
    if (command.type === 'configurePool') set.planned.pools.push(command.pool);
    set.countsReturns ||=
      command.type === 'ship' ||
      command.type === 'takeOrder' ||
      (command.type === 'restock' && orders.length > 0);
    set.readsOrderFacts ||= command.type === 'confirm' || command.type === 'ship' || orders.length > 0;
  }
  return {
    ...set,
    channels: [...channels],
    nodes: [...nodes],
    skus: [...skus],
    places: [...places.values()],
    createdPlaces: [...createdPlaces.values()],
  };
}

function addNames(command: StockCommand, to: Record<'channels' | 'nodes' | 'skus', Set<string>>): void {
  if (command.type === 'configurePresale')
    for (const { channel } of command.channelCaps) to.channels.add(channel);
  else if ('channel' in command) to.channels.add(command.channel);
  if (command.type === 'allocate')
    for (const { node, sku } of command.assignments) {
      to.nodes.add(node);
      to.skus.add(sku);
    }
  else {
    if ('node' in command) to.nodes.add(command.node);
    if ('lines' in command) for (const { sku } of command.lines ?? []) to.skus.add(sku);
  }
}

function addPlaces(
  command: StockCommand,
  places: Map<string, WantedPlace>,
  created: Map<string, WantedPlace>,
): void {
  const scope = scopeOfPlaces(command);
  if (!scope || !('lines' in command)) return;
  const creates = createsBalances(command);
  for (const { sku } of command.lines ?? []) {
    const key = JSON.stringify([sku, scope]);
    const place = { sku, ...scope };
    places.set(key, place);
    if (creates) created.set(key, place);
  }
}

function addReservations(
  command: StockCommand,
  { reservations, shipped, paidOrShipped }: Pick<BatchLockSet, 'reservations' | 'shipped' | 'paidOrShipped'>,
): void {
  const ids =
    'reservationIds' in command
      ? command.reservationIds
      : 'reservationId' in command
        ? [command.reservationId]
        : [];
  reservations.push(...ids);
  if (command.type === 'ship')
    for (const id of command.reservationIds) {
      shipped.push({ id });
      paidOrShipped.push({ id });
    }
  if (command.type === 'confirm')
    paidOrShipped.push({ id: command.reservationId, orderExternalId: command.orderExternalId });
}

/** The orders that a command tells of, or whose returns it reports. */
function ordersOf(command: StockCommand): OrderOfChannel[] {
  if ('orderExternalId' in command && 'channel' in command)
    return [{ channel: command.channel, orderExternalId: command.orderExternalId }];
  if (command.type !== 'restock') return [];
  return command.lines.flatMap(({ returnOf }) =>
    returnOf ? [{ channel: returnOf.channel, orderExternalId: returnOf.orderExternalId }] : [],
  );
}

function orderLinesOf(command: StockCommand): string[] {
  if (command.type === 'refund') return command.lines.map(({ orderLineId }) => orderLineId);
  return command.type === 'restock' ? command.lines.flatMap((line) => line.returnOf?.orderLineId ?? []) : [];
}

interface Places {
  /** Balances of which facts and supplies must be known. */
  physical: BalanceKey[];
  /** Levels that commands name. */
  levels: LevelKey[];
  /** Whether a physical fact may have to create some of them. */
  newLevels: boolean;
}
export interface LevelKey {
  sku: string;
  node: string;
}

export function nodeLevelsOfBatch(submissions: Submission[], references: References): Places {
  const poolOfChannel = new Map(references.channels.map(({ code, pool }) => [code, pool]));
  const poolOfNode = new Map(references.nodes.map(({ code, pool }) => [code, pool]));
  const exists = new Set(references.skus);
  const places: Places = { physical: [], levels: [], newLevels: false };
  for (const { command } of submissions) {
    if (command.type === 'reserve') continue;
    if (command.type === 'takeOrder' || command.type === 'refund') {
      const pool = poolOfChannel.get(command.channel);
      if (pool === undefined) continue;
      const own = command.lines.filter(({ sku }) => exists.has(sku)).map(({ sku }) => ({ sku, pool }));
      if (command.type === 'refund') places.physical.push(...own, ...references.targets);
      else places.levels.push(...command.shipFrom);
    } else if (command.type === 'restock' || command.type === 'adjust' || command.type === 'inspect') {
      const pool = poolOfNode.get(command.node);
      if (pool === undefined) continue;
      for (const { sku } of command.lines) {
        if (!exists.has(sku)) continue;
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

function levelsNamedBy(command: StockCommand): LevelKey[] {
  if (command.type === 'allocate') return command.assignments;
  if (command.type === 'ship' || command.type === 'reject')
    return command.lines.map(({ sku }) => ({ sku, node: command.node }));
  return [];
}

/** Levels of nodes that hold units of the reservations the commands are about. */
export function levelsOf(lines: Map<string, LockedLine[]>): LevelKey[] {
  return [...lines.values()]
    .flat()
    .flatMap(({ sku, allocations }) => allocations.map(({ node }) => ({ sku, node })));
}
