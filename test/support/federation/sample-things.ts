import { randomUUID } from 'node:crypto';
import { parse } from 'graphql';
import type { RunningHub } from '../hub.ts';
import { askHub } from './hub-sources.ts';

/** Things of a hub that operations can name, by what their examples call them; some are made anew at each call. */
export type Things = Readonly<Record<string, () => string | Promise<string>>>;

/** Puts things for `{names}`. */
export async function filled(text: string, things: Things): Promise<string> {
  let result = text;
  for (const [, name] of text.matchAll(/\{([a-z]+(?: [a-z]+)*)\}/g)) {
    const thing = things[name!];
    if (!thing) throw new Error(`say what a {${name}} is`);
    result = result.replace(`{${name}}`, await thing());
  }
  return result;
}

/** What the sample shop's customer who calls from 13800138000 is about; reservations are made of a SKU in stock. */
export async function sampleThings(hub: RunningHub): Promise<Things> {
  const ask = async (source: string) => {
    const { data, codes } = await askHub(hub, parse(source));
    if (codes.length > 0) throw new Error(`${codes} of ${source}`);
    return data;
  };
  const { screenPop, skus, waiting, routed } = await ask(`{
    screenPop(phone: "13800138000") { customer { id tickets(first: 1) { nodes { id } } orders(first: 1) { nodes { id channel externalId lines { externalId } } } } }
    waiting: orders(first: 1, states: [HELD_FOR_REVIEW]) { nodes { id } }
    routed: orders(first: 100, states: [ROUTED]) { nodes { routingDecisions { id shipments { id } } } }
    skus(first: 2) { nodes { code levels { node { code } } } }
  }`);
  const { customer } = screenPop;
  const order = customer.orders.nodes[0];
  const [{ code: sku, levels }, other] = skus.nodes;
  const decisions: { id: string; shipments: { id: string }[] }[] = routed.nodes.flatMap(
    ({ routingDecisions }: { routingDecisions: object[] }) => routingDecisions,
  );
  const shipments = decisions.flatMap(({ shipments: planned }) => planned).values();
  await ask(`mutation { adjustStock(input: { idempotencyKey: "stock", node: "${levels[0].node.code}", reason: "tests",
    lines: [{ sku: "${sku}", delta: 1000 }] }) { __typename } }`);

  const held = async (reference: string = randomUUID()) => {
    const { reserve } =
      await ask(`mutation { reserve(input: { idempotencyKey: "${randomUUID()}", ttlSeconds: 3600,
      channel: "${order.channel}", reference: "${reference}", lines: [{ sku: "${sku}", quantity: 2 }]
    }) { ... on Reservation { id } } }`);
    return reserve.id as string;
  };
  const confirmed = async (reference?: string) => {
    const id = await held(reference);
    await ask(`mutation { confirmReservation(input: { idempotencyKey: "${randomUUID()}", reservationId: "${id}" }) {
      __typename } }`);
    return id;
  };
  const reservation = await confirmed(order.externalId);
  // Disabled: what it is told waits, and says the same at every look.
  const { createWebhookEndpoint } =
    await ask(`mutation { createWebhookEndpoint(input: { url: "https://partner.example/", description: "a partner",
    eventTypes: ["order.state_changed"] }) { endpoint { id } } }`);
  const endpoint = createWebhookEndpoint.endpoint.id;
  const { sendTestWebhook } = await ask(`mutation {
    updateWebhookEndpoint(input: { id: "${endpoint}", enabled: false }) { id }
    sendTestWebhook(input: { endpointId: "${endpoint}" }) { id }
  }`);
  return {
    customer: () => customer.id,
    'webhook endpoint': () => endpoint,
    'webhook delivery': () => sendTestWebhook.id,
    order: () => order.id,
    ticket: () => customer.tickets.nodes[0].id,
    'order number': () => order.externalId,
    'order line number': () => order.lines[0].externalId,
    'paid order': () => waiting.nodes[0].id,
    decision: () => decisions[0]!.id,
    shipment: () => shipments.next().value!.id,
    channel: () => order.channel,
    sku: () => sku,
    'other sku': () => other.code,
    node: () => levels[0].node.code,
    reservation: () => reservation,
    held: () => held(),
    confirmed: () => confirmed(),
    'review task': () => openTask(ask, other.code, levels[0].node.code),
    'api key': async () => {
      const { createApiKey } = await ask(
        'mutation { createApiKey(input: { name: "x", partner: "x", scopes: ["stock:read"] }) { apiKey { id } } }',
      );
      return createApiKey.apiKey.id;
    },
    'dead letter': () => randomUUID(),
    'failed write': () => randomUUID(),
    tomorrow: () => dayAfter(1),
    'next month': () => dayAfter(30),
    uuid: () => randomUUID(),
  };
}

/** A day so far ahead that it is one in every time zone. */
function dayAfter(days: number): string {
  return new Date(Date.now() + (days + 1) * 86_400_000).toISOString().slice(0, 10);
}

/** Makes a promise of the SKU that its stock does not cover, for which the hub opens a task. */
async function openTask(
  ask: (source: string) => Promise<unknown>,
  sku: string,
  node: string,
): Promise<string> {
  const adjust = (line: string) =>
    ask(`mutation { adjustStock(input: { idempotencyKey: "${randomUUID()}", node: "${node}", reason: "tests",
      lines: [{ sku: "${sku}", ${line} }] }) { __typename } }`);
  const { channels } = (await ask('{ channels { code } }')) as { channels: { code: string }[] };
  await adjust('delta: 5');
  const key = randomUUID();
  const { reserve } =
    (await ask(`mutation { reserve(input: { idempotencyKey: "${key}", channel: "${channels[0]!.code}",
    reference: "${key}", mode: PARTIAL, lines: [{ sku: "${sku}", quantity: 1000 }] }) { ... on Reservation { id } } }`)) as {
      reserve: { id: string };
    };
  await ask(`mutation { confirmReservation(input: { idempotencyKey: "${key}-2", reservationId: "${reserve.id}" }) {
    __typename } }`);
  await adjust('counted: 0');
  const { reviewTasks } = (await ask('{ reviewTasks(first: 100) { nodes { id kind } } }')) as {
    reviewTasks: { nodes: { id: string; kind: string }[] };
  };
  return reviewTasks.nodes.find(({ kind }) => kind === 'PROMISE_BREACH')!.id;
}
