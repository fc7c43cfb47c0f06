/**
 * The functions that triggers call to write events. A statement has one call, for all its rows (transition tables),
 * and that call has one insert. These texts are part of a released migration: a change is a new step.
 */

/** The columns that an event is written into; the rest of them have defaults. */
const INTO = 'webhook_delivery (endpoint_id, type, key, payload, queued_at, due_at)';
const BODY = (type: string, at: string, data: string) =>
  `json_build_object('type', ${type}, 'timestamp', webhook_instant(${at}), 'data', ${data})`;
const WANTS = (type: string, channel: string) =>
  `e.enabled and ${type} = any(e.event_types) and (cardinality(e.channels) = 0 or ${channel} = any(e.channels))`;

/**
 * Reservations tell their story themselves: each entry that a transaction has appended to `events` is an event. So
 * what a batch did to one reservation in several steps is told step by step.
 */
const reservations = (from: string, before: string) => `
  insert into ${INTO}
  select e.id, type, 'reservation:' || r.id, ${BODY(
    'type',
    `(entry->>'at')::timestamptz`,
    `json_build_object('reservation', webhook_reservation(r.id, r.partner, r.channel, r.pool, r.reference,
       r.order_external_id, r.state, r.created_at, r.expires_at), 'state', entry->>'state', 'reason', entry->>'reason')`,
  )}, now, now
  from (select hub_now() as now) instant, ${from}
  cross join lateral jsonb_array_elements(r.events) with ordinality as told (entry, nth)
  cross join lateral unnest(webhook_reservation_types(
    r.events->(nth::int - 2)->>'state', nth = 1, entry->>'state', entry->>'reason'
  )) with ordinality as named (type, step)
  join webhook_endpoint e on ${WANTS('type', 'r.channel')}
    and (e.partner is null or e.partner = r.partner)
    and (cardinality(e.skus) = 0 or exists (
      select 1 from reservation_line line where line.reservation_id = r.id and line.sku = any(e.skus)))
  where nth > ${before}
  order by r.id, nth, step`;

const trigger = (name: string, statement: string) => `
  create function ${name}() returns trigger language plpgsql as $body$
  begin
    ${statement};
    return null;
  end $body$;`;

export const RESERVATION_EVENTS = `
  create function webhook_instant(at timestamptz) returns text language sql stable as $body$
    select to_char(at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
  $body$;

  create function webhook_reservation_types(before text, created boolean, after text, reason text)
  returns text[] language sql immutable as $body$
    select case
      -- Paid in its channel before the hub heard of it: made and confirmed at once.
      when created and after <> 'HELD' then array['reservation.created', 'reservation.' || lower(after)]
      when created then array['reservation.created']
      when before = after and after = 'HELD' and reason = 'extended' then array['reservation.extended']
      -- A part of it, or back from a node: the state says nothing new.
      when before = after or (after = 'CONFIRMED' and before <> 'HELD') then array['reservation.changed']
      else array['reservation.' || lower(after)] end
  $body$;

  create function webhook_reservation(id uuid, partner text, channel text, pool text, reference text,
    order_external_id text, state text, created_at timestamptz, expires_at timestamptz)
  returns json language sql stable as $body$
    select json_build_object('id', id, 'partner', partner, 'channel', channel, 'pool', pool, 'reference', reference,
      'orderExternalId', order_external_id, 'state', state, 'createdAt', webhook_instant(created_at),
      'expiresAt', case when state = 'HELD' then webhook_instant(expires_at) end,
      'lines', (
        select json_agg(json_build_object('sku', sku, 'quantity', reserved, 'promisedOn', promised_on,
          'released', released, 'allocated', allocated, 'shipped', shipped, 'unbacked', unbacked) order by line_no)
        from reservation_line where reservation_id = id))
  $body$;

  ${trigger('webhook_reservations_made', reservations('new_rows r', '0'))}
  ${trigger(
    'webhook_reservations_moved',
    reservations('new_rows r join old_rows o on o.id = r.id', 'jsonb_array_length(o.events)'),
  )}
`;

const DECISIONS = `
  insert into ${INTO}
  select e.id, 'routing.decided', 'order:' || d.order_id, ${BODY(
    `'routing.decided'`,
    'd.decided_at',
    `json_build_object('decisionId', d.id, 'orderId', d.order_id, 'channel', o.channel, 'orderExternalId', o.external_id,
       'outcome', d.outcome->>'outcome', 'reasons', d.outcome->'reasons', 'shipments', (
         select coalesce(json_agg(json_build_object('id', d.shipment_ids[nth], 'node', s->>'node', 'method', s->>'method',
           'carrierService', s->>'carrierService', 'respondBy', s->>'respondBy', 'promisedBy', s->>'promisedBy',
           'estimatedArrival', s->>'estimatedArrival', 'lines', s->'lines') order by nth), '[]')
         from jsonb_array_elements(d.outcome->'shipments') with ordinality as planned (s, nth)))`,
  )}, now, now
  from (select hub_now() as now) instant, new_rows d
  join old_rows before on before.id = d.id and before.status <> 'FINAL'
  join sales_order o on o.id = d.order_id
  join webhook_endpoint e on ${WANTS(`'routing.decided'`, 'o.channel')}
    and (cardinality(e.skus) = 0 or exists (
      select 1 from order_line line where line.order_id = o.id and line.sku = any(e.skus)))
  where d.status = 'FINAL' and d.cohort not in ('SHADOW', 'DRY_RUN')
  order by d.id`;

const orders = (from: string, before: string) => `
  insert into ${INTO}
  select e.id, 'order.state_changed', 'order:' || o.id, ${BODY(
    `'order.state_changed'`,
    'now',
    `json_build_object('orderId', o.id, 'channel', o.channel, 'orderExternalId', o.external_id, 'state', o.state,
       'previousState', ${before})`,
  )}, now, now
  from (select hub_now() as now) instant, ${from}
  join webhook_endpoint e on ${WANTS(`'order.state_changed'`, 'o.channel')}
  order by o.id`;

const shipments = (from: string, before: string) => `
  insert into ${INTO}
  select e.id, 'shipment.state_changed', 'shipment:' || s.id, ${BODY(
    `'shipment.state_changed'`,
    'now',
    `json_build_object('shipmentId', s.id, 'decisionId', s.decision_id, 'orderId', s.order_id, 'channel', o.channel,
       'orderExternalId', o.external_id, 'node', s.node, 'state', s.state, 'previousState', ${before},
       'reason', s.reason, 'trackingNumber', s.tracking_number, 'respondBy', webhook_instant(s.respond_by),
       'lines', s.lines)`,
  )}, now, now
  from (select hub_now() as now) instant, ${from}
  join sales_order o on o.id = s.order_id
  join webhook_endpoint e on ${WANTS(`'shipment.state_changed'`, 'o.channel')}
    and (cardinality(e.skus) = 0 or exists (
      select 1 from jsonb_array_elements(s.lines) line where line->>'sku' = any(e.skus)))
  order by s.id`;

export const ROUTING_EVENTS = `
  ${trigger('webhook_routes_decided', DECISIONS)}
  ${trigger('webhook_orders_made', orders('new_rows o', 'null'))}
  ${trigger(
    'webhook_orders_moved',
    orders('new_rows o join old_rows b on b.id = o.id and b.state <> o.state', 'b.state'),
  )}
  ${trigger('webhook_shipments_made', shipments('new_rows s', 'null'))}
  ${trigger(
    'webhook_shipments_moved',
    shipments(
      'new_rows s join old_rows b on b.id = s.id and (b.state <> s.state or b.lines <> s.lines)',
      'b.state',
    ),
  )}
`;
