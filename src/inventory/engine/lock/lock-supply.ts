import { free } from '../../model/available-to-promise.ts';
import { dayIn } from '../../model/day.ts';
import { isOnTime } from '../../model/settle-dated-promises.ts';
import { futureDraw, type DatedDemand, type OverdueRule } from '../../model/timeline.ts';
import { type StockCommand, type Submission, isForLater } from '../command.ts';
import type { EngineSession } from '../connection/engine-session.ts';
import type { BatchLockSet } from './batch-lock-set.ts';
import {
  promisableSupply,
  type LockedBalance,
  type LockedCampaign,
  type LockedLimit,
  type LockedSupply,
  type PoolPolicy,
} from '../state/locked-rows.ts';
import type { LockedStock } from '../state/locked-stock.ts';
import { readSuppliesSql } from './lock-order.sql.ts';
import * as sql from './supply.sql.ts';
import { SupplyPlan } from '../state/supply-plan.ts';
import { balanceKeyString, type BalanceKey } from '../../model/balance-key.ts';

interface PlanRows {
  place: BalanceKey;
  today: string;
  policy: PoolPolicy;
  demands: DatedDemand[];
  /** Whether a promise may get another day in this batch, so that all of them must be known. */
  promisesNeeded: boolean;
}

/** The supply rows read, until the rest of the batch is locked. */
export interface LockedSupplyRows {
  plans: PlanRows[];
  supplies: LockedSupply[];
  campaigns: LockedCampaign[];
  /** Reservations that the batch must lock for their sake. */
  reservations: string[];
}

/** Balances that commands concern without naming them. */
export async function plannedPlaces(
  session: EngineSession,
  { planned }: Pick<BatchLockSet, 'planned'>,
): Promise<BalanceKey[]> {
  if (planned.campaigns.length + planned.pools.length === 0) return [];
  return session.query<BalanceKey>(sql.plannedPlacesSql, planned);
}

/**
 * Reads what is to come and what is promised of it, of balances with promises for later days and of those for which a
 * command plans or promises some; nothing at all on the usual way. The balances are locked.
 */
export async function lockSupply(
  session: EngineSession,
  submissions: Submission[],
  balances: LockedBalance[],
  pools: PoolPolicy[],
  physical: BalanceKey[],
  now: Date,
): Promise<LockedSupplyRows> {
  const commands = submissions.map(({ command }) => command);
  const planned = balances.filter((balance) => isDated(balance) || commands.some(plans(balance)));
  const campaigns = await lockCampaigns(session, commands, balances);
  const places = placesOf([...planned, ...physical]);
  const supplies = places.length > 0 ? await session.query<LockedSupply>(readSuppliesSql, places) : [];
  for (const supply of supplies) supply.countsFrom = supply.countsFrom && new Date(supply.countsFrom);
  if (planned.length === 0) return { plans: [], supplies, campaigns, reservations: [] };

  const rows = await readDated(session, planned, pools, now);
  for (const row of rows) row.promisesNeeded = promisesNeeded(row, commands, balances, supplies, now);
  const needed = rows.filter((row) => row.promisesNeeded && row.demands.length > 0);
  const ids =
    needed.length > 0
      ? await session.query<{ id: string }>(
          sql.datedReservations,
          needed.map(({ place }) => place),
        )
      : [];
  return { plans: rows, supplies, campaigns, reservations: ids.map(({ id }) => id) };
}

/** Gives the locked rows their plans. */
export function addSupplyPlans(stock: LockedStock, { plans: rows }: LockedSupplyRows): void {
  for (const { place, today, policy, demands, promisesNeeded: known } of rows)
    stock.addPlan(
      new SupplyPlan(place, today, stock.now, policy, stock.supplies, demands, known || demands.length === 0),
    );
}

function isDated({ datedHeld, datedConfirmed }: LockedBalance): boolean {
  return datedHeld + datedConfirmed > 0;
}

/** Whether a command plans supply for the balance, or may promise of it for a later day. */
function plans({ sku, pool }: BalanceKey): (command: StockCommand) => boolean {
  return (command) => {
    switch (command.type) {
      case 'reserve':
        return isForLater(command) && command.lines.some((line) => line.sku === sku);
      case 'recordInbound':
      case 'configurePresale':
        return command.lines.some((line) => line.sku === sku);
      case 'configurePool':
        return command.pool === pool;
      default:
        return false;
    }
  };
}

function placesOf(some: readonly BalanceKey[]): BalanceKey[] {
  const byKey = new Map(some.map(({ sku, pool }) => [balanceKeyString(sku, pool), { sku, pool }]));
  return [...byKey.values()];
}

async function readDated(
  session: EngineSession,
  planned: LockedBalance[],
  pools: PoolPolicy[],
  now: Date,
): Promise<PlanRows[]> {
  type Row = BalanceKey & { overdue: OverdueRule; resaleRate: number; demands: DatedDemand[] };
  const rows = await session.query<Row>(sql.readDated, placesOf(planned));
  return rows.map(({ sku, pool, overdue, resaleRate, demands }) => {
    const policy = pools.find(({ code }) => code === pool)!;
    Object.assign(policy, { overdue, resaleRate });
    const today = dayIn(policy.timeZone, now);
    return { place: { sku, pool }, today, policy, demands, promisesNeeded: false };
  });
}

/**
 * Sums by day are enough as long as every promise keeps its day, which spares a presale with ten thousand promises from
 * being read for every sale. Each is needed where one is due, where they cannot all be kept, and where units or plans
 * may get fewer.
 */
function promisesNeeded(
  { place, today, policy, demands }: PlanRows,
  commands: StockCommand[],
  balances: LockedBalance[],
  supplies: LockedSupply[],
  now: Date,
): boolean {
  if (demands.some(({ promisedOn }) => promisedOn <= today)) return true;
  const balance = balances.find(({ sku, pool }) => sku === place.sku && pool === place.pool)!;
  const { overdue, resaleRate } = policy;
  const own = supplies
    .filter(({ sku, pool }) => sku === place.sku && pool === place.pool)
    .flatMap((supply) => promisableSupply(supply, now) ?? []);
  const plan = { today, overdue, resaleRate, supplies: own };
  const { unbacked } = balance;
  const units = free({ ...balance, expired: 0 });
  const promises = demands.map(({ promisedOn, quantity }) => ({ promisedOn, units: quantity }));
  if (!isOnTime({ ...plan, free: units, unbacked }, promises)) return true;
  const spare = units + futureDraw({ ...plan, demands }, unbacked);
  return worstLoss(commands, place) > spare;
}

/** Units that today's promises may take without asking, at the most; any number where plans change. */
function worstLoss(commands: StockCommand[], place: BalanceKey): number {
  return commands.reduce((sum, command) => sum + lossBy(command, place), 0);
}

function lossBy(command: StockCommand, { sku, pool }: BalanceKey): number {
  switch (command.type) {
    case 'adjust':
    case 'inspect':
    case 'restock':
    case 'ship':
    case 'reject':
    case 'recordInbound':
    case 'configurePresale':
      return command.lines.some((line) => line.sku === sku) ? Infinity : 0;
    case 'configurePool':
      return command.pool === pool ? Infinity : 0;
    case 'takeOrder':
      if (command.event === 'SHIP') return Infinity; // what had come back before is counted then
      return command.lines
        .filter((line) => line.sku === sku)
        .reduce((sum, { quantity }) => sum + quantity, 0);
    default:
      return 0;
  }
}

async function lockCampaigns(
  session: EngineSession,
  commands: StockCommand[],
  balances: LockedBalance[],
): Promise<LockedCampaign[]> {
  const codes = commands.flatMap((command) => {
    if (command.type === 'configurePresale') return [command.code];
    return command.type === 'reserve' ? (command.campaign ?? []) : [];
  });
  const places = placesOf(balances.filter(({ hasPresale }) => hasPresale));
  if (codes.length + places.length === 0) return [];
  const rows = await session.query<Omit<LockedCampaign, 'limits'>>(sql.lockCampaigns, { codes, places });
  const limits = await session.query<LockedLimit & { campaign: string }>(
    sql.readLimits,
    rows.map(({ code }) => code),
  );
  return rows.map((row) => ({
    ...row,
    limits: limits
      .filter(({ campaign }) => campaign === row.code)
      .map(({ campaign: _campaign, ...limit }) => limit),
  }));
}
