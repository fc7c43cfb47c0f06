import type { ClientBase } from 'pg';
import type { Statement } from './lock-order.sql.ts';

/** Runs a statement of the batch with its one JSON argument. */
export async function query<Row>(
  client: ClientBase,
  { name, text }: Statement,
  argument: unknown,
): Promise<Row[]> {
  const { rows } = await client.query({ name, text, values: [JSON.stringify(argument)] });
  return rows as Row[];
}
