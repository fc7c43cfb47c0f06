import { Migration } from '@mikro-orm/migrations';

/** The open work of nodes, counted as it changes; who is deciding which order. */
export class CountOpenWork extends Migration {
  override up(): void {
    this.addSql(`
      -- Work that a decision gives to nodes, counted as theirs until it is carried out: [{node, rules}].
      alter table routing_decision add column planned_work jsonb not null default '[]';

      -- Orders that a process is deciding, or will not try again before an instant.
      create table routing_claim (
        order_id uuid primary key references sales_order,
        until timestamptz not null,
        failures int not null default 0
      ) with (fillfactor = 80);

      -- Orders with an open shipment at a node, and by LIMIT rule those that count towards it ('' is all). In eight
      -- slots by order, so that orders that go to one node at once rarely wait for each other.
      create table node_open_work (
        node text not null,
        rule text not null,
        slot int not null,
        orders bigint not null,
        primary key (node, rule, slot)
      ) with (fillfactor = 50);

      create function is_open_shipment(state text) returns boolean language sql immutable parallel safe
        return state in ('PLANNED', 'ACKNOWLEDGED');

      -- An order counts once for a node, however many shipments it has there. Its counter is locked first and what is
      -- open is read then, so that two transactions that close its last two shipments there see each other.
      create function follow_open_work() returns trigger language plpgsql as $$
      declare
        changes jsonb := '[]';
        change record;
        key_slot int;
        open_now bigint;
      begin
        if tg_op <> 'DELETE' then
          select changes || coalesce(jsonb_agg(jsonb_build_object('order_id', order_id, 'node', node, 'rules', counts_towards, 'delta', 1)), '[]')
          into changes from added where is_open_shipment(state);
        end if;
        if tg_op <> 'INSERT' then
          select changes || coalesce(jsonb_agg(jsonb_build_object('order_id', order_id, 'node', node, 'rules', counts_towards, 'delta', -1)), '[]')
          into changes from removed where is_open_shipment(state);
        end if;
        for change in
          select c.order_id, c.node, r.rule, sum(c.delta) as delta
          from jsonb_to_recordset(changes) as c (order_id uuid, node text, rules jsonb, delta int)
          cross join lateral (select '' as rule union select jsonb_array_elements_text(c.rules)) r
          group by 1, 2, 3 having sum(c.delta) <> 0
          order by c.node, r.rule, hashtext(c.order_id::text) & 7
        loop
          key_slot := hashtext(change.order_id::text) & 7;
          insert into node_open_work (node, rule, slot, orders) values (change.node, change.rule, key_slot, 0)
            on conflict do nothing;
          perform 1 from node_open_work where node = change.node and rule = change.rule and slot = key_slot for update;
          select count(*) into open_now from shipment s
          where s.order_id = change.order_id and s.node = change.node and is_open_shipment(s.state)
            and (change.rule = '' or change.rule = any (s.counts_towards));
          if (open_now > 0) <> (open_now - change.delta > 0) then
            update node_open_work set orders = orders + case when open_now > 0 then 1 else -1 end
            where node = change.node and rule = change.rule and slot = key_slot;
          end if;
        end loop;
        return null;
      end $$;
      create trigger follow_open_work_insert after insert on shipment
        referencing new table as added for each statement execute function follow_open_work();
      create trigger follow_open_work_update after update on shipment
        referencing old table as removed new table as added for each statement execute function follow_open_work();
      create trigger follow_open_work_delete after delete on shipment
        referencing old table as removed for each statement execute function follow_open_work();

      -- What is open already; the triggers have locked the table against changes until the end of this transaction.
      insert into node_open_work (node, rule, slot, orders)
      select node, rule, hashtext(order_id::text) & 7, count(distinct order_id)
      from shipment cross join lateral (select '' as rule union select unnest(counts_towards)) r
      where is_open_shipment(state) group by 1, 2, 3;
    `);
  }
}
