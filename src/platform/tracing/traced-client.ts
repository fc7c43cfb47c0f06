import type pg from 'pg';
import { hasActiveSpan, recordStatement } from './tracer.ts';

const WORDS = 3;

/**
 * Records each statement of a connection as a span, where it belongs to something that is recorded: what the hub looks
 * for by itself, every second, would fill a store of traces with nothing.
 */
export function traceStatements(client: pg.ClientBase): void {
  const query = client.query.bind(client) as (...args: unknown[]) => unknown;
  client.query = ((...args: unknown[]) => {
    if (!hasActiveSpan()) return query(...args);
    const result = query(...args);
    if (result instanceof Promise) recordStatement(summaryOf(args[0]), result);
    return result;
  }) as typeof client.query;
}

/** The name of a prepared statement, else the first words: names of tables, no values. */
function summaryOf(statement: unknown): string {
  const { name, text } =
    typeof statement === 'string' ? { name: undefined, text: statement } : (statement as pg.QueryConfig);
  if (name) return name;
  return (text ?? 'statement')
    .trimStart()
    .split(/[\s(]+/, WORDS)
    .join(' ');
}
