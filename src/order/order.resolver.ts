import { Arg, Args, ArgsType, Ctx, Field, FieldResolver, ID, Int, Query, Resolver, Root } from 'type-graphql';
import {
  Customer,
  customerOfProfile,
  newestFirstCursor,
  newestFirstKey,
  SourceFreshness,
  type FreshnessOf,
} from '../customer/index.ts';
import { existingSku, Sku } from '../inventory/index.ts';
import {
  connectionType,
  PageArgs,
  ShortPageArgs,
  toConnection,
  type Connection,
} from '../platform/api/pagination.ts';
import type { RequestContext } from '../platform/api/request-context.ts';
import { Money, Order, OrderLine } from './order.entities.ts';
import { quantitiesOfLine } from './line-quantities.ts';
import { linesOfOrder, orderById, orderByReference, ordersOfCustomer } from './order.loaders.ts';
import { listOrders } from './list-orders.ts';
import { OrderState } from './order-states.ts';
import type { OrderReference } from '../inventory/index.ts';
import { AssumedSize, SizedByFirst } from '../platform/api/list-size.ts';

const OrderConnection = connectionType('Order', () => Order);
/** For an explicit `first: null`. */
const DEFAULT_PAGE_SIZE = 20;
const DEFAULT_SHORT_PAGE_SIZE = 10;

@ArgsType()
class OrdersArgs extends PageArgs {
  @Field(() => [OrderState], { nullable: true })
  states?: OrderState[] | null;
  @Field(() => ID, { nullable: true })
  channel?: string | null;
}

@ArgsType()
class OrderReferenceArgs implements OrderReference {
  @Field(() => ID)
  channel!: string;
  @Field()
  externalId!: string;
}

@ArgsType()
class CustomerOrdersArgs extends ShortPageArgs {
  @Field(() => [OrderState], { nullable: true })
  states?: OrderState[] | null;
}

@Resolver(() => Order)
export class OrderResolver {
  constructor(private readonly freshnessOf: FreshnessOf) {}

  @Query(() => Order, { nullable: true })
  order(@Arg('id', () => ID) id: string, @Ctx() context: RequestContext): Promise<Order | null> {
    return context.load(orderById, id);
  }

  @SizedByFirst()
  @Query(() => OrderConnection, { description: 'Newest first.' })
  async orders(
    @Args(() => OrdersArgs) { states, channel, first, after }: OrdersArgs,
    @Ctx() { em }: RequestContext,
  ): Promise<Connection<Order>> {
    const size = first ?? DEFAULT_PAGE_SIZE;
    const rows = await listOrders(em, { states, channel, first: size, after });
    return toConnection(rows, size, after, cursorOf);
  }

  @Query(() => Order, { nullable: true })
  orderByExternalId(
    @Args(() => OrderReferenceArgs) { channel, externalId }: OrderReferenceArgs,
    @Ctx() context: RequestContext,
  ): Promise<Order | null> {
    return context.load(orderByReference, { channel, externalId });
  }

  @FieldResolver(() => Customer, { nullable: true })
  async customer(@Root() order: Order, @Ctx() context: RequestContext): Promise<Customer | null> {
    return order.profileId ? context.load(customerOfProfile, order.profileId) : null;
  }

  @AssumedSize(30)
  @FieldResolver(() => [OrderLine])
  lines(@Root() order: Order, @Ctx() context: RequestContext): Promise<OrderLine[]> {
    return context.load(linesOfOrder, order.id);
  }

  @FieldResolver(() => Money)
  total(@Root() order: Order): Money {
    return { amountMinor: Number(order.totalMinor), currency: order.currency };
  }

  @FieldResolver(() => SourceFreshness)
  source(@Root() order: Order): SourceFreshness {
    return this.freshnessOf(order.sourceId);
  }
}

@Resolver(() => OrderLine)
export class OrderLineResolver {
  @FieldResolver(() => Sku)
  sku(@Root() line: OrderLine, @Ctx() context: RequestContext): Promise<Sku> {
    return context.load(existingSku, line.skuCode);
  }

  @FieldResolver(() => Int, { description: 'Units that have left the nodes.' })
  async shippedQuantity(@Root() line: OrderLine, @Ctx() context: RequestContext): Promise<number> {
    return (await context.load(quantitiesOfLine, line.id)).shipped;
  }

  @FieldResolver(() => Int)
  async cancelledQuantity(@Root() line: OrderLine, @Ctx() context: RequestContext): Promise<number> {
    return (await context.load(quantitiesOfLine, line.id)).cancelled;
  }

  @FieldResolver(() => Int, { description: 'By settled refunds.' })
  async refundedQuantity(@Root() line: OrderLine, @Ctx() context: RequestContext): Promise<number> {
    return (await context.load(quantitiesOfLine, line.id)).refunded;
  }

  @FieldResolver(() => Int, { description: 'Units that were shipped and are sellable again.' })
  async restockedQuantity(@Root() line: OrderLine, @Ctx() context: RequestContext): Promise<number> {
    return (await context.load(quantitiesOfLine, line.id)).restocked;
  }

  @FieldResolver(() => Money)
  unitPrice(@Root() line: OrderLine): Money {
    return { amountMinor: Number(line.unitPriceMinor), currency: line.currency };
  }
}

@Resolver(() => Customer)
export class CustomerOrdersResolver {
  @SizedByFirst()
  @FieldResolver(() => OrderConnection, { description: 'Newest first.' })
  async orders(
    @Root() customer: Customer,
    @Args(() => CustomerOrdersArgs) { first, after, states }: CustomerOrdersArgs,
    @Ctx() context: RequestContext,
  ): Promise<Connection<Order>> {
    const size = first ?? DEFAULT_SHORT_PAGE_SIZE;
    const key = { ...newestFirstKey(customer.id, size, after), states: states ?? null };
    return toConnection(await context.load(ordersOfCustomer, key), size, after, cursorOf);
  }
}

function cursorOf(order: Order): string {
  return newestFirstCursor(order.placedAt, order.id);
}
