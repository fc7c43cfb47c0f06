import type { Actor } from '../../../platform/api/actor.ts';
import { HubError } from '../../../platform/errors.ts';
import { unknownError } from '../../../platform/unknown-error.ts';
import type { ConfigurePool, ConfigurePresale, PlannedOutcome, Settle } from '../command.ts';
import { changeSupply, supplyOf } from './decide-inbound.ts';
import type { LockedStock } from '../state/locked-stock.ts';
import { requireSkus } from '../steps/require-skus.ts';
import { settleAll } from '../steps/settle-supply-plans.ts';
import type { LockedCampaign } from '../state/locked-rows.ts';

/** A presale, its caps and what it plans to have; what it has sold stays promised, or gets another day. */
export function decidePresale(stock: LockedStock, command: ConfigurePresale, actor: Actor): PlannedOutcome {
  const { code, pool, lines } = command;
  requirePool(stock, pool);
  requireSkus(stock, lines);
  const unknown = command.channelCaps.find(({ channel }) => !stock.channels.has(channel));
  if (unknown) throw unknownError('UNKNOWN_CHANNEL', unknown.channel);
  const campaign = campaignOf(stock, command);
  setCaps(stock, campaign, command);

  const countsFrom = campaign.startsAt;
  for (const line of lines) {
    const { sku, availableOn } = line;
    const about = { kind: 'PRESALE' as const, externalId: code, sku, pool, node: null, availableOn };
    changeSupply(stock, supplyOf(stock, about) ?? stock.newSupply(about), line, { countsFrom }, actor);
    const balance = stock.balance(sku, pool)!;
    balance.hasPresale = true;
    stock.changedBalances.add(balance);
  }
  const named = new Set(lines.map(({ sku }) => sku));
  for (const supply of stock.supplies)
    if (supply.kind === 'PRESALE' && supply.externalId === code && !named.has(supply.sku))
      changeSupply(stock, supply, { ...supply, quantity: 0 }, { countsFrom }, actor);
  return planned(stock, pool, [...named], actor);
}

function campaignOf(stock: LockedStock, command: ConfigurePresale): LockedCampaign {
  const { code, pool } = command;
  const times = { startsAt: new Date(command.startsAt), endsAt: new Date(command.endsAt) };
  const known = stock.campaigns.get(code);
  if (known && known.pool !== pool)
    throw new HubError('BAD_USER_INPUT', `The presale campaign ${code} is of the pool ${known.pool}.`);
  const campaign = Object.assign(known ?? { code, pool, limits: [], ...times }, times);
  stock.campaigns.set(code, campaign);
  stock.limits.changedCampaigns.add(campaign);
  return campaign;
}

function setCaps(stock: LockedStock, campaign: LockedCampaign, command: ConfigurePresale): void {
  stock.limits.limit(campaign, 'TOTAL', '');
  for (const { channel } of command.channelCaps) stock.limits.limit(campaign, 'CHANNEL', channel);
  for (const { sku } of command.lines) stock.limits.limit(campaign, 'SKU', sku);
  for (const limit of campaign.limits)
    limit.units =
      limit.kind === 'TOTAL'
        ? command.cap
        : limit.kind === 'CHANNEL'
          ? (command.channelCaps.find(({ channel }) => channel === limit.subject)?.units ?? null)
          : (command.lines.find(({ sku }) => sku === limit.subject)?.quantity ?? 0);
}

/** How the pool looks at overdue deliveries and returns; all its promises for later days are looked at again. */
export function decidePool(stock: LockedStock, command: ConfigurePool, actor: Actor): PlannedOutcome {
  const policy = requirePool(stock, command.pool);
  policy.overdue = {
    offsetDays: command.overdueOffsetDays ?? policy.overdue.offsetDays,
    fenceDays: command.overdueFenceDays ?? policy.overdue.fenceDays,
  };
  policy.resaleRate = command.resaleRate ?? policy.resaleRate;
  stock.changedPools.add(policy);
  for (const { place } of stock.allPlans())
    if (place.pool === policy.code) stock.touch(place.sku, place.pool);
  return planned(stock, policy.code, [], actor);
}

/** All that is to be done was done when the balances were locked; it is on record that they were looked at. */
export function decideSettle(stock: LockedStock, { pool, lines }: Settle): PlannedOutcome {
  for (const { sku } of lines) stock.touch(sku, pool);
  return { type: 'Planned', pool, skus: lines.map(({ sku }) => sku), repromised: [] };
}

function planned(stock: LockedStock, pool: string, skus: string[], actor: Actor): PlannedOutcome {
  return { type: 'Planned', pool, skus, repromised: settleAll(stock, actor.name) };
}

function requirePool(stock: LockedStock, code: string) {
  const pool = stock.pools.get(code);
  if (!pool) throw unknownError('UNKNOWN_POOL', code);
  return pool;
}
