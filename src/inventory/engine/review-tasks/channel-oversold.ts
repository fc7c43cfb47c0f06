import type { ReviewAction, TaskToOpen } from '../../../review/index.ts';

export const CHANNEL_OVERSOLD = 'CHANNEL_OVERSOLD';
const DEADLINE_SECONDS = 4 * 3600;

/** A channel has sold more than it could: somebody must decide about the order's missing units. */
export function channelOversold(
  order: { channel: string; orderExternalId: string },
  missing: readonly { sku: string; units: number }[],
): TaskToOpen {
  const units = missing.map(({ sku, units: count }) => `${count} × ${sku}`).join(', ');
  return {
    kind: CHANNEL_OVERSOLD,
    subject: `${order.channel} ${order.orderExternalId}`,
    summary: `${order.channel} sold ${units} in order ${order.orderExternalId} beyond what it could sell.`,
    details: { ...order, missing },
    deadlineSeconds: DEADLINE_SECONDS,
    defaultAction: 'WAIT_FOR_SUPPLY',
  };
}

const nothingMore: ReviewAction = async () => undefined;

/** As for other promises without goods: new supply backs the oldest first, and cancelling is a command of its own. */
export const channelOversoldActions: Readonly<Record<string, ReviewAction>> = {
  WAIT_FOR_SUPPLY: nothingMore,
  HANDLED_WITH_CUSTOMER: nothingMore,
};
