import { GraphQLLocalDate } from 'graphql-scalars';
import { Field, ID, InputType, Int, ObjectType, createUnionType, registerEnumType } from 'type-graphql';
import type { ReservationOutcome, ReserveOutcome, ReservationCommandOutcome } from '../engine/command.ts';
import { ReservationState, ReserveMode } from '../model/stock.enums.ts';
import { AssumedSize, Cost } from '../../platform/api/list-size.ts';

registerEnumType(ReservationState, { name: 'ReservationState' });
registerEnumType(ReserveMode, {
  name: 'ReserveMode',
  description: 'PARTIAL: take what there is and say what is missing.',
});

/** Reservations in the public API; built from the engine's outcomes. */

@ObjectType('Shortage')
export class ShortageType {
  @Field(() => ID)
  sku!: string;
  @Field(() => Int)
  requested!: number;
  @Field(() => Int)
  available!: number;
  @Field(() => GraphQLLocalDate, {
    nullable: true,
    description: 'Earliest day the quantity could be promised, if any.',
  })
  availableOn!: string | null;
}

@ObjectType()
export class InsufficientStock {
  @AssumedSize(20)
  @Field(() => [ShortageType])
  shortages!: ShortageType[];
}

@ObjectType()
export class ReservationLine {
  /** Resolved to `sku`. */
  skuCode!: string;
  @Field(() => Int)
  quantity!: number;
  @Field(() => GraphQLLocalDate, {
    description: "In the pool's time zone; a late delivery may move it, with an event.",
  })
  promisedOn!: string;
  @Field(() => Int)
  released!: number;
  @Field(() => Int, { description: 'Outstanding at nodes.' })
  allocated!: number;
  @Field(() => Int)
  shipped!: number;
  @Field(() => Int, { description: 'Promised, but lost to a physical fact; new supply backs it first.' })
  unbacked!: number;
}

@ObjectType('ReservationEvent')
export class ReservationEventType {
  @Field()
  at!: Date;
  @Field(() => ReservationState)
  state!: ReservationState;
  @Field()
  actor!: string;
  @Field(() => String, { nullable: true })
  reason!: string | null;
}

@Cost(5)
@ObjectType({ description: 'Units kept for one order or checkout.' })
export class Reservation {
  @Field(() => ID)
  id!: string;
  @Field(() => ReservationState)
  state!: ReservationState;
  @Field(() => ID)
  channel!: string;
  @Field({ description: 'Order or checkout id in the channel.' })
  reference!: string;
  @Field(() => ID, { nullable: true, description: 'The presale it draws from.' })
  campaign!: string | null;
  @Field(() => String, { nullable: true, description: 'The order it was confirmed for.' })
  orderExternalId!: string | null;
  @AssumedSize(20)
  @Field(() => [ReservationLine])
  lines!: ReservationLine[];
  @AssumedSize(20)
  @Field(() => [ShortageType], { description: 'What PARTIAL could not take.' })
  shortages!: ShortageType[];
  @Field()
  createdAt!: Date;
  @Field(() => Date, { nullable: true, description: 'When a hold ends by itself; null once it is none.' })
  expiresAt!: Date | null;
  @AssumedSize(10)
  @Field(() => [ReservationEventType])
  events!: ReservationEventType[];

  static of(outcome: ReservationOutcome): Reservation {
    return Object.assign(new Reservation(), {
      id: outcome.id,
      state: outcome.state,
      channel: outcome.channel,
      reference: outcome.reference,
      campaign: outcome.campaign ?? null, // replies stored before there were campaigns have none
      orderExternalId: outcome.orderExternalId,
      lines: outcome.lines.map(({ sku, ...line }) => ({ ...line, skuCode: sku })),
      shortages: outcome.shortages,
      createdAt: new Date(outcome.createdAt),
      expiresAt: outcome.expiresAt === null ? null : new Date(outcome.expiresAt),
      events: outcome.events.map((event) => ({ ...event, at: new Date(event.at) })),
    });
  }
}

@ObjectType({
  description: 'The command came too late: the reservation is already in `state`. Nothing changed.',
})
export class ReservationNotOpen {
  @Field(() => ID)
  reservationId!: string;
  @Field(() => ReservationState)
  state!: ReservationState;
}

export const ReservePayload = createUnionType({
  name: 'ReservePayload',
  types: () => [Reservation, InsufficientStock] as const,
});
export const ReservationPayload = createUnionType({
  name: 'ReservationPayload',
  types: () => [Reservation, ReservationNotOpen] as const,
});

export function reservePayload(outcome: ReserveOutcome): Reservation | InsufficientStock {
  return outcome.type === 'Reservation'
    ? Reservation.of(outcome)
    : Object.assign(new InsufficientStock(), { shortages: outcome.shortages });
}

export function reservationPayload(outcome: ReservationCommandOutcome): Reservation | ReservationNotOpen {
  return outcome.type === 'Reservation'
    ? Reservation.of(outcome)
    : Object.assign(new ReservationNotOpen(), { reservationId: outcome.reservationId, state: outcome.state });
}

@InputType()
export class ReserveLineInput {
  @Field(() => ID)
  sku!: string;
  @Field(() => Int)
  quantity!: number;
}

@InputType()
export class ReserveInput {
  @Field()
  idempotencyKey!: string;
  @Field(() => ID)
  channel!: string;
  @Field(() => ID, { nullable: true })
  pool?: string | null;
  @Field({ description: 'Order or checkout id in the channel.' })
  reference!: string;
  @Field(() => [ReserveLineInput])
  lines!: ReserveLineInput[];
  @Field(() => Int, { nullable: true, description: "The channel's policy if left out; at most 4 hours." })
  ttlSeconds?: number | null;
  @Field(() => ReserveMode, { nullable: true, defaultValue: ReserveMode.ALL_OR_NOTHING })
  mode?: ReserveMode | null;
  @Field(() => GraphQLLocalDate, {
    nullable: true,
    description: 'When the goods are needed; today if left out. At most 366 days ahead.',
  })
  neededOn?: string | null;
  @Field(() => GraphQLLocalDate, {
    nullable: true,
    description: 'Latest acceptable promise where `neededOn` cannot be met: in-transit or presale supply.',
  })
  acceptUntil?: string | null;
  @Field(() => ID, {
    nullable: true,
    description: 'Presale campaign to draw from; without days, the day of its goods.',
  })
  campaign?: string | null;
  @Field(() => Boolean, {
    nullable: true,
    defaultValue: false,
    description: 'Reserve into the safety buffer; needs the scope `stock:buffer`.',
  })
  useSafetyBuffer?: boolean | null;
}

@InputType()
export class ReservationCommandInput {
  @Field()
  idempotencyKey!: string;
  @Field(() => ID)
  reservationId!: string;
  @Field(() => String, { nullable: true })
  reason?: string | null;
}

@InputType()
export class CancelReservationInput {
  @Field()
  idempotencyKey!: string;
  @Field(() => ID)
  reservationId!: string;
  @Field(() => [ReserveLineInput], { nullable: true, description: 'All lines if left out.' })
  lines?: ReserveLineInput[] | null;
  @Field(() => String, { nullable: true })
  reason?: string | null;
}

@InputType()
export class ConfirmReservationInput {
  @Field()
  idempotencyKey!: string;
  @Field(() => ID)
  reservationId!: string;
  @Field(() => String, {
    nullable: true,
    description: "The order's external id, where the reservation was made for a checkout.",
  })
  orderExternalId?: string | null;
}

@InputType()
export class ExtendReservationInput {
  @Field()
  idempotencyKey!: string;
  @Field(() => ID)
  reservationId!: string;
  @Field(() => Int, { description: 'From now; the hold never ends earlier than it would have.' })
  ttlSeconds!: number;
}
