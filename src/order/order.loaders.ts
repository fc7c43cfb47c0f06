import { pageCacheKey, type PageKey } from '../customer/index.ts';
import { isUuid } from '../platform/database/ids.ts';
import { groupedByKey, inKeyOrder, type LoaderDefinition } from '../platform/api/request-context.ts';
import { Order, OrderLine } from './order.entities.ts';
import type { OrderState } from './order-states.ts';
import type { OrderReference } from '../inventory/index.ts';

/** An order by its id; null when there is none. */
export const orderById: LoaderDefinition<string, Order | null> = {
  batch: async (ids, { em }) => {
    const lower = ids.map((id) => id.toLowerCase());
    const rows = await em.find(Order, { id: { $in: lower.filter(isUuid) } });
    return inKeyOrder(
      lower,
      rows,
      ({ id }) => id,
      (order) => order ?? null,
    );
  },
};

/** An order by channel and external id; null while the hub has not seen it. */
export const orderByReference: LoaderDefinition<OrderReference, Order | null> = {
  cacheKey: referenceKey,
  batch: async (references, { em }) => {
    const rows = await em.execute<OrderRow[]>(
      `select o.* from json_to_recordset(?::json) as k(channel text, "externalId" text)
       join sales_order o on o.channel = k.channel and o.external_id = k."externalId"`,
      [JSON.stringify(references)],
    );
    const orders = rows.map((row) => em.map(Order, row));
    return inKeyOrder(references.map(referenceKey), orders, referenceKey, (order) => order ?? null);
  },
};

export const linesOfOrder: LoaderDefinition<string, OrderLine[]> = {
  batch: async (orderIds, { em }) => {
    const lines = await em.find(
      OrderLine,
      { orderId: { $in: [...orderIds] } },
      { orderBy: { lineNo: 'asc' } },
    );
    return groupedByKey(orderIds, lines, ({ orderId }) => orderId);
  },
};

export interface OrderPageKey extends PageKey {
  states: OrderState[] | null;
}

/** Pages of customers' orders, newest first; all of them by one statement. */
export const ordersOfCustomer: LoaderDefinition<OrderPageKey, Order[]> = {
  cacheKey: pageCacheKey,
  batch: async (pages, { em }) => {
    const rows = await em.execute<(OrderRow & { n: number })[]>(
      `select k.n, page.* from json_to_recordset(?::json)
         as k(n int, "customerId" uuid, "limit" int, at timestamptz, id uuid, states text[])
       cross join lateral (
         select o.* from order_of_customer c join sales_order o on o.id = c.order_id
         where c.customer_id = k."customerId" and (k.states is null or o.state = any(k.states))
           and (k.id is null or (o.placed_at, o.id) < (k.at, k.id))
         order by o.placed_at desc, o.id desc limit k."limit"
       ) page
       order by k.n, page.placed_at desc, page.id desc`,
      [JSON.stringify(pages.map((page, n) => ({ ...page, n })))],
    );
    const found = rows.map(({ n, ...row }) => ({ n, order: em.map(Order, row) }));
    return groupedByKey([...pages.keys()], found, ({ n }) => n).map((group) =>
      group.map(({ order }) => order),
    );
  },
};

type OrderRow = Record<string, unknown> & { id: string };

function referenceKey({ channel, externalId }: OrderReference): string {
  return JSON.stringify([channel, externalId]);
}
