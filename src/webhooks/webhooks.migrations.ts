import { Migration } from '@mikro-orm/migrations';
import { RESERVATION_EVENTS, ROUTING_EVENTS } from './event-functions.sql.ts';

/**
 * Endpoints of partners, and the outbox: a row for each event and each endpoint that wants it. Rows are written by
 * triggers, in the transaction of the change; the triggers exist only while an endpoint wants what they tell
 * (event-triggers.ts), so that nobody pays for events that nobody wants.
 */
class WebhooksFirst extends Migration {
  override up(): void {
    this.addSql(`
      create table webhook_endpoint (
        id uuid primary key,
        url text not null,
        description text not null,
        event_types text[] not null,
        -- Empty: all of them.
        skus text[] not null,
        channels text[] not null,
        -- Set: of reservations, only this partner's.
        partner text,
        enabled boolean not null,
        disabled_reason text,
        -- Sealed by a key that is not in the database.
        secret text not null,
        -- Also signed with, until then.
        previous_secret text,
        previous_secret_until timestamptz,
        -- Failed attempts since the last success, of whatever event.
        failures int not null default 0,
        paused_until timestamptz,
        last_delivered_at timestamptz,
        last_error text,
        created_by text not null,
        created_at timestamptz not null
      );

      create table webhook_delivery (
        -- Taken under the lock of what the event is about, so that within a key it is the order of the commits.
        position bigint generated always as identity primary key,
        -- The webhook-id that the receiver sees, the same at every attempt.
        id uuid not null unique default gen_random_uuid(),
        endpoint_id uuid not null,
        type text not null,
        -- What happens under one key arrives in order.
        key text not null,
        -- The body, to the byte.
        payload json not null,
        queued_at timestamptz not null,
        state text not null default 'PENDING' check (state in ('PENDING', 'DELIVERED', 'DEAD')),
        due_at timestamptz not null,
        -- While an attempt is under way; one whose process has gone is due again from then on.
        lease uuid,
        leased_until timestamptz,
        attempts int not null default 0,
        first_attempt_at timestamptz,
        last_attempt_at timestamptz,
        delivered_at timestamptz,
        last_status int,
        last_error text
      ) with (fillfactor = 80);
      create index webhook_delivery_key on webhook_delivery (endpoint_id, key, position) where state = 'PENDING';
      create index webhook_delivery_due on webhook_delivery (endpoint_id, due_at, position) where state = 'PENDING';
      create index webhook_delivery_dead on webhook_delivery (endpoint_id, position) where state = 'DEAD';

      -- The version of each promise that an endpoint was last told, or is about to be.
      create table webhook_atp_told (
        endpoint_id uuid not null,
        sku text not null,
        pool text not null,
        version text not null,
        primary key (endpoint_id, sku, pool)
      ) with (fillfactor = 80);
    `);
    this.addSql(RESERVATION_EVENTS);
    this.addSql(ROUTING_EVENTS);
  }
}

export const webhooksMigrations = [{ name: '2026-11-27-webhooks', class: WebhooksFirst }];
