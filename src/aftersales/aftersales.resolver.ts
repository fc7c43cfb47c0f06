import { Args, ArgsType, Ctx, Field, FieldResolver, Resolver, Root } from 'type-graphql';
import {
  Customer,
  customerOfProfile,
  newestFirstCursor,
  newestFirstKey,
  SourceFreshness,
  type FreshnessOf,
} from '../customer/index.ts';
import { Order, orderByReference } from '../order/index.ts';
import { connectionType, ShortPageArgs, toConnection, type Connection } from '../platform/api/pagination.ts';
import type { RequestContext } from '../platform/api/request-context.ts';
import { Return, ReturnLine, Ticket } from './aftersales.entities.ts';
import {
  linesOfReturn,
  returnsOfCustomer,
  returnsOfOrder,
  ticketsOfCustomer,
  ticketsOfOrder,
} from './aftersales.loaders.ts';
import { AssumedSize, SizedByFirst } from '../platform/api/list-size.ts';

const TicketConnection = connectionType('Ticket', () => Ticket);
const ReturnConnection = connectionType('Return', () => Return);
/** For an explicit `first: null`. */
const DEFAULT_PAGE_SIZE = 10;

@ArgsType()
class CustomerTicketsArgs extends ShortPageArgs {
  @Field(() => Boolean, { nullable: true, defaultValue: false })
  openOnly!: boolean | null;
}

@Resolver(() => Ticket)
export class TicketResolver {
  constructor(private readonly freshnessOf: FreshnessOf) {}

  @FieldResolver(() => Order, { nullable: true })
  order(@Root() ticket: Ticket, @Ctx() context: RequestContext): Promise<Order | null> {
    return orderOfTicket(ticket, context);
  }

  @FieldResolver(() => Customer, {
    nullable: true,
    description: 'Who asked or, where nobody is named, who ordered.',
  })
  async customer(@Root() ticket: Ticket, @Ctx() context: RequestContext): Promise<Customer | null> {
    const profileId = ticket.profileId ?? (await orderOfTicket(ticket, context))?.profileId;
    return profileId ? context.load(customerOfProfile, profileId) : null;
  }

  @FieldResolver(() => SourceFreshness)
  source(@Root() ticket: Ticket): SourceFreshness {
    return this.freshnessOf(ticket.sourceId);
  }
}

@Resolver(() => Return)
export class ReturnResolver {
  constructor(private readonly freshnessOf: FreshnessOf) {}

  @FieldResolver(() => Order, { nullable: true, description: 'Null while the hub has not seen the order.' })
  order(@Root() { channel, orderExternalId }: Return, @Ctx() context: RequestContext): Promise<Order | null> {
    return context.load(orderByReference, { channel, externalId: orderExternalId });
  }

  @AssumedSize(30)
  @FieldResolver(() => [ReturnLine])
  lines(@Root() { id }: Return, @Ctx() context: RequestContext): Promise<ReturnLine[]> {
    return context.load(linesOfReturn, id);
  }

  @FieldResolver(() => SourceFreshness)
  source(@Root() { sourceId }: Return): SourceFreshness {
    return this.freshnessOf(sourceId);
  }
}

@Resolver(() => Order)
export class OrderAftersalesResolver {
  @AssumedSize(10)
  @FieldResolver(() => [Ticket])
  tickets(@Root() { channel, externalId }: Order, @Ctx() context: RequestContext): Promise<Ticket[]> {
    return context.load(ticketsOfOrder, { channel, externalId });
  }

  @AssumedSize(10)
  @FieldResolver(() => [Return])
  returns(@Root() { channel, externalId }: Order, @Ctx() context: RequestContext): Promise<Return[]> {
    return context.load(returnsOfOrder, { channel, externalId });
  }
}

@Resolver(() => Customer)
export class CustomerAftersalesResolver {
  @SizedByFirst()
  @FieldResolver(() => TicketConnection, {
    description: 'Newest first; `openOnly`: neither solved nor closed.',
  })
  async tickets(
    @Root() { id }: Customer,
    @Args(() => CustomerTicketsArgs) { first, after, openOnly }: CustomerTicketsArgs,
    @Ctx() context: RequestContext,
  ): Promise<Connection<Ticket>> {
    const size = first ?? DEFAULT_PAGE_SIZE;
    const key = { ...newestFirstKey(id, size, after), openOnly: openOnly ?? false };
    const rows = await context.load(ticketsOfCustomer, key);
    return toConnection(rows, size, after, (ticket) => newestFirstCursor(ticket.openedAt, ticket.id));
  }

  @SizedByFirst()
  @FieldResolver(() => ReturnConnection, { description: 'Newest first.' })
  async returns(
    @Root() { id }: Customer,
    @Args(() => ShortPageArgs) { first, after }: ShortPageArgs,
    @Ctx() context: RequestContext,
  ): Promise<Connection<Return>> {
    const size = first ?? DEFAULT_PAGE_SIZE;
    const rows = await context.load(returnsOfCustomer, newestFirstKey(id, size, after));
    return toConnection(rows, size, after, (row) => newestFirstCursor(row.requestedAt, row.id));
  }
}

async function orderOfTicket(ticket: Ticket, context: RequestContext): Promise<Order | null> {
  const { channel, orderExternalId } = ticket;
  return channel && orderExternalId
    ? context.load(orderByReference, { channel, externalId: orderExternalId })
    : null;
}
