import type { ClientBase } from 'pg';
import type { Statement } from './lock-order.sql.ts';
import { arrayLiteral, type SqlValue } from './pg-array.ts';

/** Runs a statement of the batch with its one JSON argument. */
export function query<Row>(client: ClientBase, statement: Statement, argument: unknown): Promise<Row[]> {
  return run(client, statement, [JSON.stringify(argument)]);
}

/** Runs a statement of the batch whose arguments are columns. */
export function queryColumns<Row>(
  client: ClientBase,
  statement: Statement,
  columns: readonly (readonly SqlValue[])[],
): Promise<Row[]> {
  return run(client, statement, columns.map(arrayLiteral));
}

/** Runs a statement whose arguments are texts already. */
export async function run<Row>(client: ClientBase, { name, text }: Statement, values: string[]): Promise<Row[]> {
  const { rows } = await client.query({ name, text, values });
  return rows as Row[];
}
