import type { EntityManager } from '../platform/database/database.ts';
import type { OrderReference } from '../inventory/index.ts';

/** A line as its order has it. */
interface KnownLine {
  id: string;
  externalId: string;
  sku: string;
  quantity: number;
}

/** The lines of orders as their channels name them, in the order of `references`; null for an order that is not known. */
export async function linesByReference(
  em: EntityManager,
  references: readonly OrderReference[],
): Promise<(KnownLine[] | null)[]> {
  const rows = await em.execute<{ lines: KnownLine[] | null }[]>(
    `select case when o.id is not null then coalesce((
       select jsonb_agg(jsonb_build_object('id', line.id, 'externalId', line.external_id, 'sku', line.sku,
         'quantity', line.quantity) order by line.line_no)
       from order_line line where line.order_id = o.id), '[]') end as lines
     from rows from (jsonb_to_recordset(?::jsonb) as (channel text, "externalId" text))
       with ordinality as wanted (channel, "externalId", position)
     left join sales_order o on o.channel = wanted.channel and o.external_id = wanted."externalId"
     order by position`,
    [JSON.stringify(references)],
  );
  return rows.map(({ lines }) => lines);
}
