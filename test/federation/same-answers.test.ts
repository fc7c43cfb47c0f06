import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { buildSchema, OperationTypeNode, parse, type DocumentNode } from 'graphql';
import { startHub, type RunningHub } from '../support/hub.ts';
import { committedOperations } from '../support/federation/committed-operations.ts';
import { startGateway, type Answer, type Gateway } from '../support/federation/gateway.ts';
import { generatedOperations } from '../support/federation/generated-operations.ts';
import { askHub, mountedSubgraph } from '../support/federation/hub-sources.ts';
import { filled, sampleThings, type Things } from '../support/federation/sample-things.ts';
import { fileOf } from '../support/federation/subgraph-files.ts';

/** For the fields whose arguments matter; the others are generated without any. */
const ARGUMENTS = {
  'Query.customer': 'id: "{customer}"',
  'Query.customersByIdentity': 'kind: PHONE, value: "13800138000"',
  'Query.screenPop': 'phone: "13800138000"',
  'Query.order': 'id: "{order}"',
  'Query.orderByExternalId': 'channel: "{channel}", externalId: "{order number}"',
  'Query.orders': 'first: 7',
  'Mutation.replyToTicket':
    'input: { idempotencyKey: "{uuid}", ticketId: "{ticket}", text: "It is on its way." }',
  'Query.sku': 'code: "{sku}"',
  'Query.skus': 'first: 7',
  'Query.availableToPromise': 'skus: ["{sku}", "{other sku}"], channel: "{channel}"',
  'Query.reservation': 'id: "{reservation}"',
  'Query.reviewTasks': 'status: null',
  'Query.channelQuotas': 'channel: "{channel}"',
  'Query.routingDecision': 'id: "{decision}"',
  'Query.replayRoutingDecision': 'id: "{decision}"',
  'Customer.orders': 'first: 3',
  'Customer.tickets': 'first: 3',
  'AvailableToPromise.projection': 'days: 3',
  'Mutation.reserve':
    'input: { idempotencyKey: "{uuid}", channel: "{channel}", reference: "R", lines: [{ sku: "{sku}", quantity: 1 }] }',
  'Mutation.confirmReservation': 'input: { idempotencyKey: "{uuid}", reservationId: "{held}" }',
  'Mutation.releaseReservation': 'input: { idempotencyKey: "{uuid}", reservationId: "{held}" }',
  'Mutation.extendReservation':
    'input: { idempotencyKey: "{uuid}", reservationId: "{held}", ttlSeconds: 7200 }',
  'Mutation.cancelReservation': 'input: { idempotencyKey: "{uuid}", reservationId: "{confirmed}" }',
  'Mutation.restock':
    'input: { idempotencyKey: "{uuid}", node: "{node}", reason: RECEIPT, lines: [{ sku: "{sku}", quantity: 1 }] }',
  'Mutation.recordInbound':
    'input: { idempotencyKey: "{uuid}", kind: TRANSFER, externalId: "T-1", node: "{node}", lines: [{ sku: "{sku}", quantity: 1, availableOn: "2099-01-01" }] }',
  'Mutation.configurePresaleCampaign':
    'input: { idempotencyKey: "{uuid}", code: "spring", startsAt: "2026-01-01T00:00:00Z", endsAt: "2099-01-01T00:00:00Z", lines: [{ sku: "{sku}", quantity: 1, availableOn: "2099-01-01" }] }',
  'Mutation.configurePool': 'input: { idempotencyKey: "{uuid}", code: "MAIN", overdueFenceDays: 7 }',
  'Mutation.adjustStock':
    'input: { idempotencyKey: "{uuid}", node: "{node}", reason: "lost", lines: [{ sku: "{sku}", delta: -1 }] }',
  'Mutation.recordRefund':
    'input: { idempotencyKey: "{uuid}", channel: "{channel}", orderExternalId: "{order number}", refundExternalId: "{uuid}", settledAt: "2026-11-22T04:00:00Z", lines: [{ orderLineExternalId: "{order line number}", quantity: 1 }] }',
  'Mutation.recordInspection':
    'input: { idempotencyKey: "{uuid}", node: "{node}", lines: [{ sku: "{sku}", quantity: 1, from: SELLABLE, to: DAMAGED }] }',
  'Mutation.configureChannel': 'input: { code: "{channel}", holdTtlSeconds: 900 }',
  'Mutation.setChannelQuotas':
    'input: { idempotencyKey: "{uuid}", channel: "{channel}", lines: [{ sku: "{sku}", exclusive: 5 }] }',
  'Mutation.setSafetyBuffers': 'input: { idempotencyKey: "{uuid}", lines: [{ sku: "{sku}", fixed: 2 }] }',
  'Mutation.setQuotaRebalancing': 'input: { idempotencyKey: "{uuid}", skus: ["{sku}"], windowDays: 7 }',
  'Mutation.createRuleSetDraft':
    'input: { idempotencyKey: "{uuid}", rules: [{ name: "near", when: "sameCity(order, node)", effect: PREFER, weight: 300 }] }',
  'Mutation.routeOrder': 'input: { idempotencyKey: "{uuid}", orderId: "{paid order}", dryRun: true }',
  'Mutation.recordFulfilment':
    'input: { idempotencyKey: "{uuid}", shipmentId: "{shipment}", answer: ACKNOWLEDGED }',
  'Mutation.resolveReviewTask': 'input: { taskId: "{review task}", action: "HANDLED_WITH_CUSTOMERS" }',
  'Mutation.createApiKey': 'input: { name: "till", partner: "shop", scopes: ["stock:read"] }',
  'Mutation.revokeApiKey': 'input: { id: "{api key}" }',
  'Mutation.retryAllDeadLetters': 'connector: "files"',
  'Mutation.pauseConnector': 'id: "files"',
  'Mutation.resumeConnector': 'id: "files"',
  'Mutation.resyncConnector': 'input: { connector: "files", streams: ["skus"] }',
  'Mutation.retryDeadLetters': 'input: { ids: ["{dead letter}"] }',
  'Mutation.retryFailedWrites': 'input: { ids: ["{failed write}"] }',
  'Query.webhookDeliveries': 'endpointId: "{webhook endpoint}"',
  'Mutation.createWebhookEndpoint':
    'input: { url: "https://partner.example/hooks", description: "a partner", eventTypes: ["atp.changed"], skus: ["{sku}"] }',
  'Mutation.updateWebhookEndpoint': 'input: { id: "{webhook endpoint}", enabled: false }',
  'Mutation.rotateWebhookSecret': 'input: { id: "{webhook endpoint}", oldValidForSeconds: 60 }',
  'Mutation.retryWebhookDeliveries': 'input: { ids: ["{webhook delivery}"] }',
  'Mutation.replayWebhooks': 'input: { endpointId: "{webhook endpoint}", since: "2099-01-01T00:00:00Z" }',
  'Mutation.sendTestWebhook': 'input: { endpointId: "{webhook endpoint}" }',
};
const served = buildSchema(fileOf('api'));
const queries = generatedOperations(served, OperationTypeNode.QUERY, ARGUMENTS);
const mutations = generatedOperations(served, OperationTypeNode.MUTATION, ARGUMENTS);
const committed = committedOperations().filter(({ kind }) => kind !== OperationTypeNode.SUBSCRIPTION);

let hub: RunningHub;
let gateway: Gateway;
let things: Things;
beforeAll(async () => {
  const HUB_SECRET_KEY = 'a-key-of-at-least-thirty-two-characters';
  hub = await startHub({ sample: true, environment: { HUB_SUBGRAPHS: 'all', HUB_SECRET_KEY } });
  gateway = await startGateway((name) => mountedSubgraph(hub, name));
  things = await sampleThings(hub);
});
afterAll(async () => {
  await gateway?.stop();
  await hub?.stop();
});

/**
 * Asks the hub and then the gateway the very same, or the other way about. A command is carried out once: its second
 * answer is the replay of the first, so that it must be the same too.
 */
async function bothAnswers(
  document: DocumentNode,
  variables: Record<string, unknown> = {},
  gatewayFirst = false,
) {
  const asked = [() => askHub(hub, document, variables), () => gateway.ask(document, variables)];
  const first = await asked[gatewayFirst ? 1 : 0]!();
  const second = await asked[gatewayFirst ? 0 : 1]!();
  return { first: masked(first), second: masked(second) };
}

/** Fields that are new at every answer: anywhere, and of the value of a certain field. */
const FRESH = new Set([
  'tookMs',
  'asOf',
  'ageSeconds',
  'lastReadAt',
  'lastSyncAt',
  // Of dead letters that are retried twice, by the hub and by the gateway.
  'attempts',
  'previousSecretUntil',
  // What is being sent meanwhile, to nobody.
  'nextAttemptAt',
  'lagSeconds',
  'pending',
  'consecutiveFailures',
  'pausedUntil',
  'lastError',
]);
const FRESH_OF: Readonly<Record<string, string[]>> = {
  screenPop: ['id'],
  createApiKey: ['key'],
  apiKey: ['id', 'prefix', 'createdAt'],
  createWebhookEndpoint: ['secret'],
  rotateWebhookSecret: ['secret'],
  endpoint: ['id', 'createdAt'],
  sendTestWebhook: ['id', 'queuedAt', 'payload'],
};

function masked({ data, codes }: Answer): Answer {
  const withMasks = (key: string, value: unknown): unknown => {
    if (FRESH.has(key)) return value === null ? null : 'fresh';
    if (typeof value !== 'object' || value === null) return value;
    const masks = (FRESH_OF[key] ?? []).filter((field) => field in value).map((field) => [field, 'fresh']);
    return masks.length === 0 ? value : { ...value, ...Object.fromEntries(masks) };
  };
  return { data: JSON.parse(JSON.stringify(data, withMasks)), codes };
}

test('the corpus is large', () => {
  expect(committed.length).toBeGreaterThan(15);
  expect(queries.length).toBeGreaterThan(60);
  expect(mutations.length).toBeGreaterThan(15);
});

describe('the gateway answers as the hub does', () => {
  test.each(committed)('$name', async ({ kind, document, example }) => {
    const named = kind === OperationTypeNode.MUTATION ? { ...things, reservation: things['held']! } : things;
    const { first, second } = await bothAnswers(document, JSON.parse(await filled(example, named)));
    expect(second).toEqual(first);
  });

  test.each(queries)('%s', async (query) => {
    const { first, second } = await bothAnswers(parse(await filled(query, things)));
    expect(first.codes).toEqual([]);
    expect(second).toEqual(first);
  });

  test.each(mutations.map((mutation, index) => ({ mutation, gatewayFirst: index % 2 === 0 })))(
    '$mutation',
    async ({ mutation, gatewayFirst }) => {
      const { first, second } = await bothAnswers(parse(await filled(mutation, things)), {}, gatewayFirst);
      expect(first.codes).toEqual([]);
      expect(second).toEqual(first);
    },
  );

  test.each([
    ['{ sku(code: "NONE") { code title } }', []],
    ['{ order(id: "00000000-0000-7000-8000-000000000000") { customer { displayName } tickets { id } } }', []],
    ['{ availableToPromise(skus: ["NONE"]) { quantity } }', ['UNKNOWN_SKU']],
    ['{ customersByIdentity(kind: PHONE, value: "no phone") { id } }', ['INVALID_IDENTITY']],
    ['{ skus(first: 1000) { nodes { code } } }', ['PAGE_SIZE_OUT_OF_RANGE']],
  ])('%s', async (query, codes) => {
    const { first, second } = await bothAnswers(parse(query));
    expect(first.codes).toEqual(codes);
    expect(second).toEqual(first);
  });
});
