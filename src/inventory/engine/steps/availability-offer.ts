import { HubError } from '../../../platform/errors.ts';
import { earliestDay, promisableOn } from '../../model/available-to-promise.ts';
import { addDays } from '../../model/day.ts';
import { MAX_PROJECTION_DAYS } from '../../model/limits.ts';
import { countsFrom } from '../../model/timeline.ts';
import { CampaignRoom, plannedSupply } from './campaign.ts';
import type { Reserve } from '../command.ts';
import { outstanding, promisableSupply, type LockedCampaign } from '../state/locked-rows.ts';
import type { LockedStock } from '../state/locked-stock.ts';

/** The units of a SKU that can be promised to a basket, and their day. */
export interface AvailabilityOffer {
  sku: string;
  requested: number;
  /** At most what is requested where it is for a later day. */
  available: number;
  promisedOn: string;
  /** Whether only a campaign's cap is in the way, which no day changes. */
  capped: boolean;
}

/** The days for which a promise is acceptable, both included. */
interface Window {
  from: string;
  until: string;
}

/** By SKU, in the order of the basket; lines of one SKU share its stock, so they are decided together. */
export function availabilityOffers(
  stock: LockedStock,
  command: Reserve,
  pool: string,
  campaign?: LockedCampaign,
): Map<string, AvailabilityOffer> {
  const room = new CampaignRoom(campaign, command.channel);
  const offers = new Map<string, AvailabilityOffer>();
  for (const [sku, requested] of sumBySku(command)) {
    const most = room.of(sku);
    const wanted = Math.min(requested, most);
    const window = windowOf(stock, command, pool, sku, campaign);
    const { available, promisedOn } = promiseWithin(stock, command, pool, sku, wanted, window);
    const offered = Math.min(available, most);
    room.take(Math.min(requested, offered));
    offers.set(sku, { sku, requested, available: offered, promisedOn, capped: available >= wanted });
  }
  return offers;
}

function sumBySku(command: Reserve): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { sku, quantity } of command.lines) sums.set(sku, (sums.get(sku) ?? 0) + quantity);
  return sums;
}

/** @throws HubError DAY_OUT_OF_RANGE */
function windowOf(
  stock: LockedStock,
  { neededOn, acceptUntil }: Reserve,
  pool: string,
  sku: string,
  campaign: LockedCampaign | undefined,
): Window {
  const today = stock.today(pool);
  checkDay('neededOn', neededOn, today, today);
  checkDay('acceptUntil', acceptUntil, neededOn ?? today, today);
  const first = neededOn ?? today;
  const from = campaign ? later(first, campaignDay(stock, campaign, sku, today)) : first;
  return { from, until: acceptUntil ?? from };
}

function later(a: string, b: string): string {
  return a > b ? a : b;
}

function checkDay(name: string, day: string | undefined, least: string, today: string): void {
  if (day === undefined) return;
  const most = addDays(today, MAX_PROJECTION_DAYS);
  if (day >= least && day <= most) return;
  throw new HubError('DAY_OUT_OF_RANGE', `\`${name}\` must be ${least} to ${most}, was ${day}.`, {
    least,
    most,
  });
}

/** From when on a campaign's own supply is there: a presale does not take what is on the shelves. */
function campaignDay(stock: LockedStock, campaign: LockedCampaign, sku: string, today: string): string {
  const planned = plannedSupply(stock, campaign, sku)!;
  const supply = promisableSupply(planned, stock.now);
  if (!supply || outstanding(planned) === 0) return today;
  return countsFrom(supply, today, stock.pools.get(campaign.pool)!.overdue) ?? today;
}

const noBuffer = { bufferFixed: 0, bufferRate: 0 };

/** The earliest day with all of it, else the earliest with the most that there is. */
function promiseWithin(
  stock: LockedStock,
  { channel, useSafetyBuffer }: Reserve,
  pool: string,
  sku: string,
  wanted: number,
  window: Window,
): { available: number; promisedOn: string } {
  const today = stock.today(pool);
  if (window.until === today)
    return { available: stock.available(sku, pool, channel, useSafetyBuffer), promisedOn: today };
  const figures = { ...stock.figures(sku, pool), ...(useSafetyBuffer ? noBuffer : {}) };
  const timeline = stock.requirePlan(sku, pool).timeline();
  const dayWith = (units: number) =>
    earliestDay(
      figures,
      timeline,
      window,
      (quantity) => stock.sellable(sku, pool, channel, quantity) >= units,
    );
  const day = dayWith(wanted);
  if (day !== undefined) return { available: wanted, promisedOn: day };
  const most =
    window.until < window.from
      ? 0
      : stock.sellable(sku, pool, channel, promisableOn(figures, timeline, window.until));
  return { available: most, promisedOn: dayWith(most) ?? window.from };
}
