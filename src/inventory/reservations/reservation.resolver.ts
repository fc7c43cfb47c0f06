import { Arg, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import { requireScope } from '../../platform/api/actor.ts';
import { idempotencyOf } from '../../platform/api/idempotency.ts';
import { RequestContext } from '../../platform/api/request-context.ts';
import { Sku } from '../catalogue/catalogue.entities.ts';
import { existingSku } from '../catalogue/catalogue.loaders.ts';
import type { LineRequest, StockCommand } from '../engine/command.ts';
import { requireOwnChannel } from '../catalogue/require-own-channel.ts';
import type { ReservationCommand, StockEngine } from '../engine/stock-engine.ts';
import { reservationById } from './read-reservation.ts';
import {
  CancelReservationInput,
  ConfirmReservationInput,
  ExtendReservationInput,
  Reservation,
  ReservationCommandInput,
  ReservationLine,
  ReservationPayload,
  ReserveInput,
  ReserveLineInput,
  ReservePayload,
  reservationPayload,
  reservePayload,
} from './reservation.types.ts';
import { ReserveMode } from '../model/stock.enums.ts';
import { checkLines, checkQuantity, checkText, checkTtl } from '../catalogue/validate-input.ts';
import { Cost, ListsSizedBy } from '../../platform/api/list-size.ts';

@Resolver(() => Reservation)
export class ReservationResolver {
  constructor(private readonly engine: StockEngine) {}

  @Query(() => Reservation, { nullable: true })
  reservation(@Arg('id', () => ID) id: string, @Ctx() context: RequestContext): Promise<Reservation | null> {
    return context.load(reservationById, id);
  }

  @ListsSizedBy('input.lines', ['lines', 'shortages'])
  @Cost(10)
  @Mutation(() => ReservePayload, { description: 'Keeps units for an order or a checkout until it is paid.' })
  async reserve(@Arg('input', () => ReserveInput) input: ReserveInput, @Ctx() context: RequestContext) {
    requireOwnChannel(context.actor, input.channel);
    if (input.useSafetyBuffer) requireScope(context.actor, 'stock:buffer', '`useSafetyBuffer`');
    const command = reserveCommand(input);
    const idempotency = idempotencyOf('reserve', input, context.requestId);
    return reservePayload(await this.engine.reserve({ command, idempotency, actor: context.actor }));
  }

  @Cost(10)
  @Mutation(() => ReservationPayload, {
    description: "Paid. Binds the order's external id where the reservation was made for a checkout.",
  })
  confirmReservation(
    @Arg('input', () => ConfirmReservationInput) input: ConfirmReservationInput,
    @Ctx() context: RequestContext,
  ) {
    const { reservationId } = input;
    const orderExternalId =
      input.orderExternalId == null ? undefined : checkText(input.orderExternalId, 'orderExternalId');
    return this.command(
      'confirmReservation',
      { type: 'confirm', reservationId, orderExternalId },
      input,
      context,
    );
  }

  @Cost(10)
  @Mutation(() => ReservationPayload, { description: 'Not paid, or given up: the units are free again.' })
  releaseReservation(
    @Arg('input', () => ReservationCommandInput) input: ReservationCommandInput,
    @Ctx() context: RequestContext,
  ) {
    const { reservationId } = input;
    const reason = input.reason == null ? undefined : checkText(input.reason, 'reason', 1000);
    return this.command('releaseReservation', { type: 'release', reservationId, reason }, input, context);
  }

  @Cost(10)
  @Mutation(() => ReservationPayload, {
    description: 'Cancels units of a confirmed or allocated reservation that have not been shipped.',
  })
  cancelReservation(
    @Arg('input', () => CancelReservationInput) input: CancelReservationInput,
    @Ctx() context: RequestContext,
  ) {
    const lines = input.lines == null ? undefined : checkedLines(input.lines);
    const reason = input.reason == null ? undefined : checkText(input.reason, 'reason', 1000);
    const { reservationId } = input;
    return this.command(
      'cancelReservation',
      { type: 'cancel', reservationId, lines, reason },
      input,
      context,
    );
  }

  @Cost(10)
  @Mutation(() => ReservationPayload)
  extendReservation(
    @Arg('input', () => ExtendReservationInput) input: ExtendReservationInput,
    @Ctx() context: RequestContext,
  ) {
    const ttlSeconds = checkTtl(input.ttlSeconds);
    const { reservationId } = input;
    return this.command('extendReservation', { type: 'extend', reservationId, ttlSeconds }, input, context);
  }

  private async command(
    operation: string,
    command: ReservationCommand,
    input: { idempotencyKey: string },
    context: RequestContext,
  ) {
    const submission = {
      command,
      idempotency: idempotencyOf(operation, input, context.requestId),
      actor: context.actor,
    };
    return reservationPayload(await this.engine.changeReservation(submission));
  }
}

@Resolver(() => ReservationLine)
export class ReservationLineResolver {
  @FieldResolver(() => Sku)
  sku(@Root() line: ReservationLine, @Ctx() context: RequestContext): Promise<Sku> {
    return context.load(existingSku, line.skuCode);
  }
}

function reserveCommand(input: ReserveInput): Extract<StockCommand, { type: 'reserve' }> {
  return {
    type: 'reserve',
    channel: input.channel,
    pool: input.pool ?? undefined,
    reference: checkText(input.reference, 'reference'),
    lines: checkedLines(input.lines),
    ttlSeconds: input.ttlSeconds == null ? undefined : checkTtl(input.ttlSeconds),
    partial: input.mode === ReserveMode.PARTIAL,
    neededOn: input.neededOn ?? undefined,
    acceptUntil: input.acceptUntil ?? undefined,
    campaign: input.campaign ?? undefined,
    useSafetyBuffer: input.useSafetyBuffer === true,
  };
}

function checkedLines(lines: readonly ReserveLineInput[]): LineRequest[] {
  return checkLines(lines).map(({ sku, quantity }, index) => ({
    sku,
    quantity: checkQuantity(quantity, `lines[${index}].quantity`),
  }));
}
