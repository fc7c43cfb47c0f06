import type { EntityManager } from '../platform/database/database.ts';
import type { EventType } from './event-types.ts';

/** A trigger of a table, and the events that it tells. */
interface EventTrigger {
  name: string;
  table: string;
  on: 'insert' | 'update';
  tells: (type: string) => boolean;
}

const isReservation = (type: string) => type.startsWith('reservation.');
const is = (type: EventType) => (other: string) => other === type;

/** Each calls the function of its name. */
const eventTriggers: readonly EventTrigger[] = [
  { name: 'webhook_reservations_made', table: 'reservation', on: 'insert', tells: isReservation },
  { name: 'webhook_reservations_moved', table: 'reservation', on: 'update', tells: isReservation },
  { name: 'webhook_orders_made', table: 'sales_order', on: 'insert', tells: is('order.state_changed') },
  { name: 'webhook_orders_moved', table: 'sales_order', on: 'update', tells: is('order.state_changed') },
  { name: 'webhook_routes_decided', table: 'routing_decision', on: 'update', tells: is('routing.decided') },
  { name: 'webhook_shipments_made', table: 'shipment', on: 'insert', tells: is('shipment.state_changed') },
  { name: 'webhook_shipments_moved', table: 'shipment', on: 'update', tells: is('shipment.state_changed') },
];

const LOCK_TIMEOUT_MS = 1_000;
/** lock_not_available and deadlock_detected */
const BUSY_CODES = new Set(['55P03', '40P01']);
const ATTEMPTS = 5;

/**
 * Changes endpoints in a transaction that also makes the triggers that are now wanted, and drops the others: from its
 * commit on, whoever writes one of the tables writes its events, and before it, and where nobody wants them, nobody
 * does. (A disabled trigger would not do: PostgreSQL gathers its rows all the same.) Making one waits for writers of
 * the table, and lets them wait; for a second at most, then it is tried again.
 */
export async function changeEndpoints<T>(
  em: EntityManager,
  change: (tx: EntityManager) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await em.fork().transactional(async (tx) => {
        await tx.execute(`select pg_advisory_xact_lock(hashtext('webhook endpoints'))`);
        const result = await change(tx);
        await makeTriggers(tx);
        return result;
      });
    } catch (error) {
      if (!BUSY_CODES.has((error as { code?: string }).code ?? '') || attempt === ATTEMPTS) throw error;
    }
  }
}

/** Makes the triggers that are wanted, and drops those that are wanted no more. */
export function syncTriggers(em: EntityManager): Promise<void> {
  return changeEndpoints(em, async () => undefined);
}

async function makeTriggers(em: EntityManager): Promise<void> {
  const wanted = await em.execute<{ type: string }[]>(
    'select distinct unnest(event_types) as type from webhook_endpoint where enabled',
  );
  const there = await em.execute<{ name: string }[]>(
    `select tgname as name from pg_trigger where tgname like 'webhook\\_%' and not tgisinternal`,
  );
  const known = new Set(there.map(({ name }) => name));
  const missing = eventTriggers.filter(
    ({ name, tells }) => !known.has(name) && wanted.some(({ type }) => tells(type)),
  );
  const idle = eventTriggers.filter(
    ({ name, tells }) => known.has(name) && !wanted.some(({ type }) => tells(type)),
  );
  if (missing.length + idle.length > 0) await em.execute(`set local lock_timeout = ${LOCK_TIMEOUT_MS}`);
  for (const { name, table } of idle) await em.execute(`drop trigger ${name} on ${table}`);
  for (const { name, table, on } of missing)
    await em.execute(
      `create trigger ${name} after ${on} on ${table}
       referencing ${on === 'update' ? 'old table as old_rows ' : ''}new table as new_rows
       for each statement execute function ${name}()`,
    );
}
