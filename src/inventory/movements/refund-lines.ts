import { HubError } from '../../platform/errors.ts';
import { unknownError } from '../../platform/unknown-error.ts';
import type { RefundLine } from '../engine/command.ts';
import type { EntityManager } from '../../platform/database/database.ts';
import type { OrderReference } from '../reservations/read-reservation.ts';

/** A line as its order has it. */
export interface OrderedLine {
  id: string;
  externalId: string;
  sku: string;
  quantity: number;
}

/** The lines of orders, in the order of the references; the order domain answers it. Null while it has not seen the order. */
export type LinesOfOrders = (
  em: EntityManager,
  references: readonly OrderReference[],
) => Promise<(readonly OrderedLine[] | null)[]>;

/**
 * The refunded lines with what their order says of them.
 * @param known null where the order is not known
 * @throws HubError UNKNOWN_ORDER, UNKNOWN_ORDER_LINE, BAD_USER_INPUT for a line that stands there twice
 */
export function refundLines(
  { channel, externalId }: OrderReference,
  lines: readonly { orderLineExternalId: string; quantity: number }[],
  known: readonly OrderedLine[] | null,
): RefundLine[] {
  if (!known) throw unknownError('UNKNOWN_ORDER', `${externalId} of channel ${channel}`);
  const named = lines.map(({ orderLineExternalId }) => orderLineExternalId);
  if (new Set(named).size < named.length)
    throw new HubError('BAD_USER_INPUT', '`lines` names an order line twice.');
  return lines.map(({ orderLineExternalId, quantity }) => {
    const line = known.find((one) => one.externalId === orderLineExternalId);
    if (!line)
      throw new HubError(
        'UNKNOWN_ORDER_LINE',
        `Order ${externalId} has no line ${orderLineExternalId}; it has ${known.map((one) => one.externalId).join(', ')}.`,
      );
    return { orderLineId: line.id, sku: line.sku, quantity, ordered: line.quantity };
  });
}
