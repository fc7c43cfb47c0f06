import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import { Ticket } from '../aftersales.entities.ts';
import { idempotencyOf } from '../../platform/api/idempotency.ts';
import { RequestContext } from '../../platform/api/request-context.ts';
import { messagesOfTicket, replyToTicket } from './ticket-messages.ts';
import {
  ReplyRefused,
  ReplyToTicketInput,
  ReplyToTicketPayload,
  TicketMessage,
} from './ticket-messages.types.ts';
import { AssumedSize, Cost } from '../../platform/api/list-size.ts';

/** Words to the customer, put into the ticket's own system. */
@Resolver(() => Ticket)
export class TicketMessagesResolver {
  /** @param takesMessages whether the source of an id does */
  constructor(private readonly takesMessages: (connector: string) => boolean) {}

  @Cost(10)
  @Mutation(() => ReplyToTicketPayload, {
    description:
      'Puts a word to the customer into the ticket’s own system: stored at once, there within a second if it works.',
  })
  replyToTicket(
    @Arg('input', () => ReplyToTicketInput) input: ReplyToTicketInput,
    @Ctx() { em, actor, requestId }: RequestContext,
  ): Promise<TicketMessage | ReplyRefused> {
    const idempotency = idempotencyOf('replyToTicket', input, requestId);
    const reply = { ticketId: input.ticketId.toLowerCase(), text: input.text };
    return replyToTicket(em, this.takesMessages, reply, { actor, idempotency });
  }

  @AssumedSize(20)
  @FieldResolver(() => [TicketMessage], {
    description: 'What was written in the hub, oldest first; what stands in its own system is not read.',
  })
  messages(@Root() { id }: Ticket, @Ctx() context: RequestContext): Promise<TicketMessage[]> {
    return context.load(messagesOfTicket, id);
  }
}
