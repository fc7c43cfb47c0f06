import { HubError } from '../platform/errors.ts';

/** The event types, each with a sentence on what happened; docs/webhooks.md has their payloads. */
export const eventTypes = {
  'atp.changed': 'The promise of a SKU in a pool has another version; the latest only.',
  'reservation.created': 'Units are held, or were sold by a channel that told afterwards.',
  'reservation.confirmed': 'Paid.',
  'reservation.released': 'Given up before it was paid.',
  'reservation.expired': 'Its time was over before it was paid.',
  'reservation.extended': 'Held for longer.',
  'reservation.allocated': 'All that is left of it is at nodes.',
  'reservation.fulfilled': 'All that was left of it has been shipped.',
  'reservation.cancelled': 'Nothing of it is left, and nothing was shipped.',
  'reservation.changed': 'Some of its units moved; its state did not, or went back to CONFIRMED.',
  'routing.decided': 'A routing decision of an order was carried out.',
  'order.state_changed': 'An order is new, or in another state.',
  'shipment.state_changed': 'A planned shipment is new, or its node has answered.',
} as const;
export type EventType = keyof typeof eventTypes;

/** Of the event that `sendTestWebhook` makes; endpoints cannot choose it, and all get it. */
export const TEST_EVENT = 'webhook.test';

/** @throws HubError BAD_USER_INPUT naming what is no event type */
export function checkedEventTypes(types: readonly string[]): EventType[] {
  const unknown = types.filter((type) => !Object.hasOwn(eventTypes, type));
  if (unknown.length === 0 && types.length > 0) return [...new Set(types)] as EventType[];
  throw new HubError(
    'BAD_USER_INPUT',
    `\`eventTypes\` must be some of ${Object.keys(eventTypes).join(', ')}.`,
    { unknown },
  );
}
