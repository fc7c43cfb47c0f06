import { z } from 'zod';
import { rowShape } from './lists.ts';
import { changedStream } from './stream-of-list.ts';

const returnSchema = z.looseObject({
  ...rowShape,
  display_id: z.union([z.int(), z.string()]),
  status: z.string(),
  items: z.array(z.looseObject({ item_id: z.string(), quantity: z.number() })),
});

/** Those of claims and exchanges are in it. */
export const returns = changedStream({
  name: 'returns',
  fields: 'id,display_id,status,created_at,updated_at,requested_at,order_id,*items,items.reason.label',
  orderFields: 'id,display_id,created_at,updated_at',
  row: returnSchema,
  records: ({ rows }, { channel }) =>
    rows.filter(isRequested).map((row) => ({
      id: row.id,
      origin: `return ${row.display_id}`,
      data: { ...row, hub: { channel } },
    })),
});

/** One that is still being written in the back office may lose its units again. */
function isRequested({ status, items }: z.infer<typeof returnSchema>): boolean {
  return status !== 'open' && items.length > 0;
}
