import { newId } from '../platform/database/ids.ts';

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

/** Runs one statement with its JSON argument, in the transaction of whoever opens the task. */
export type RunStatement = (sql: string, argument: string) => Promise<{ id: string }[]>;

/**
 * Opens tasks in the caller's transaction.
 * @returns the ids of those that were not open already; tell the live feed of them after the commit
 */
export async function openReviewTasks(run: RunStatement, tasks: readonly TaskToOpen[]): Promise<string[]> {
  if (tasks.length === 0) return [];
  const rows = await run(OPEN_TASKS, JSON.stringify(tasks.map((task) => ({ id: newId(), ...task }))));
  return rows.map(({ id }) => id);
}

/** `$1` where the driver numbers its parameters. */
const OPEN_TASKS = `
  with instant as materialized (select hub_now() as now)
  insert into review_task (id, kind, subject, summary, details, opened_at, deadline, default_action)
  select id, kind, subject, summary, details, now, now + make_interval(secs => "deadlineSeconds"), "defaultAction"
  from instant, jsonb_to_recordset($1::jsonb) as t (id uuid, kind text, subject text, summary text, details jsonb,
    "deadlineSeconds" float8, "defaultAction" text)
  order by kind, subject
  on conflict (kind, subject) where status = 'OPEN' do nothing
  returning id`;
