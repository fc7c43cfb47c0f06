import type { OrderReference } from '../inventory/index.ts';
import type { EntityManager } from '../platform/database/database.ts';

/** Reads which of these references are of orders that the hub has. */
export async function readKnownOrders(
  em: EntityManager,
  references: readonly OrderReference[],
): Promise<OrderReference[]> {
  return em.execute<OrderReference[]>(
    `select channel, external_id as "externalId" from sales_order
     join jsonb_to_recordset(?::jsonb) as wanted (channel text, "externalId" text)
       using (channel) where external_id = "externalId"`,
    [JSON.stringify(references)],
  );
}
