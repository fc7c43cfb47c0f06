import { Migration } from '@mikro-orm/migrations';

/**
 * The proved sums of each SKU's ledger for the incremental audit, so that it reads only what came after. Takes the
 * place of the marks, which said what was proved but not what came of it.
 */
export class InventoryAuditFolds extends Migration {
  override up(): void {
    this.addSql(`
      drop table stock_audit_mark;
      create type ledger_sum as (
        pool text,
        node text,
        counter text,
        supply_id uuid,
        -- Null in sums that are of no reservation.
        cause text,
        delta bigint,
        -- Sum of the sizes of the movements, whatever their sign.
        moved bigint
      );
      -- Movements up to stock_audit_progress.settled_id: of each live reservation in a row of its own, of all others in
      -- the row of no reservation (nil), which is there for every SKU that was found consistent.
      create table stock_audit_fold (
        sku text not null,
        reservation_id uuid not null,
        sums ledger_sum[] not null,
        primary key (sku, reservation_id)
      ) with (fillfactor = 80);
    `);
  }
}
