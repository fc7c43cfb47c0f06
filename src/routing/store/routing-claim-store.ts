import type { EntityManager } from '../../platform/database/database.ts';

/**
 * How long a process may work on an order before others may try it: twice the fuse of a decision, with the wait for a
 * worker and the allocation. Doing it twice is harmless, and only wasted.
 */
const CLAIM_SECONDS = 30;
/** An order that failed waits 2, 4, 8 … seconds, so that it does not hold those behind it. */
const MOST_SECONDS_BETWEEN = 60;

/** In SQL: whether the order `o` has units that wait for a node. */
export const HAS_WAITING_UNITS = `exists (
         select 1 from reservation r join reservation_line l on l.reservation_id = r.id
         where r.channel = o.channel and coalesce(r.order_external_id, r.reference) = o.external_id
           and (r.reference = o.external_id or r.order_external_id = o.external_id)
           and r.state in ('CONFIRMED', 'ALLOCATED') and l.reserved - l.released - l.shipped - l.allocated - l.dated > 0
       )`;

/**
 * Claims the most urgent paid order with units that wait for a node, of those that no process is working on and that
 * are not among `except`. Orders that are locked just now, as one that is being taken in, come later.
 */
export async function claimWaitingOrder(
  em: EntityManager,
  except: readonly string[],
): Promise<string | undefined> {
  const [row] = await em.execute<{ orderId: string }[]>(
    `insert into routing_claim (order_id, until)
     select o.id, hub_now() + make_interval(secs => ?) from sales_order o
     where o.state = 'PAID'
       and o.id not in (select value::uuid from jsonb_array_elements_text(?::jsonb))
       and not exists (select 1 from routing_claim c where c.order_id = o.id and c.until > hub_now())
       and ${HAS_WAITING_UNITS}
       and not exists (
         select 1 from review_task t
         where t.kind = 'ROUTING_FAILED' and t.subject = o.id::text and t.status = 'OPEN'
       )
     order by o.priority desc, o.placed_at limit 1
     for update of o skip locked
     on conflict (order_id) do update set until = excluded.until where routing_claim.until <= hub_now()
     returning order_id as "orderId"`,
    [CLAIM_SECONDS, JSON.stringify(except)],
  );
  return row?.orderId;
}

/** The order is done, or somebody else's. */
export async function releaseClaim(em: EntityManager, orderId: string): Promise<void> {
  await em.execute('delete from routing_claim where order_id = ?', [orderId]);
}

/** The order is to be tried again later, each time after a longer while. */
export async function postponeClaim(em: EntityManager, orderId: string): Promise<void> {
  await em.execute(
    `update routing_claim set failures = failures + 1,
       until = hub_now() + make_interval(secs => least(?, 2 ^ least(failures + 1, 10))) where order_id = ?`,
    [MOST_SECONDS_BETWEEN, orderId],
  );
}
