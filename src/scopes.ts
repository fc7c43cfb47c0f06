import type { ScopeTable } from './graph/policy/enforce-scopes.ts';

/** The scopes of keys; docs/access.md tells each in a sentence. */
export const scopes = {
  'customer:read': 'Customers, with personal data masked.',
  'customer:pii': 'Personal data of customers in clear.',
  'order:read': 'Orders.',
  'ticket:write': 'Writing to customers in their tickets.',
  'stock:read': 'Goods, stock, promises, live ATP and the reservations of its partner.',
  'stock:reserve': 'Reserving, confirming, releasing, extending and cancelling.',
  'stock:write': 'Counts, corrections, deliveries on their way, receipts, returns and refunds.',
  'stock:buffer': 'Reserving what is withheld for urgent use.',
  'stock:quota': 'How channels and presales sell, what is kept for whom, and what is withheld from all.',
  'stock:audit': 'The audit of the ledger.',
  'routing:read': 'Routing decisions, rules and price lists.',
  'routing:write': 'Routing orders, answering shipments, drafting rules.',
  'review:read': 'Review tasks.',
  'review:write': 'Deciding review tasks.',
  'connector:read': 'Sources, dead letters and failed writes.',
  'connector:write': 'Retrying dead letters and failed writes; pausing, resuming and reading sources again.',
  'metrics:read': 'The metrics of the hub at `/metrics`.',
  'webhook:read': 'Webhook endpoints and their deliveries, with what they tell.',
  'webhook:write': 'Making, changing and disabling webhook endpoints, and sending again.',
} as const;
export type Scope = keyof typeof scopes;

/** Keys themselves are for the admin key alone: they are not listed. */
const rootFields: Record<string, Scope> = {
  'Query.customer': 'customer:read',
  'Query.customersByIdentity': 'customer:read',
  'Query.screenPop': 'customer:read',
  'Query.order': 'order:read',
  'Query.orders': 'order:read',
  'Query.orderByExternalId': 'order:read',
  'Mutation.replyToTicket': 'ticket:write',
  'Query.sku': 'stock:read',
  'Query.skus': 'stock:read',
  'Query.channels': 'stock:read',
  'Query.availableToPromise': 'stock:read',
  'Query.channelQuotas': 'stock:read',
  'Mutation.setChannelQuotas': 'stock:quota',
  'Mutation.configureChannel': 'stock:quota',
  'Query.presaleCampaigns': 'stock:read',
  'Query.pools': 'stock:read',
  'Mutation.recordInbound': 'stock:write',
  'Mutation.configurePresaleCampaign': 'stock:quota',
  'Mutation.configurePool': 'stock:quota',
  'Mutation.setQuotaRebalancing': 'stock:quota',
  'Mutation.setSafetyBuffers': 'stock:quota',
  'Query.reservation': 'stock:read',
  'Query.stockAudit': 'stock:audit',
  'Query.reviewTasks': 'review:read',
  'Query.connectors': 'connector:read',
  'Query.deadLetters': 'connector:read',
  'Query.failedWrites': 'connector:read',
  'Mutation.reserve': 'stock:reserve',
  'Mutation.confirmReservation': 'stock:reserve',
  'Mutation.releaseReservation': 'stock:reserve',
  'Mutation.extendReservation': 'stock:reserve',
  'Mutation.cancelReservation': 'stock:reserve',
  'Mutation.restock': 'stock:write',
  'Mutation.adjustStock': 'stock:write',
  'Mutation.recordRefund': 'stock:write',
  'Mutation.recordInspection': 'stock:write',
  'Query.routingDecision': 'routing:read',
  'Query.replayRoutingDecision': 'routing:read',
  'Query.ruleSets': 'routing:read',
  'Query.carrierServices': 'routing:read',
  'Mutation.routeOrder': 'routing:write',
  'Mutation.recordFulfilment': 'routing:write',
  'Mutation.createRuleSetDraft': 'routing:write',
  'Subscription.routingDecided': 'routing:read',
  'Mutation.resolveReviewTask': 'review:write',
  'Mutation.retryDeadLetters': 'connector:write',
  'Mutation.retryAllDeadLetters': 'connector:write',
  'Mutation.retryFailedWrites': 'connector:write',
  'Mutation.pauseConnector': 'connector:write',
  'Mutation.resumeConnector': 'connector:write',
  'Mutation.resyncConnector': 'connector:write',
  'Query.webhookEndpoints': 'webhook:read',
  'Query.webhookDeliveries': 'webhook:read',
  'Mutation.createWebhookEndpoint': 'webhook:write',
  'Mutation.updateWebhookEndpoint': 'webhook:write',
  'Mutation.rotateWebhookSecret': 'webhook:write',
  'Mutation.retryWebhookDeliveries': 'webhook:write',
  'Mutation.replayWebhooks': 'webhook:write',
  'Mutation.sendTestWebhook': 'webhook:write',
  'Subscription.atp': 'stock:read',
  'Subscription.reviewTaskOpened': 'review:read',
};

const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });

export const scopeTable: ScopeTable = {
  rootFields,
  personal: {
    'Customer.displayName': {
      scope: 'customer:pii',
      mask: (name) => `${charactersOf(name).slice(0, 1).join('')}**`,
    },
    // Carriers name who has signed, and couriers with their phones.
    'TrackingEvent.text': { scope: 'customer:pii', mask: () => '***' },
    'CustomerIdentity.value': { scope: 'customer:pii', mask: maskIdentity },
  },
};

/** Enough to recognise what one knows already, too little to learn it. */
function maskIdentity(value: string, identity: unknown): string {
  const { kind } = identity as { kind: string };
  if (kind === 'EMAIL')
    return `${charactersOf(value).slice(0, 1).join('')}***${value.slice(value.indexOf('@'))}`;
  const shown = kind === 'PHONE' ? { first: 3, last: 4 } : { first: 0, last: 2 };
  return masked(value, shown, kind === 'PHONE' ? '****' : '***');
}

/** The first and last characters about a mask; of a value that would be shown by half or more, none. */
function masked(value: string, { first, last }: { first: number; last: number }, mask: string): string {
  const characters = charactersOf(value);
  if (characters.length < 2 * (first + last)) return mask;
  return `${characters.slice(0, first).join('')}${mask}${characters.slice(-last).join('')}`;
}

/** Characters as people see them: never half of one. */
function charactersOf(text: string): string[] {
  return Array.from(graphemes.segment(text), ({ segment }) => segment);
}
