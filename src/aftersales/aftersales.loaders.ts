import { pageCacheKey, type PageKey } from '../customer/index.ts';
import type { OrderReference } from '../order/index.ts';
import { groupedByKey, type LoaderDefinition, type RequestContext } from '../platform/api/request-context.ts';
import { Return, ReturnLine, Ticket } from './aftersales.entities.ts';

export interface TicketPageKey extends PageKey {
  /** OPEN and PENDING only. */
  openOnly: boolean;
}

/** Pages of customers' tickets: those they asked, and those about their orders that name no requester. Newest first. */
export const ticketsOfCustomer: LoaderDefinition<TicketPageKey, Ticket[]> = {
  cacheKey: pageCacheKey,
  batch: async (pages, context) =>
    rowsByNumber(
      pages,
      context,
      Ticket,
      `
      select k.n, page.* from json_to_recordset(?::json)
        as k(n int, "customerId" uuid, "limit" int, at timestamptz, id uuid, "openOnly" boolean)
      cross join lateral (
        select t.* from (
          select t.* from customer_of_profile c join ticket t on t.profile_id = c.profile_id
          where c.customer_id = k."customerId"
          union all
          select t.* from order_of_customer o
          join ticket t on t.channel = o.channel and t.order_external_id = o.external_id and t.profile_id is null
          where o.customer_id = k."customerId"
        ) t
        where (not k."openOnly" or t.status in ('OPEN', 'PENDING'))
          and (k.id is null or (t.opened_at, t.id) < (k.at, k.id))
        order by t.opened_at desc, t.id desc limit k."limit"
      ) page
      order by k.n, page.opened_at desc, page.id desc`,
    ),
};

/** Pages of the returns of customers' orders, newest first. */
export const returnsOfCustomer: LoaderDefinition<PageKey, Return[]> = {
  cacheKey: pageCacheKey,
  batch: async (pages, context) =>
    rowsByNumber(
      pages,
      context,
      Return,
      `
      select k.n, page.* from json_to_recordset(?::json)
        as k(n int, "customerId" uuid, "limit" int, at timestamptz, id uuid)
      cross join lateral (
        select r.* from order_of_customer o
        join order_return r on r.channel = o.channel and r.order_external_id = o.external_id
        where o.customer_id = k."customerId" and (k.id is null or (r.requested_at, r.id) < (k.at, k.id))
        order by r.requested_at desc, r.id desc limit k."limit"
      ) page
      order by k.n, page.requested_at desc, page.id desc`,
    ),
};

/** All tickets about an order, newest first. */
export const ticketsOfOrder: LoaderDefinition<OrderReference, Ticket[]> = {
  cacheKey: referenceKey,
  batch: async (orders, context) =>
    rowsByNumber(
      orders,
      context,
      Ticket,
      `
      select k.n, t.* from json_to_recordset(?::json) as k(n int, channel text, "externalId" text)
      join ticket t on t.channel = k.channel and t.order_external_id = k."externalId"
      order by k.n, t.opened_at desc, t.id desc`,
    ),
};

/** All returns of an order, newest first. */
export const returnsOfOrder: LoaderDefinition<OrderReference, Return[]> = {
  cacheKey: referenceKey,
  batch: async (orders, context) =>
    rowsByNumber(
      orders,
      context,
      Return,
      `
      select k.n, r.* from json_to_recordset(?::json) as k(n int, channel text, "externalId" text)
      join order_return r on r.channel = k.channel and r.order_external_id = k."externalId"
      order by k.n, r.requested_at desc, r.id desc`,
    ),
};

export const linesOfReturn: LoaderDefinition<string, ReturnLine[]> = {
  batch: async (returnIds, { em }) => {
    const lines = await em.find(
      ReturnLine,
      { returnId: { $in: [...returnIds] } },
      { orderBy: { lineNo: 'asc' } },
    );
    return groupedByKey(returnIds, lines, ({ returnId }) => returnId);
  },
};

/** Runs `sql` over the numbered keys and gives each key the rows that bear its number `n`. */
async function rowsByNumber<T extends object>(
  keys: readonly object[],
  { em }: RequestContext,
  entity: new () => T,
  sql: string,
): Promise<T[][]> {
  const rows = await em.execute<{ n: number }[]>(sql, [
    JSON.stringify(keys.map((key, n) => ({ ...key, n }))),
  ]);
  const found = rows.map(({ n, ...row }) => ({ n, entity: em.map(entity, row as never) }));
  return groupedByKey([...keys.keys()], found, ({ n }) => n).map((group) => group.map((row) => row.entity));
}

function referenceKey({ channel, externalId }: OrderReference): string {
  return JSON.stringify([channel, externalId]);
}
