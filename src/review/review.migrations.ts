import { Migration } from '@mikro-orm/migrations';
import { ReviewTaskRetention } from './task-retention.migration.ts';

/** Decisions that wait for a person, each with a deadline and what happens then. */
class ReviewFirst extends Migration {
  override up(): void {
    this.addSql(`
      create table review_task (
        id uuid primary key,
        kind text not null,
        -- One open task a kind and subject: opening it again changes nothing.
        subject text not null,
        summary text not null,
        details jsonb not null,
        status text not null default 'OPEN' check (status in ('OPEN', 'RESOLVED', 'DEFAULTED')),
        opened_at timestamptz not null,
        deadline timestamptz not null,
        default_action text not null,
        action text,
        note text,
        resolved_by text,
        resolved_at timestamptz,
        -- Why the default action could not run; it is tried again.
        failure text,
        retry_at timestamptz
      );
      create unique index review_task_open on review_task (kind, subject) where status = 'OPEN';
      create index on review_task (deadline) where status = 'OPEN';
      create index on review_task (status, id);
    `);
  }
}

export const reviewMigrations = [
  { name: '2026-11-23-review', class: ReviewFirst },
  { name: '2026-12-01-review-task-retention', class: ReviewTaskRetention },
];
