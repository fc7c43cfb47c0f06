import { z } from 'zod';
import { rowShape } from './lists.ts';
import { changedStream } from './stream-of-list.ts';

/** Guests have a customer too. `updated_at` moves with name, phone and e-mail. */
export const customers = changedStream({
  name: 'customers',
  fields: 'id,created_at,updated_at,first_name,last_name,company_name,email,phone,groups.name',
  row: z.looseObject(rowShape),
  records: ({ rows }, { channel }) =>
    rows.map((row) => ({ id: row.id, origin: `customer ${row.id}`, data: { ...row, hub: { channel } } })),
});
