import { Migration } from '@mikro-orm/migrations';

/** Finds old tracking events, so that they can be deleted. */
export class TrackingRetention extends Migration {
  override up(): void {
    this.addSql('create index tracking_event_at on tracking_event (at)');
  }
}
