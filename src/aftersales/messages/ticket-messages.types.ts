import { Field, ID, InputType, ObjectType, createUnionType, registerEnumType } from 'type-graphql';

export enum TicketMessageState {
  PENDING = 'PENDING',
  DELIVERED = 'DELIVERED',
  FAILED = 'FAILED',
}
registerEnumType(TicketMessageState, {
  name: 'TicketMessageState',
  description:
    'PENDING: on its way to the ticket’s own system. FAILED: it could not be put there; see `failedWrites`.',
});

@ObjectType({ description: 'A word to the customer that was written in the hub.' })
export class TicketMessage {
  @Field(() => ID)
  id!: string;
  @Field()
  text!: string;
  @Field({ description: 'The name of the key that it was written with.' })
  author!: string;
  @Field()
  writtenAt!: Date;
  @Field(() => TicketMessageState)
  state!: TicketMessageState;
  @Field(() => Date, { nullable: true, description: 'When the ticket’s own system had taken it.' })
  deliveredAt!: Date | null;
  @Field(() => String, { nullable: true, description: 'What the ticket’s own system calls it.' })
  externalId!: string | null;
  @Field(() => String, { nullable: true, description: 'Why the last attempt failed.' })
  lastError!: string | null;
}

export enum ReplyRefusal {
  UNKNOWN_TICKET = 'UNKNOWN_TICKET',
  SOURCE_TAKES_NO_MESSAGES = 'SOURCE_TAKES_NO_MESSAGES',
}
registerEnumType(ReplyRefusal, { name: 'ReplyRefusal' });

@ObjectType({ description: 'Nothing was written.' })
export class ReplyRefused {
  @Field(() => ID)
  ticketId!: string;
  @Field(() => ReplyRefusal)
  reason!: ReplyRefusal;
  @Field({ description: 'For a person.' })
  message!: string;
}

export const ReplyToTicketPayload = createUnionType({
  name: 'ReplyToTicketPayload',
  types: () => [TicketMessage, ReplyRefused] as const,
});

@InputType()
export class ReplyToTicketInput {
  @Field()
  idempotencyKey!: string;
  @Field(() => ID)
  ticketId!: string;
  @Field({ description: 'As the customer is to read it; at most 10,000 characters.' })
  text!: string;
}
