import type { ChannelQuota, SellsFrom } from './split-quota.ts';

/** A channel's part, with how fast the channel sells. */
export interface SellingQuota extends Pick<ChannelQuota, 'channel' | 'exclusive' | 'used'> {
  sellsFrom: SellsFrom;
  /** Units taken in the window. */
  sold: number;
}

/**
 * New exclusive targets in proportion to what channels sell, by largest remainder, ties by channel code; their sum stays
 * what it was. No target falls below what its channel has used of it, nor that of a channel with a counter of its own:
 * it may sell its number before it learns of a lower one (ADR 18). Nothing moves while nothing is sold.
 * @returns the targets that change, by channel
 */
export function rebalanced(quotas: readonly SellingQuota[]): Map<string, number> {
  const sold = quotas.reduce((sum, quota) => sum + quota.sold, 0);
  if (sold === 0 || quotas.length < 2) return new Map();
  const total = quotas.reduce((sum, { exclusive }) => sum + exclusive, 0);
  const targets = divide(total, quotas);
  return new Map(
    quotas
      .filter(({ channel, exclusive }) => targets.get(channel) !== exclusive)
      .map(({ channel }) => [channel, targets.get(channel)!]),
  );
}

const floorOf = ({ exclusive, used, sellsFrom }: SellingQuota) =>
  sellsFrom === 'ESCROW' ? exclusive : Math.min(used, exclusive);

/** Those whose share is below their floor keep the floor; the others divide the rest. */
function divide(total: number, quotas: readonly SellingQuota[]): Map<string, number> {
  const fixed = new Map<string, number>();
  for (;;) {
    const open = quotas.filter(({ channel }) => !fixed.has(channel));
    const rest = total - [...fixed.values()].reduce((sum, units) => sum + units, 0);
    const shares = byLargestRemainder(rest, open);
    const low = open.filter((quota) => shares.get(quota.channel)! < floorOf(quota));
    if (low.length === 0) return new Map([...fixed, ...shares]);
    for (const quota of low) fixed.set(quota.channel, floorOf(quota));
  }
}

function byLargestRemainder(units: number, quotas: readonly SellingQuota[]): Map<string, number> {
  // Never 0: if every seller were below its floor, the floors would sum to more than the targets did.
  const sold = quotas.reduce((sum, quota) => sum + quota.sold, 0);
  const exact = quotas.map((quota) => ({ channel: quota.channel, share: (units * quota.sold) / sold }));
  const targets = new Map(exact.map(({ channel, share }) => [channel, Math.floor(share)]));
  const left = units - [...targets.values()].reduce((sum, each) => sum + each, 0);
  const byRemainder = exact.toSorted(
    (a, b) => (b.share % 1) - (a.share % 1) || (a.channel < b.channel ? -1 : 1),
  );
  for (const { channel } of byRemainder.slice(0, left)) targets.set(channel, targets.get(channel)! + 1);
  return targets;
}
