import { balanceKeyString, type BalanceKey } from '../../model/balance-key.ts';
import type { LockedCampaign, LockedLimit, LockedQuota, LockedReservation } from './locked-rows.ts';

/** The use that channels and presale campaigns make of their limits, while a batch is decided. */
export class LimitUsage {
  readonly changedQuotas = new Set<LockedQuota>();
  readonly changedCampaigns = new Set<LockedCampaign>();

  constructor(
    private readonly campaigns: ReadonlyMap<string, LockedCampaign>,
    private readonly quotas: ReadonlyMap<string, LockedQuota[]>,
  ) {}

  /** How far a campaign, a channel in it or a SKU in it has come; counted from its first unit on. */
  limit(campaign: LockedCampaign, kind: LockedLimit['kind'], subject: string): LockedLimit {
    const known = campaign.limits.find((limit) => limit.kind === kind && limit.subject === subject);
    if (known) return known;
    const limit: LockedLimit = { kind, subject, units: null, used: 0 };
    campaign.limits.push(limit);
    return limit;
  }

  /** Counts units of a SKU that a reservation has got from its campaign, or given back; none where it has no campaign. */
  useCampaign({ campaign: code, channel }: LockedReservation, sku: string, delta: number): void {
    if (!code) return;
    const campaign = this.campaigns.get(code);
    if (!campaign) throw new Error(`the campaign ${code} was not locked`);
    this.limit(campaign, 'TOTAL', '').used += delta;
    this.limit(campaign, 'CHANNEL', channel).used += delta;
    this.limit(campaign, 'SKU', sku).used += delta;
    this.changedCampaigns.add(campaign);
  }

  /** Counts units that a channel has got from a balance, or given back; none where it has no quota. */
  useQuota({ sku, pool }: BalanceKey, channel: string | undefined, delta: number): void {
    const quotas = this.quotas.get(balanceKeyString(sku, pool));
    const quota = quotas?.find((candidate) => candidate.channel === channel);
    if (!quota) return;
    quota.used += delta;
    this.changedQuotas.add(quota);
  }

  /**
   * Shares exclusive parts whose time has passed: what was used of them stays used.
   * @returns the balances whose quantities have changed by it
   */
  releaseQuotas(now: Date): BalanceKey[] {
    const due = [...this.quotas.values()]
      .flat()
      .filter(({ released, releaseAt }) => !released && releaseAt !== null && releaseAt <= now);
    for (const quota of due) {
      quota.exclusive = Math.min(quota.exclusive, quota.used);
      quota.released = true;
      this.changedQuotas.add(quota);
    }
    return due;
  }
}
