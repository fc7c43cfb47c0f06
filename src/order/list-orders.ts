import { newestFirstKey } from '../customer/index.ts';
import type { EntityManager } from '../platform/database/database.ts';
import { Order } from './order.entities.ts';
import type { OrderState } from './order-states.ts';

export interface OrderFilter {
  /** All states when left out. */
  states?: OrderState[] | null;
  channel?: string | null;
  first: number;
  after?: string | null;
}

/** Orders newest first, one more than `first` where there is a next page. @throws HubError as newestFirstKey */
export async function listOrders(em: EntityManager, filter: OrderFilter): Promise<Order[]> {
  const { limit, at, id } = newestFirstKey('', filter.first, filter.after);
  return em.find(
    Order,
    {
      ...(filter.states && { state: { $in: filter.states } }),
      ...(filter.channel != null && { channel: filter.channel }),
      ...(at !== null && {
        placedAt: { $lte: new Date(at) },
        $or: [{ placedAt: { $lt: new Date(at) } }, { id: { $lt: id! } }],
      }),
    },
    { orderBy: { placedAt: 'desc', id: 'desc' }, limit },
  );
}
