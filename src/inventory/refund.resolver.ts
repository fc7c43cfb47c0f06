import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { HubError } from '../platform/errors.ts';
import { idempotencyOf } from '../platform/idempotency.ts';
import type { RequestContext } from '../platform/request-context.ts';
import type { RefundLine } from './engine/command.ts';
import { requireOwnChannel } from './own-channel.ts';
import type { PromiseEngine } from './promise-engine.ts';
import type { OrderReference } from './read-reservation.ts';
import { RecordRefundInput, ReturnPolicy } from './refund.types.ts';
import { RestockPayload, restockPayload } from './restock.types.ts';
import { checkLines, checkQuantity, checkText } from './validate.ts';

/** The lines of an order; the order domain answers it. Null while the hub has not seen the order. */
export type LinesOfOrder = (
  context: RequestContext,
  order: OrderReference,
) => Promise<readonly { id: string; externalId: string; sku: string; quantity: number }[] | null>;

@Resolver()
export class RefundResolver {
  constructor(
    private readonly engine: PromiseEngine,
    private readonly linesOfOrder: LinesOfOrder,
  ) {}

  @Mutation(() => RestockPayload, {
    description:
      'A settled refund from finance: frees what is unshipped, and treats what is shipped by policy.',
  })
  async recordRefund(
    @Arg('input', () => RecordRefundInput) input: RecordRefundInput,
    @Ctx() context: RequestContext,
  ) {
    requireOwnChannel(context.actor, input.channel);
    const idempotency = idempotencyOf('recordRefund', input);
    const command = {
      type: 'refund' as const,
      channel: input.channel,
      orderExternalId: input.orderExternalId,
      externalEventId: checkText(input.refundExternalId, 'refundExternalId'),
      settledAt: input.settledAt.toISOString(),
      policy: input.policy ?? ReturnPolicy.NONE,
      lines: await this.refundLines(input, context),
    };
    return restockPayload(await this.engine.physical({ command, idempotency, actor: context.actor }));
  }

  private async refundLines(input: RecordRefundInput, context: RequestContext): Promise<RefundLine[]> {
    const { channel, orderExternalId } = input;
    checkLines(input.lines);
    const known = await this.linesOfOrder(context, { channel, externalId: orderExternalId });
    if (!known)
      throw new HubError('UNKNOWN_ORDER', `There is no order ${orderExternalId} of channel ${channel}.`);
    const named = input.lines.map(({ orderLineExternalId }) => orderLineExternalId);
    if (new Set(named).size < named.length)
      throw new HubError('BAD_USER_INPUT', '`lines` names an order line twice.');
    return input.lines.map(({ orderLineExternalId, quantity }, index) => {
      const line = known.find(({ externalId }) => externalId === orderLineExternalId);
      if (!line)
        throw new HubError(
          'UNKNOWN_ORDER_LINE',
          `Order ${orderExternalId} has no line ${orderLineExternalId}; it has ${known.map(({ externalId }) => externalId).join(', ')}.`,
        );
      return {
        orderLineId: line.id,
        sku: line.sku,
        quantity: checkQuantity(quantity, `lines[${index}].quantity`),
        ordered: line.quantity,
      };
    });
  }
}
