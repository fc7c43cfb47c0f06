import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import { HubError } from '../../platform/errors.ts';
import { unknownError } from '../../platform/unknown-error.ts';
import { idempotencyOf } from '../../platform/api/idempotency.ts';
import { RequestContext } from '../../platform/api/request-context.ts';
import { AvailableToPromise } from '../availability/api/atp.types.ts';
import type { Adjust, InspectLine, RestockLine, ReturnedLine } from '../engine/command.ts';
import type { StockEngine } from '../engine/stock-engine.ts';
import { readAtp } from '../availability/read-availability.ts';
import {
  AdjustStockInput,
  AdjustStockLineInput,
  InspectionLineInput,
  RecordInspectionInput,
  RestockType,
  RestockInput,
  RestockLineInput,
  RestockPayload,
  restockPayload,
} from './restock.types.ts';
import { RestockReason, StockCondition } from '../model/stock.enums.ts';
import { checkLines, checkQuantity, checkText } from '../catalogue/validate-input.ts';
import { AssumedSize, Cost } from '../../platform/api/list-size.ts';

/** The shipped quantities of order lines; the order domain answers it. Lines that do not exist are left out. */
export type ShippedQuantities = (
  context: RequestContext,
  orderLineIds: readonly string[],
) => Promise<ReadonlyMap<string, Omit<ReturnedLine, 'orderLineId'> & { sku: string }>>;

const returns = new Set([RestockReason.CUSTOMER_RETURN, RestockReason.RETURN_TO_SENDER]);

@Resolver(() => RestockType)
export class RestockResolver {
  constructor(
    private readonly engine: StockEngine,
    private readonly shippedQuantities: ShippedQuantities,
  ) {}

  @Cost(10)
  @Mutation(() => RestockPayload, {
    description: 'Puts units back or brings new ones in: receipt, customer return, transfer in.',
  })
  async restock(@Arg('input', () => RestockInput) input: RestockInput, @Ctx() context: RequestContext) {
    const idempotency = idempotencyOf('restock', input, context.requestId);
    checkLines(input.lines);
    const command = {
      type: 'restock' as const,
      node: input.node,
      reason: input.reason,
      externalEventId:
        input.externalEventId == null ? undefined : checkText(input.externalEventId, 'externalEventId'),
      lines: await this.restockLines(input, context),
    };
    return restockPayload(await this.engine.recordFact({ command, idempotency, actor: context.actor }));
  }

  @Cost(10)
  @Mutation(() => RestockPayload, {
    description:
      'A count or a signed correction. Physical facts are never refused: what is promised beyond them becomes a shortfall.',
  })
  async adjustStock(
    @Arg('input', () => AdjustStockInput) input: AdjustStockInput,
    @Ctx() context: RequestContext,
  ) {
    const idempotency = idempotencyOf('adjustStock', input, context.requestId);
    const command: Adjust = {
      type: 'adjust',
      node: input.node,
      reason: checkText(input.reason, 'reason', 1000),
      externalEventId: undefined,
      lines: checkLines(input.lines).map(adjustLine),
    };
    return restockPayload(await this.engine.recordFact({ command, idempotency, actor: context.actor }));
  }

  @Cost(10)
  @Mutation(() => RestockPayload, {
    description:
      'Units of a node turn out to be in another condition: what came back is fit for sale, or is not.',
  })
  async recordInspection(
    @Arg('input', () => RecordInspectionInput) input: RecordInspectionInput,
    @Ctx() context: RequestContext,
  ) {
    const idempotency = idempotencyOf('recordInspection', input, context.requestId);
    const command = {
      type: 'inspect' as const,
      node: input.node,
      externalEventId:
        input.externalEventId == null ? undefined : checkText(input.externalEventId, 'externalEventId'),
      lines: checkLines(input.lines).map(inspectedLine),
    };
    return restockPayload(await this.engine.recordFact({ command, idempotency, actor: context.actor }));
  }

  @AssumedSize(100)
  @FieldResolver(() => [AvailableToPromise], { description: 'As it is now, not as it was.' })
  async atp(@Root() restock: RestockType, @Ctx() { em }: RequestContext): Promise<AvailableToPromise[]> {
    const places = restock.skus.map((sku) => ({ sku, pool: restock.pool }));
    return (await readAtp(em, places)).map((reading) => AvailableToPromise.of(reading, null));
  }

  private async restockLines(input: RestockInput, context: RequestContext): Promise<RestockLine[]> {
    const isReturn = returns.has(input.reason);
    // One spelling of an id: what comes back of a line is counted under it.
    const lines = input.lines.map((line) => ({ ...line, orderLine: line.orderLine?.toLowerCase() }));
    const orderLines = lines.flatMap((line) => line.orderLine ?? []);
    const shipped =
      isReturn && orderLines.length > 0 ? await this.shippedQuantities(context, orderLines) : new Map();
    return lines.map((line, index) => ({
      sku: line.sku,
      quantity: checkQuantity(line.quantity, `lines[${index}].quantity`),
      condition: line.condition ?? StockCondition.SELLABLE,
      inbound: line.inbound ?? undefined,
      returnOf: isReturn ? returnOf(line, index, shipped) : notReturn(line, index, input.reason),
    }));
  }
}

function returnOf(
  line: RestockLineInput,
  index: number,
  shipped: Awaited<ReturnType<ShippedQuantities>>,
): RestockLine['returnOf'] {
  if (line.orderLine == null)
    throw new HubError('BAD_USER_INPUT', `\`lines[${index}].orderLine\` is required for a return.`);
  const known = shipped.get(line.orderLine);
  if (!known) throw unknownError('UNKNOWN_ORDER_LINE', line.orderLine);
  if (known.sku !== line.sku)
    throw new HubError(
      'BAD_USER_INPUT',
      `Order line ${line.orderLine} is of SKU ${known.sku}, not ${line.sku}.`,
    );
  const { channel, orderExternalId, ordered, shipped: left } = known;
  return { orderLineId: line.orderLine, channel, orderExternalId, ordered, shipped: left };
}

function notReturn(line: RestockLineInput, index: number, reason: RestockReason): undefined {
  if (line.orderLine != null)
    throw new HubError(
      'BAD_USER_INPUT',
      `\`lines[${index}].orderLine\` belongs to returns, not to ${reason}.`,
    );
}

function inspectedLine({ sku, quantity, from, to }: InspectionLineInput, index: number): InspectLine {
  if (from === to)
    throw new HubError('BAD_USER_INPUT', `\`lines[${index}]\` must name two different conditions.`);
  return { sku, quantity: checkQuantity(quantity, `lines[${index}].quantity`), from, to };
}

function adjustLine({ sku, delta, counted }: AdjustStockLineInput, index: number): Adjust['lines'][number] {
  if ((delta == null) === (counted == null))
    throw new HubError(
      'BAD_USER_INPUT',
      `\`lines[${index}]\` must have exactly one of \`delta\` and \`counted\`.`,
    );
  if (counted != null) return { sku, counted: checkQuantity(counted, `lines[${index}].counted`, 0) };
  checkQuantity(Math.abs(delta!), `lines[${index}].delta`);
  return { sku, delta: delta! };
}
