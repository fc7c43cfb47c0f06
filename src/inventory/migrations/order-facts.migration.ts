import { Migration } from '@mikro-orm/migrations';

/** The facts of an order's units, by order, and returns that came before the hub knew of their shipment. */
export class InventoryOrderFacts extends Migration {
  override up(): void {
    this.addSql(`
      alter table stock_fact
        add column channel text,
        add column order_external_id text,
        add column sku text;
      create index on stock_fact (channel, order_external_id) where order_external_id is not null;
      -- Units that came back; those beyond "counted" wait for the news that they had been shipped.
      create table pending_return (
        id uuid primary key,
        restock_id uuid not null,
        reason text not null,
        channel text not null,
        order_external_id text not null,
        order_line_id text not null,
        sku text not null,
        pool text not null,
        node text not null,
        condition text not null,
        quantity int not null check (quantity > 0),
        counted int not null default 0,
        check (counted between 0 and quantity)
      );
      create index on pending_return (channel, order_external_id) where counted < quantity;
    `);
  }
}
