import type { EntityManager } from '../../platform/database/database.ts';
import type { LimitFacts } from '../decide/facts/routing-facts.ts';

/** The open work of a node. */
export interface OpenWork {
  /** Orders with an open shipment there, by node. */
  openOrders: ReadonlyMap<string, number>;
  /** The same of those that count towards a LIMIT rule. */
  limitUse: LimitFacts[];
  openOrdersOf(rule: string, node: string): number;
  /** Nodes that have rejected a shipment of the order, or have not answered it. */
  rejectedBy: string[];
}

/**
 * Reads the open work of all nodes from counters that triggers keep (`node_open_work`), and adds what decisions have
 * given them that are not carried out yet: those are as many as orders are under way at once. So what it costs does not
 * grow with the shipments that are open.
 * @param rules whose use is wanted
 */
export async function readOpenWork(
  em: EntityManager,
  orderId: string,
  rules: readonly string[],
): Promise<OpenWork> {
  const [row] = await em.execute<
    { work: { node: string; rule: string; orders: number }[]; rejected: string[] }[]
  >(
    `with pending as materialized (
       select distinct d.order_id, work.node, rule
       from routing_decision d
       cross join jsonb_to_recordset(d.planned_work) as work (node text, rules jsonb)
       cross join lateral (select '' as rule union all select jsonb_array_elements_text(work.rules)) as r
       where d.status = 'PENDING' and d.order_id <> ?
     ), work as materialized (
       select node, rule, orders from node_open_work
       where orders <> 0 and (rule = '' or rule in (select jsonb_array_elements_text(?::jsonb)))
       union all
       select node, rule, 1 from pending
       where not exists (select 1 from shipment s where s.order_id = pending.order_id and s.node = pending.node
         and s.state in ('PLANNED', 'ACKNOWLEDGED') and (rule = '' or rule = any (s.counts_towards)))
     )
     select
       (select coalesce(jsonb_agg(w order by rule, node), '[]')
        from (select node, rule, sum(orders)::bigint as orders from work group by node, rule) w) as work,
       (select coalesce(jsonb_agg(distinct node), '[]') from shipment
        where order_id = ? and state in ('REJECTED', 'UNANSWERED')) as rejected`,
    [orderId, JSON.stringify(rules), orderId],
  );
  const all = row!.work.filter(({ orders }) => orders > 0);
  const limitUse = all.flatMap(({ node, rule, orders }) =>
    rule === '' ? [] : [{ rule, node, openOrders: orders }],
  );
  return {
    openOrders: new Map(all.flatMap(({ node, rule, orders }) => (rule === '' ? [[node, orders]] : []))),
    limitUse,
    openOrdersOf: (rule, node) =>
      limitUse.find((use) => use.rule === rule && use.node === node)?.openOrders ?? 0,
    rejectedBy: row!.rejected,
  };
}

/** Until the end of the transaction nobody else gives work to these nodes by a bounded place. */
export async function lockNodesOfWork(em: EntityManager, nodes: readonly string[]): Promise<void> {
  await em.execute(
    `select pg_advisory_xact_lock(hashtextextended('work of ' || node, 0))
     from (select distinct value as node from jsonb_array_elements_text(?::jsonb) order by 1) n`,
    [JSON.stringify(nodes)],
  );
}
