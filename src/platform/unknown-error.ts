import { HubError } from './errors.ts';

const NOUNS = {
  UNKNOWN_SKU: ['SKU', 'SKUs'],
  UNKNOWN_CHANNEL: ['Channel', 'Channels'],
  UNKNOWN_POOL: ['Pool', 'Pools'],
  UNKNOWN_NODE: ['Fulfilment node', 'Fulfilment nodes'],
  UNKNOWN_ORDER: ['Order', 'Orders'],
  UNKNOWN_ORDER_LINE: ['Order line', 'Order lines'],
  UNKNOWN_INBOUND: ['Inbound delivery', 'Inbound deliveries'],
  UNKNOWN_CAMPAIGN: ['Presale campaign', 'Presale campaigns'],
  UNKNOWN_SHIPMENT: ['Planned shipment', 'Planned shipments'],
  UNKNOWN_ROUTING_DECISION: ['Routing decision', 'Routing decisions'],
  UNKNOWN_REVIEW_TASK: ['Review task', 'Review tasks'],
  UNKNOWN_WEBHOOK_ENDPOINT: ['Webhook endpoint', 'Webhook endpoints'],
} as const;

/** The error of names that do not exist: "SKU X does not exist.", "SKUs X, Y do not exist." */
export function unknownError(
  code: keyof typeof NOUNS,
  names: string | readonly string[],
  details?: Record<string, unknown>,
): HubError {
  const all = [names].flat();
  const [one, several] = NOUNS[code];
  const says =
    all.length === 1 ? `${one} ${all[0]} does not exist.` : `${several} ${all.join(', ')} do not exist.`;
  return new HubError(code, says, details);
}
