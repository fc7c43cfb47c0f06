import { Migration } from '@mikro-orm/migrations';

/** The effects of imported orders, and their refunds, on reservations. */
export class InventoryOrderStock extends Migration {
  override up(): void {
    this.addSql(`
      alter table reservation_line
        -- Units that were called off, and units whose money went back; what is freed follows from both.
        add column cancelled int not null default 0 check (cancelled >= 0),
        add column refunded int not null default 0 check (refunded >= 0),
        -- Units that the channel had sold beyond what it could sell.
        add column oversold int not null default 0 check (oversold >= 0);
      alter table stock_fact
        add column refunded_quantity int check (refunded_quantity > 0),
        add column settled_at timestamptz,
        -- Of what came back of an order line: units that can be sold again.
        add column sellable_quantity int check (sellable_quantity >= 0);
      -- Until now only a cancellation freed units of a paid reservation.
      update reservation_line line set cancelled = released
      from reservation r
      where r.id = line.reservation_id and line.released > 0
        and r.state in ('CONFIRMED', 'ALLOCATED', 'FULFILLED', 'CANCELLED');
    `);
  }
}
