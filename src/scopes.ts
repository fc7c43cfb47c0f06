import { MASKED, maskIdentity, maskName } from './customer/index.ts';
import type { ScopeTable } from './graph/policy/enforce-scopes.ts';
import { maskReason, maskRow } from './sync/index.ts';

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
  'metrics:read': 'The metrics of the hub at `/metrics`, and its jobs.',
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
  'Query.jobs': 'metrics:read',
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

const PERSONAL = 'customer:pii' satisfies Scope;

export const scopeTable: ScopeTable = {
  rootFields,
  personal: {
    'Customer.displayName': { scope: PERSONAL, mask: maskName },
    // Carriers name who has signed, and couriers with their phones.
    'TrackingEvent.text': { scope: PERSONAL, mask: () => MASKED },
    'CustomerIdentity.value': {
      scope: PERSONAL,
      mask: (value, identity) => maskIdentity(value, (identity as { kind: string }).kind),
    },
    ...Object.fromEntries(
      ['DeadLetter', 'FailedWrite'].flatMap((type) => [
        [`${type}.payload`, { scope: PERSONAL, mask: maskRow }],
        [`${type}.reason`, { scope: PERSONAL, mask: maskReasonOf }],
      ]),
    ),
  },
};

function maskReasonOf(reason: string, refused: unknown): string {
  return maskReason(reason, (refused as { payload: string }).payload);
}
