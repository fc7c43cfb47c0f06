import { HubError } from '../../../platform/errors.ts';
import { unknownError } from '../../../platform/unknown-error.ts';
import type { Reserve } from '../command.ts';
import type { LockedCampaign, LockedSupply } from '../state/locked-rows.ts';
import type { LockedStock } from '../state/locked-stock.ts';

/**
 * The presale that a basket draws from.
 * @throws HubError UNKNOWN_CAMPAIGN; CAMPAIGN_NOT_OPEN before it starts and after it ends; SKU_NOT_IN_CAMPAIGN
 */
export function openCampaign(stock: LockedStock, command: Reserve, pool: string): LockedCampaign | undefined {
  if (command.campaign === undefined) return undefined;
  const campaign = stock.campaigns.get(command.campaign);
  if (!campaign || campaign.pool !== pool)
    throw unknownError('UNKNOWN_CAMPAIGN', `${command.campaign} of pool ${pool}`);
  if (stock.now < campaign.startsAt || stock.now >= campaign.endsAt) throw notOpen(campaign);
  const skus = [...new Set(command.lines.map(({ sku }) => sku))].filter(
    (sku) => !plannedSupply(stock, campaign, sku),
  );
  if (skus.length > 0)
    throw new HubError(
      'SKU_NOT_IN_CAMPAIGN',
      `The presale campaign ${campaign.code} has no ${skus.join(', ')}.`,
      { skus },
    );
  return campaign;
}

function notOpen({ code, startsAt, endsAt }: LockedCampaign): HubError {
  const times = { startsAt: startsAt.toISOString(), endsAt: endsAt.toISOString() };
  return new HubError(
    'CAMPAIGN_NOT_OPEN',
    `The presale campaign ${code} runs from ${times.startsAt} until ${times.endsAt}.`,
    times,
  );
}

/** The planned supply of a campaign for a SKU; undefined when it does not sell it. */
export function plannedSupply(
  stock: LockedStock,
  { code, pool }: LockedCampaign,
  sku: string,
): LockedSupply | undefined {
  return stock.supplies.find(
    (supply) =>
      supply.kind === 'PRESALE' &&
      supply.externalId === code &&
      supply.sku === sku &&
      supply.pool === pool &&
      supply.ordered > 0,
  );
}

/** Units that a campaign may still sell, by SKU; what is taken of one SKU counts against the common caps of the next. */
export class CampaignRoom {
  private common: number;

  constructor(
    private readonly campaign: LockedCampaign | undefined,
    channel: string,
  ) {
    this.common = Math.min(this.left('TOTAL', ''), this.left('CHANNEL', channel));
  }

  of(sku: string): number {
    return Math.min(this.common, this.left('SKU', sku));
  }

  take(units: number): void {
    this.common -= units;
  }

  private left(kind: 'TOTAL' | 'CHANNEL' | 'SKU', subject: string): number {
    const limit = this.campaign?.limits.find((one) => one.kind === kind && one.subject === subject);
    return limit?.units == null ? Infinity : Math.max(0, limit.units - limit.used);
  }
}
