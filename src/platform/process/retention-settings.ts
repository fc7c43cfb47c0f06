import { z } from 'zod';

const days = (least: number, standard: number) => {
  const says = `must be ${least} to 36500`;
  return z.coerce
    .number('must be a number')
    .int('must be a whole number')
    .min(least, says)
    .max(36_500, says)
    .default(standard);
};

/** Variables that say how long rows stay after their end, in days; docs/runbook.md has a table of them. */
export const retentionVariables = {
  HUB_DECISION_DAYS: days(1, 180),
  HUB_RESERVATION_DAYS: days(1, 180),
  HUB_TRACKING_DAYS: days(1, 180),
  HUB_TASK_DAYS: days(1, 180),
  HUB_OUTBOX_DAYS: days(1, 90),
  HUB_EVENT_DAYS: days(1, 7),
  HUB_DEAD_EVENT_DAYS: days(1, 30),
  // Quotas are divided by the sales of 90 days.
  HUB_LEDGER_DAYS: days(90, 400),
  HUB_LEDGER_ARCHIVE_DAYS: days(90, 1_100),
};

type RetentionVariables = z.infer<z.ZodObject<typeof retentionVariables>>;

/** How long rows stay after their end, in days. */
export interface Retention {
  /** Routing decisions of orders that have ended, with their shipments and tracking. */
  decisions: number;
  /** Reservations that have ended and that no order names; not before their months have left the ledger. */
  reservations: number;
  /** Tracking events of parcels that have arrived, but for the newest one and that of the delivery. */
  tracking: number;
  /** Review tasks that have been decided. */
  tasks: number;
  /** Writes that a source has accepted, or that have failed for good. */
  outbox: number;
  /** Webhooks that were delivered, and so far back replays go. */
  events: number;
  /** Webhooks that were given up. */
  deadEvents: number;
  /** Months in the ledger, counted from the end of each. */
  ledger: number;
  /** Tables of months that have left the ledger, counted from the end of each. */
  ledgerArchive: number;
}

/** Rows that a stored reply may point to: they must outlive its key. */
const OUTLIVE_KEYS = ['HUB_DECISION_DAYS', 'HUB_RESERVATION_DAYS', 'HUB_OUTBOX_DAYS'] as const;

/** Finds settings that do not go together. @returns the variable and what is wrong with it */
export function retentionProblems(
  env: RetentionVariables & { HUB_IDEMPOTENCY_DAYS: number },
): { variable: string; says: string }[] {
  const keys = env.HUB_IDEMPOTENCY_DAYS;
  const problems = OUTLIVE_KEYS.filter((variable) => env[variable] < keys).map((variable: string) => ({
    variable,
    says: `must be at least HUB_IDEMPOTENCY_DAYS, which is ${keys}: a repeated command answers with such a row`,
  }));
  if (env.HUB_LEDGER_ARCHIVE_DAYS < env.HUB_LEDGER_DAYS)
    problems.push({
      variable: 'HUB_LEDGER_ARCHIVE_DAYS',
      says: `must be at least HUB_LEDGER_DAYS, which is ${env.HUB_LEDGER_DAYS}`,
    });
  return problems;
}

export function retentionOf(env: RetentionVariables): Retention {
  return {
    decisions: env.HUB_DECISION_DAYS,
    reservations: env.HUB_RESERVATION_DAYS,
    tracking: env.HUB_TRACKING_DAYS,
    tasks: env.HUB_TASK_DAYS,
    outbox: env.HUB_OUTBOX_DAYS,
    events: env.HUB_EVENT_DAYS,
    deadEvents: env.HUB_DEAD_EVENT_DAYS,
    ledger: env.HUB_LEDGER_DAYS,
    ledgerArchive: env.HUB_LEDGER_ARCHIVE_DAYS,
  };
}
