import type { EntityManager } from '../../platform/database/database.ts';
import { free, noBalance, type BalanceFigures } from '../model/available-to-promise.ts';
import { atpVersion, commitCounterOf } from '../model/atp-version.ts';
import { dayIn } from '../model/day.ts';
import type { ChannelQuota } from '../model/split-quota.ts';
import { READ_PROMISES, READ_PROMISES_ONE_BY_ONE, RULES, SUPPLIES } from './read-availability.sql.ts';
import {
  demandsOf,
  isOnTime,
  settle,
  type DatedPromise,
  type SupplyState,
} from '../model/settle-dated-promises.ts';
import { futureDraw, type PlanningRules, type Supply, type Timeline } from '../model/timeline.ts';
import type { BalanceKey } from '../model/balance-key.ts';

/** The ATP of a SKU in a pool at one instant. */
export interface AtpReading extends BalanceKey {
  figures: BalanceFigures;
  /** Parts that are kept for channels; what expired holds had used of them is free again. */
  quotas: ChannelQuota[];
  /** Channels that sell from their own parts alone: it belongs to the reading, so that a version names one number of each. */
  escrowChannels: readonly string[];
  version: string;
  asOf: Date;
  /** When the number moves though nobody writes: a hold ends, a part is released, a day or a presale begins. */
  nextChangeAt: Date | null;
  /** Supply to come and the dated promises of it; null where nothing is promised for later days. */
  timeline: Timeline | null;
  /** When this process learnt of the change, by performance.now(); of a reading that nothing has caused, undefined. */
  noticedAt?: number;
}

type PoolRules = Required<PlanningRules> & { timeZone: string };

/** Of a balance with promises for later days. */
interface PlanRow {
  rules: PoolRules;
  promises: Promised[] | null;
  supplies: Supply[];
}
/** One by one with its channel, or in a sum without. */
interface Promised extends DatedPromise {
  channel?: string;
  held?: boolean;
}

type Row = Omit<BalanceFigures, 'expired'> &
  BalanceKey &
  (PlanRow | { [Column in keyof PlanRow]: null }) & {
    commitCounter: number | null;
    expired: number | null;
    quotas: ChannelQuota[] | null;
    escrowChannels: string[];
    /** Of holds and quotas: what the clock alone has changed and no write has taken in, the latest instant. */
    lastClockChange: Date | null;
    nextClockChange: Date | null;
    /** The day of the pool; null for an unknown one. */
    dayBegan: Date | null;
    dayEnds: Date | null;
    /** Whether the row was written since the day began. */
    writtenToday: boolean;
    /** Of presales: the last start since the row was written, and the next. */
    lastStart: Date | null;
    nextStart: Date | null;
    now: Date;
  };

/**
 * Reads promises in the order of `places`. What the clock has done counts from its instant on, whether or not anything
 * has been written since: holds that have ended, days that have begun. One statement; a second one for places whose
 * promises for later days are due or cannot all be kept.
 */
export async function readAtp(em: EntityManager, places: readonly BalanceKey[]): Promise<AtpReading[]> {
  const rows = await em.execute<Row[]>(READ_PROMISES, [JSON.stringify(places)]);
  const unclear = rows.flatMap((row, index) => (needsEachPromise(row) ? [index] : []));
  if (unclear.length > 0) {
    const again = unclear.map((index) => places[index]!);
    const known = await em.execute<Row[]>(READ_PROMISES_ONE_BY_ONE, [JSON.stringify(again)]);
    unclear.forEach((index, position) => (rows[index] = known[position]!));
  }
  return rows.map(readingOf);
}

/** Of readings, the places whose balance has been committed to since. One probe of an index each, and no row where nothing has. */
export function movedPlaces(
  em: EntityManager,
  readings: readonly Pick<AtpReading, 'sku' | 'pool' | 'version'>[],
): Promise<BalanceKey[]> {
  return em.execute<BalanceKey[]>(
    `select known.sku, known.pool
     from rows from (jsonb_array_elements_text(?::jsonb), jsonb_array_elements_text(?::jsonb),
       jsonb_array_elements_text(?::jsonb)) as known (sku, pool, counter)
     left join stock_balance balance on balance.sku = known.sku and balance.pool = known.pool
     where coalesce(balance.commit_counter, 0) <> known.counter::int8`,
    [
      JSON.stringify(readings.map(({ sku }) => sku)),
      JSON.stringify(readings.map(({ pool }) => pool)),
      JSON.stringify(readings.map(({ version }) => commitCounterOf(version))),
    ],
  );
}

function needsEachPromise(row: Row): boolean {
  if (row.rules === null) return false;
  const plan = planOf(row, row);
  const promises = row.promises ?? [];
  return promises.some(({ promisedOn }) => promisedOn <= plan.today) || !isOnTime(plan, promises);
}

function readingOf(row: Row): AtpReading {
  const { sku, pool, commitCounter, now } = row;
  // The projection begins with another day, whatever is promised of it.
  const midnight = row.writtenToday ? null : row.dayBegan;
  const known = {
    sku,
    pool,
    escrowChannels: row.escrowChannels,
    asOf: new Date(now),
    version: atpVersion(commitCounter ?? 0, latest([row.lastClockChange, midnight, row.lastStart])),
    nextChangeAt: earliest([row.nextClockChange, row.dayEnds, row.nextStart]),
  };
  if (row.rules !== null) return { ...known, ...settledReading(row, row) };
  const figures = commitCounter === null ? noBalance : figuresOf(row);
  return { ...known, figures, quotas: row.quotas ?? [], timeline: null };
}

function figuresOf({
  onHand,
  allocated,
  confirmed,
  held,
  expired,
  unbacked,
  futureDraw: draw,
  bufferFixed,
  bufferRate,
}: Row): BalanceFigures {
  return {
    onHand,
    allocated,
    confirmed,
    held,
    expired: expired ?? 0,
    unbacked,
    futureDraw: draw,
    bufferFixed,
    bufferRate,
  };
}

function planOf(row: Row, { rules, supplies }: PlanRow): SupplyState {
  const { timeZone, ...planning } = rules;
  const figures = figuresOf(row);
  return {
    ...planning,
    today: dayIn(timeZone, new Date(row.now)),
    free: free(figures),
    unbacked: figures.unbacked,
    supplies,
  };
}

/** As the engine would write it at this instant. */
function settledReading(row: Row, planRow: PlanRow): Pick<AtpReading, 'figures' | 'quotas' | 'timeline'> {
  const plan = planOf(row, planRow);
  const settled = settle(plan, planRow.promises ?? []);
  const figures = figuresOf(row);
  const quotas = (row.quotas ?? []).map((quota) => ({ ...quota }));
  for (const [{ held, channel }, { due }] of settled) {
    figures[held ? 'held' : 'confirmed'] += due;
    const quota = quotas.find((one) => one.channel === channel);
    if (quota) quota.used += due;
  }
  const timeline = { ...plan, demands: demandsOf(settled) };
  figures.futureDraw = futureDraw(timeline, figures.unbacked);
  return { figures, quotas, timeline };
}

function latest(instants: (Date | null)[]): Date | null {
  const times = instants.flatMap((instant) => (instant ? [new Date(instant).getTime()] : []));
  return times.length > 0 ? new Date(Math.max(...times)) : null;
}

function earliest(instants: (Date | null)[]): Date | null {
  const times = instants.flatMap((instant) => (instant ? [new Date(instant).getTime()] : []));
  return times.length > 0 ? new Date(Math.min(...times)) : null;
}

/** Supplies still to come, with the rules by which they count. */
export interface PlannedSupplies extends PoolRules {
  supplies: Supply[];
}

/** Per place, in the order of `places`. */
export function readSupplies(em: EntityManager, places: readonly BalanceKey[]): Promise<PlannedSupplies[]> {
  return em
    .execute<{ rules: PoolRules; supplies: Supply[] }[]>(
      `with instant as materialized (select hub_now() as now)
       select ${RULES} as rules, (${SUPPLIES}) as supplies
       from instant cross join
         rows from (jsonb_to_recordset(?::jsonb) as (sku text, pool text)) with ordinality as wanted (sku, pool, position)
       join pool on pool.code = wanted.pool
       order by position`,
      [JSON.stringify(places)],
    )
    .then((rows) => rows.map(({ rules, supplies }) => ({ ...rules, supplies })));
}
