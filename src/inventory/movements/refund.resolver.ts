import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { idempotencyOf } from '../../platform/api/idempotency.ts';
import type { RequestContext } from '../../platform/api/request-context.ts';
import type { RefundLine } from '../engine/command.ts';
import { requireOwnChannel } from '../catalogue/require-own-channel.ts';
import type { StockEngine } from '../engine/stock-engine.ts';
import { refundLines, type LinesOfOrders } from './refund-lines.ts';
import { ReturnPolicy } from '../engine/command.ts';
import { RecordRefundInput } from './refund.types.ts';
import { RestockPayload, restockPayload } from './restock.types.ts';
import { checkLines, checkQuantity, checkText } from '../catalogue/validate-input.ts';
import { Cost } from '../../platform/api/list-size.ts';

@Resolver()
export class RefundResolver {
  constructor(
    private readonly engine: StockEngine,
    private readonly linesOfOrders: LinesOfOrders,
  ) {}

  @Cost(10)
  @Mutation(() => RestockPayload, {
    description:
      'A settled refund from finance: frees what is unshipped, and treats what is shipped by policy.',
  })
  async recordRefund(
    @Arg('input', () => RecordRefundInput) input: RecordRefundInput,
    @Ctx() context: RequestContext,
  ) {
    requireOwnChannel(context.actor, input.channel);
    const idempotency = idempotencyOf('recordRefund', input, context.requestId);
    const command = {
      type: 'refund' as const,
      channel: input.channel,
      orderExternalId: input.orderExternalId,
      externalEventId: checkText(input.refundExternalId, 'refundExternalId'),
      settledAt: input.settledAt.toISOString(),
      policy: input.policy ?? ReturnPolicy.NONE,
      lines: await this.refundLines(input, context),
    };
    return restockPayload(await this.engine.recordFact({ command, idempotency, actor: context.actor }));
  }

  private async refundLines(input: RecordRefundInput, { em }: RequestContext): Promise<RefundLine[]> {
    checkLines(input.lines);
    const order = { channel: input.channel, externalId: input.orderExternalId };
    const [known = null] = await this.linesOfOrders(em, [order]);
    return refundLines(order, input.lines, known).map((line, index) => ({
      ...line,
      quantity: checkQuantity(line.quantity, `lines[${index}].quantity`),
    }));
  }
}
