import { Migration } from '@mikro-orm/migrations';

/** Some sources push their records themselves: there is nothing to read back. */
export class PushedRecords extends Migration {
  override up(): void {
    this.addSql('alter table push_hint add column records jsonb');
  }
}
