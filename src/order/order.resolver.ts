import { Arg, Ctx, FieldResolver, ID, Int, Query, Resolver, Root } from 'type-graphql';
import {
  Customer,
  customerOfProfile,
  newestFirstCursor,
  newestFirstKey,
  SourceFreshness,
  type FreshnessOf,
} from '../customer/index.ts';
import { existingSku, Sku } from '../inventory/index.ts';
import { connectionType, toConnection, type Connection } from '../platform/connection.ts';
import type { RequestContext } from '../platform/request-context.ts';
import { Money, Order, OrderLine } from './order.entities.ts';
import { linesOfOrder, orderById, orderByReference, ordersOfCustomer } from './order.loaders.ts';
import { listOrders } from './list-orders.ts';
import { OrderState } from './order-states.ts';

const OrderConnection = connectionType('Order', () => Order);

@Resolver(() => Order)
export class OrderResolver {
  constructor(private readonly freshnessOf: FreshnessOf) {}

  @Query(() => Order, { nullable: true })
  order(@Arg('id', () => ID) id: string, @Ctx() context: RequestContext): Promise<Order | null> {
    return context.load(orderById, id);
  }

  @Query(() => OrderConnection, { description: 'Newest first.' })
  async orders(
    @Arg('states', () => [OrderState], { nullable: true }) states: OrderState[] | null | undefined,
    @Arg('channel', () => ID, { nullable: true }) channel: string | null | undefined,
    @Arg('first', () => Int, { nullable: true, defaultValue: 20 }) first: number | null,
    @Arg('after', () => String, { nullable: true }) after: string | null | undefined,
    @Ctx() { em }: RequestContext,
  ): Promise<Connection<Order>> {
    const size = first ?? 20;
    const rows = await listOrders(em, { states, channel, first: size, after });
    return toConnection(rows, size, after, cursorOf);
  }

  @Query(() => Order, { nullable: true })
  orderByExternalId(
    @Arg('channel', () => ID) channel: string,
    @Arg('externalId', () => String) externalId: string,
    @Ctx() context: RequestContext,
  ): Promise<Order | null> {
    return context.load(orderByReference, { channel, externalId });
  }

  @FieldResolver(() => Customer, { nullable: true })
  async customer(@Root() order: Order, @Ctx() context: RequestContext): Promise<Customer | null> {
    return order.profileId ? context.load(customerOfProfile, order.profileId) : null;
  }

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

  @FieldResolver(() => Money)
  unitPrice(@Root() line: OrderLine): Money {
    return { amountMinor: Number(line.unitPriceMinor), currency: line.currency };
  }
}

@Resolver(() => Customer)
export class CustomerOrdersResolver {
  @FieldResolver(() => OrderConnection, { description: 'Newest first.' })
  async orders(
    @Root() customer: Customer,
    @Arg('first', () => Int, { nullable: true, defaultValue: 10 }) first: number | null,
    @Arg('after', () => String, { nullable: true }) after: string | null | undefined,
    @Arg('states', () => [OrderState], { nullable: true }) states: OrderState[] | null | undefined,
    @Ctx() context: RequestContext,
  ): Promise<Connection<Order>> {
    const size = first ?? 10;
    const key = { ...newestFirstKey(customer.id, size, after), states: states ?? null };
    return toConnection(await context.load(ordersOfCustomer, key), size, after, cursorOf);
  }
}

function cursorOf(order: Order): string {
  return newestFirstCursor(order.placedAt, order.id);
}
