import { Migration } from '@mikro-orm/migrations';

/**
 * Tickets and returns as the help desks and channels report them. They name their order by its external reference,
 * resolved at read, so that an order which arrives later is found too.
 */
class AftersalesFirst extends Migration {
  override up(): void {
    this.addSql(`
      create table ticket (
        id uuid primary key,
        source text not null,
        external_id text not null,
        subject text not null,
        status text not null check (status in ('OPEN', 'PENDING', 'SOLVED', 'CLOSED')),
        -- Milliseconds: cursors carry it through JavaScript.
        opened_at timestamptz(3) not null,
        updated_at timestamptz not null,
        channel text,
        order_external_id text,
        profile_id uuid references customer_profile deferrable initially deferred,
        digest text not null,
        unique (source, external_id)
      );
      create index on ticket (profile_id, opened_at desc, id desc);
      create index on ticket (channel, order_external_id) where order_external_id is not null;

      create table order_return (
        id uuid primary key,
        source text not null,
        external_id text not null,
        channel text not null,
        order_external_id text not null,
        status text not null check (status in ('REQUESTED', 'APPROVED', 'RECEIVED', 'REFUNDED', 'REJECTED')),
        requested_at timestamptz(3) not null,
        reason text,
        unique (source, external_id)
      );
      create index on order_return (channel, order_external_id);

      create table order_return_line (
        return_id uuid not null references order_return,
        line_no int not null,
        order_line_external_id text not null,
        quantity int not null check (quantity > 0),
        primary key (return_id, line_no)
      );
    `);
  }
}

export const aftersalesMigrations = [{ name: '2026-11-22-aftersales', class: AftersalesFirst }];
