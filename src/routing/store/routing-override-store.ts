import type { EntityManager } from '../../platform/database/database.ts';

const USUAL: RoutingOverride = { mode: 'NORMAL', onlyNodes: null, approvedBy: null };

/** How the next decision of an order is to be taken. */
export async function readOverride(em: EntityManager, orderId: string): Promise<RoutingOverride> {
  const [row] = await em.execute<RoutingOverride[]>(
    `select mode, to_jsonb(only_nodes) as "onlyNodes", approved_by as "approvedBy"
     from routing_instruction where order_id = ?`,
    [orderId],
  );
  return row ?? USUAL;
}

/** Adds to what is known of the next decision. An approval stays until the order is routed. */
export async function storeOverride(
  em: EntityManager,
  orderId: string,
  { mode = 'NORMAL', onlyNodes = null, approvedBy = null }: Partial<RoutingOverride>,
): Promise<void> {
  await em.execute(
    `insert into routing_instruction (order_id, mode, only_nodes, approved_by)
     select ?, ?, (select array_agg(value) from jsonb_array_elements_text(?::jsonb)), ?
     on conflict (order_id) do update set mode = excluded.mode, only_nodes = excluded.only_nodes,
       approved_by = coalesce(excluded.approved_by, routing_instruction.approved_by)`,
    [orderId, mode, JSON.stringify(onlyNodes ?? []), approvedBy],
  );
}

export async function deleteOverride(em: EntityManager, orderId: string): Promise<void> {
  await em.execute('delete from routing_instruction where order_id = ?', [orderId]);
}

export type RoutingMode = 'NORMAL' | 'FALLBACK';

/** How one decision is to be taken. */
export interface RoutingOverride {
  mode: RoutingMode;
  onlyNodes: string[] | null;
  approvedBy: string | null;
}
