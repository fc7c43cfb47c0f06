import { Migration } from '@mikro-orm/migrations';
import { OrderRouting } from './order-routing.migration.ts';

/** Orders and lines as the channels report them. */
class OrderFirst extends Migration {
  override up(): void {
    this.addSql(`
      create table sales_order (
        id uuid primary key,
        channel text not null,
        external_id text not null,
        source text not null,
        state text not null,
        -- Milliseconds: cursors carry it through JavaScript.
        placed_at timestamptz(3) not null,
        updated_at timestamptz,
        currency text not null,
        total_minor bigint not null,
        delivery_method text not null check (delivery_method in ('DELIVERY', 'PICKUP')),
        payment_method text,
        promised_by timestamptz(3),
        ship_to jsonb,
        buyer jsonb not null,
        -- Names the customer through customer_of_profile, so that merges need not touch orders.
        profile_id uuid references customer_profile deferrable initially deferred,
        -- Of the record as reported; the same one taken in again changes nothing.
        digest text not null,
        unique (channel, external_id)
      ) with (fillfactor = 80);
      create index on sales_order (profile_id, placed_at desc, id desc);
      create index on sales_order (placed_at desc, id desc);
      create index on sales_order (channel, placed_at desc, id desc);
      create index on sales_order (state, placed_at desc, id desc);

      create table order_line (
        id uuid primary key,
        order_id uuid not null references sales_order,
        external_id text not null,
        line_no int not null,
        sku text not null references sku,
        quantity int not null check (quantity > 0),
        unit_price_minor bigint not null,
        currency text not null,
        unique (order_id, external_id)
      );

      -- What other domains may join.
      create view order_of_customer as
        select c.customer_id, o.id as order_id, o.channel, o.external_id
        from customer_of_profile c join sales_order o on o.profile_id = c.profile_id;
    `);
  }
}

export const orderMigrations = [
  { name: '2026-11-22-order', class: OrderFirst },
  { name: '2026-11-23-order-routing', class: OrderRouting },
];
