import { newId } from '../platform/database/ids.ts';
import { sql, type SqlExecutor } from '../platform/database/sql-statement.ts';

/** A decision to be made. */
export interface TaskToOpen {
  kind: string;
  /** The id of its subject: while a task of this kind and subject is open, opening it again changes nothing. */
  subject: string;
  /** A sentence for the person who decides. */
  summary: string;
  details: Record<string, unknown>;
  /** From now. */
  deadlineSeconds: number;
  /** One of the kind's actions; runs at the deadline. */
  defaultAction: string;
}

/**
 * Opens tasks in the caller's transaction.
 * @returns the ids of those that were not open already; tell the live feed of them after the commit
 */
export async function openReviewTasks(execute: SqlExecutor, tasks: readonly TaskToOpen[]): Promise<string[]> {
  if (tasks.length === 0) return [];
  const values = JSON.stringify(tasks.map((task) => ({ id: newId(), ...task })));
  const rows = await execute<{ id: string }>(openTasks(values));
  return rows.map(({ id }) => id);
}

const openTasks = (tasks: string) => sql`
  with instant as materialized (select hub_now() as now)
  insert into review_task (id, kind, subject, summary, details, opened_at, deadline, default_action)
  select id, kind, subject, summary, details, now, now + make_interval(secs => "deadlineSeconds"), "defaultAction"
  from instant, jsonb_to_recordset(${tasks}::jsonb) as t (id uuid, kind text, subject text, summary text, details jsonb,
    "deadlineSeconds" float8, "defaultAction" text)
  order by kind, subject
  on conflict (kind, subject) where status = 'OPEN' do nothing
  returning id`;
