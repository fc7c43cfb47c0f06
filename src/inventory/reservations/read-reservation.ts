import type { LoaderDefinition } from '../../platform/api/request-context.ts';
import { inKeyOrder } from '../../platform/api/request-context.ts';
import type { ReservationOutcome } from '../engine/command.ts';
import { Reservation } from './reservation.types.ts';
import { isUuid } from '../../platform/database/ids.ts';

/** A hold that has ended is EXPIRED from its instant on, whether or not its rows say so already. */
const SELECT_RESERVATIONS = `
  with instant as materialized (select hub_now() as now),
  chosen as (select r.*, state = 'HELD' and expires_at <= instant.now as ended from instant, (%s) r)
  select 'Reservation' as type, r.id, r.channel, r.pool, r.reference, r.campaign, r.order_external_id as "orderExternalId",
    case when ended then 'EXPIRED' else state end as state,
    r.created_at as "createdAt", case when state = 'HELD' and not ended then r.expires_at end as "expiresAt",
    r.shortages, r.partner,
    case when ended
      then events || jsonb_build_object('at', expires_at, 'state', 'EXPIRED', 'actor', 'clock', 'reason', null)
      else events end as events,
    (select jsonb_agg(jsonb_build_object('sku', sku, 'promisedOn', promised_on, 'quantity', reserved,
        -- A line that is not held any more when its reservation has ended was taken home with the others.
        'released', case when state = 'EXPIRED' or ended then reserved else released end,
        'allocated', allocated, 'shipped', shipped, 'unbacked', unbacked) order by line_no)
     from reservation_line line where line.reservation_id = r.id) as lines
  from chosen r
  order by r.id`;

type Row = ReservationOutcome & { partner: string };

/** A reservation of the caller's by id; null when there is none, or it is another partner's. */
export const reservationById: LoaderDefinition<string, Reservation | null> = {
  batch: async (ids, { em, actor }) => {
    const sql = SELECT_RESERVATIONS.replace(
      '%s',
      `select * from reservation where id in (select value::uuid from jsonb_array_elements_text(?::jsonb))`,
    );
    const rows = await em.execute<Row[]>(sql, [JSON.stringify(ids.filter(isUuid))]);
    const own = rows.filter((row) => actor.admin || row.partner === actor.partner);
    return inKeyOrder(
      ids,
      own,
      (row) => row.id,
      (row) => (row ? Reservation.of(row) : null),
    );
  },
};

/** An order as its channel names it. */
export interface OrderReference {
  channel: string;
  externalId: string;
}

/** The reservations of an order: bound to it by the confirmation, or made under its id. Oldest first. */
export const reservationsByOrder: LoaderDefinition<OrderReference, Reservation[]> = {
  cacheKey: ({ channel, externalId }) => JSON.stringify([channel, externalId]),
  batch: async (orders, { em, actor }) => {
    const named = `select channel, "externalId" from jsonb_to_recordset(?::jsonb) as o (channel text, "externalId" text)`;
    const sql = SELECT_RESERVATIONS.replace(
      '%s',
      // two probes of two indexes; an "or" of them would read the table
      `select * from reservation where (channel, reference) in (${named})
       union select * from reservation where (channel, order_external_id) in (${named})`,
    );
    const argument = JSON.stringify(orders);
    const rows = await em.execute<Row[]>(sql, [argument, argument]);
    const own = rows.filter((row) => actor.admin || row.partner === actor.partner);
    return orders.map(({ channel, externalId }) =>
      own
        .filter((row) => row.channel === channel && (row.orderExternalId ?? row.reference) === externalId)
        .map((row) => Reservation.of(row)),
    );
  },
};
