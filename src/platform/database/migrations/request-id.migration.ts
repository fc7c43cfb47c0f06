import { Migration } from '@mikro-orm/migrations';

/** The request that a command first came with. Null of commands of the last release, and of the hub's own. */
export class PlatformRequestId extends Migration {
  override up(): void {
    this.addSql('alter table idempotency_key add column request_id text');
  }
}
