import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { Reservation, reservationsByOrder } from '../inventory/index.ts';
import type { RequestContext } from '../platform/api/request-context.ts';
import { Order } from './order.entities.ts';
import { AssumedSize } from '../platform/api/list-size.ts';

/** The reservations of an order. */
@Resolver(() => Order)
export class OrderReservationsResolver {
  @AssumedSize(10)
  @FieldResolver(() => [Reservation], { description: 'Made under its id, or bound to it when it was paid.' })
  reservations(
    @Root() { channel, externalId }: Order,
    @Ctx() context: RequestContext,
  ): Promise<Reservation[]> {
    return context.load(reservationsByOrder, { channel, externalId });
  }
}
