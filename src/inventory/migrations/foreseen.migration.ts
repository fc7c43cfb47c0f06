import { Migration } from '@mikro-orm/migrations';

/** The check that a speculative batch makes under its locks (engine/foreseen.sql.ts). */
export class InventoryForeseen extends Migration {
  override up(): void {
    this.addSql(`
      create function require_foreseen(is_as_foreseen boolean) returns void language plpgsql as $$
      begin
        if is_as_foreseen is not true then
          raise exception 'not as foreseen' using errcode = 'OW001';
        end if;
      end $$;
      -- Rows come whole as a rule; those that are claimed first get their reply in an update, in their page if it has room.
      alter table idempotency_key set (fillfactor = 70);
    `);
  }
}
