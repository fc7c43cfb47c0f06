import type { EntityManager } from './database.ts';
import { withMarks, type SqlExecutor } from './sql-statement.ts';

/** Runs statements in the transaction of an entity manager. */
export function executeIn(em: EntityManager): SqlExecutor {
  return (statement) => em.execute(withMarks(statement), [...statement.values]);
}
