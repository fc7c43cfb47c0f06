import { Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import { FulfilmentNode } from '../../inventory/index.ts';
import { Order } from '../../order/index.ts';
import { RequestContext } from '../../platform/api/request-context.ts';
import { arrivalOfOrder, decisionsOfOrder, openOrdersOfNode } from './routing.loaders.ts';
import { RoutingDecision } from './routing.types.ts';
import { AssumedSize } from '../../platform/api/list-size.ts';

/** Fields that routing adds to orders. */
@Resolver(() => Order)
export class OrderRoutingResolver {
  @AssumedSize(10)
  @FieldResolver(() => [RoutingDecision], { description: 'Oldest first.' })
  async routingDecisions(@Root() { id }: Order, @Ctx() context: RequestContext): Promise<RoutingDecision[]> {
    return (await context.load(decisionsOfOrder, id)).map(RoutingDecision.of);
  }

  @FieldResolver(() => Date, {
    nullable: true,
    description: 'Of its last shipment; null while none is planned.',
  })
  estimatedArrival(@Root() { id }: Order, @Ctx() context: RequestContext): Promise<Date | null> {
    return context.load(arrivalOfOrder, id);
  }
}

/** Fields that routing adds to nodes. */
@Resolver(() => FulfilmentNode)
export class NodeWorkResolver {
  @FieldResolver(() => Int, { description: 'Orders with a shipment there that has not left.' })
  openOrders(@Root() { code }: FulfilmentNode, @Ctx() context: RequestContext): Promise<number> {
    return context.load(openOrdersOfNode, code);
  }
}
