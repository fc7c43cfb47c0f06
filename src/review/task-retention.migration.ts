import { Migration } from '@mikro-orm/migrations';

/** Finds tasks that were decided long ago, so that they can be deleted. */
export class ReviewTaskRetention extends Migration {
  override up(): void {
    this.addSql(`create index review_task_resolved on review_task (resolved_at) where status <> 'OPEN'`);
  }
}
