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

export function wantedPlaces(submissions: Submission[]): WantedPlace[] {
  const places = new Map<string, WantedPlace>();
  for (const { command } of submissions) {
    const scope = scopeOfPlaces(command);
    if (!scope || !('lines' in command)) continue;
    for (const { sku } of command.lines ?? []) places.set(JSON.stringify([sku, scope]), { sku, ...scope });
  }
  return [...places.values()];
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
export const createsBalances = (command: StockCommand) =>
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

export const mayCountReturns = ({ command }: Submission) =>
  command.type === 'ship' || command.type === 'takeOrder' || ordersOfReturns(command).length > 0;

export type BatchLockSet = ReturnType<typeof batchLockSet>;

function ordersOfReturns(command: StockCommand): OrderOfChannel[] {
  if (command.type !== 'restock') return [];
  return command.lines.flatMap(({ returnOf }) =>
    returnOf ? [{ channel: returnOf.channel, orderExternalId: returnOf.orderExternalId }] : [],
  );
}

export function batchLockSet(submissions: Submission[]) {
  const commands = submissions.map(({ command }) => command);
  const events = commands.flatMap((command) =>
    'externalEventId' in command && command.externalEventId !== undefined
      ? factScopes(command).map((scope) => ({
          kind: factKind(command),
          scope,
          eventId: command.externalEventId,
        }))
      : [],
  );
  return {
    channels: distinct(
      commands.flatMap((command) => {
        if (command.type === 'configurePresale') return command.channelCaps.map(({ channel }) => channel);
        return 'channel' in command ? [command.channel] : [];
      }),
    ),
    orders: commands.flatMap((command) =>
      'orderExternalId' in command && 'channel' in command
        ? [{ channel: command.channel, orderExternalId: command.orderExternalId }]
        : ordersOfReturns(command),
    ),
    nodes: distinct(
      commands.flatMap((command) =>
        command.type === 'allocate'
          ? command.assignments.map(({ node }) => node)
          : 'node' in command
            ? [command.node]
            : [],
      ),
    ),
    skus: distinct(
      commands.flatMap((command) =>
        (command.type === 'allocate'
          ? command.assignments
          : 'lines' in command
            ? (command.lines ?? [])
            : []
        ).map(({ sku }) => sku),
      ),
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

const distinct = (texts: string[]) => [...new Set(texts)];

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
