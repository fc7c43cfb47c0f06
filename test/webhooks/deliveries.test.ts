import { describe, expect, test } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { until } from '../support/until.ts';
import { commandsOf, disable, partnersFixture, SECRET_KEY } from '../support/webhooks/fixture.ts';
import type { Received } from '../support/webhooks/receiver.ts';

const partners = partnersFixture(['A', 'B', 'C']);
const { ask, makeDue, partner } = partners;
const { count, reserve, extend, confirm, release, cancel } = commandsOf(partners);

const headersOf = ({ headers }: Received) => headers as Record<string, string>;
const typesOf = (received: Received[]) => received.map(({ type }) => type);
const reservationOf = ({ data }: Received) => (data.reservation as { id: string }).id;
const RESERVATION_EVENTS = ['created', 'extended', 'confirmed', 'released', 'expired', 'cancelled'].map(
  (name) => `reservation.${name}`,
);

interface Delivery {
  id: string;
  key: string;
  state: string;
  attempts: number;
  lastStatus: number | null;
  lastError: string | null;
  nextAttemptAt: string | null;
}
async function deliveriesOf(endpointId: string, state?: string): Promise<Delivery[]> {
  const { webhookDeliveries } = await ask<{ webhookDeliveries: { nodes: Delivery[] } }>(
    `query ($endpointId: ID, $state: WebhookDeliveryState) { webhookDeliveries(endpointId: $endpointId, state: $state, first: 100) {
      nodes { id key state attempts lastStatus lastError nextAttemptAt } } }`,
    { endpointId, state },
  );
  return webhookDeliveries.nodes;
}
async function endpointOf(id: string) {
  const { webhookEndpoints } = await ask<{ webhookEndpoints: Record<string, unknown>[] }>(
    `{ webhookEndpoints { id enabled disabledReason consecutiveFailures pausedUntil lastError lastDeliveredAt
       backlog { pending dead lagSeconds } } }`,
  );
  return webhookEndpoints.find((endpoint) => endpoint.id === id)!;
}

describe('what costs nothing while nobody wants it', () => {
  const triggers = () =>
    partners.database.query(`select tgname from pg_trigger where tgname like 'webhook%' order by tgname`);
  const rows = async () =>
    (
      await partners.database.query<{ rows: number }>('select count(*)::int as rows from webhook_delivery')
    )[0]!.rows;

  test('no row and no trigger without an endpoint, nor for events that none wants', async () => {
    await count('A', 100);
    const before = await rows();
    await confirm(await reserve('A'));
    expect(await triggers()).toEqual([]);
    const orders = await partner(['order.state_changed']);
    expect((await triggers()).map(({ tgname }) => tgname)).toEqual([
      'webhook_orders_made',
      'webhook_orders_moved',
    ]);
    await confirm(await reserve('A'));
    await disable(partners, orders.endpoint.id);
    expect(await triggers()).toEqual([]);
    expect(await rows()).toBe(before);
  });
});

describe('reservations', () => {
  test('each step is an event, signed, in order, with the reservation as the commit left it', async () => {
    await count('A', 100);
    const { received, endpoint } = await partner(RESERVATION_EVENTS);
    const id = await reserve('A', { reference: 'CHECKOUT-1' });
    await extend(id, partners.hubs[1]);
    await confirm(id);
    await cancel(id, partners.hubs[1]);
    await until(() => received.length === 4);
    expect(typesOf(received)).toEqual(
      ['created', 'extended', 'confirmed', 'cancelled'].map((name) => `reservation.${name}`),
    );
    const verifier = new Webhook(endpoint.secret);
    for (const message of received)
      expect(verifier.verify(message.text, headersOf(message))).toMatchObject({ type: message.type });
    expect(received[0]!.data).toMatchObject({
      state: 'HELD',
      reservation: {
        id,
        channel: 'jd',
        pool: 'MAIN',
        reference: 'CHECKOUT-1',
        lines: [{ sku: 'A', quantity: 1, released: 0 }],
      },
    });
    expect(() => verifier.verify(`${received[0]!.text} `, headersOf(received[0]!))).toThrow();
    expect(new Set(received.map(({ id: messageId }) => messageId)).size).toBe(4);
  });

  test('a hold that ends is told at its end, though nobody asks for the SKU', async () => {
    await count('B', 100);
    const { received } = await partner(['reservation.expired']);
    const id = await reserve('B', { ttlSeconds: 1 });
    await until(() => received.length === 1);
    expect(received[0]).toMatchObject({ type: 'reservation.expired', data: { reservation: { id } } });
    await count('B', 99); // the engine takes it home: not told again
    const last = await reserve('B', { ttlSeconds: 1 });
    await until(() => received.length === 2);
    expect(received.map(reservationOf)).toEqual([id, last]);
  });

  test('filters by SKU, channel and partner', async () => {
    await count('A', 100);
    await count('C', 100);
    const ofSku = await partner(['reservation.created'], { skus: ['C'] });
    const ofChannel = await partner(['reservation.created'], { channels: ['douyin'] });
    const ofPartner = await partner(['reservation.created'], { partner: 'somebody else' });
    const ofAdmin = await partner(['reservation.created'], { partner: 'admin' });
    await reserve('A');
    const both = await reserve('C', { channel: 'douyin' });
    const other = await reserve('C');
    await until(() => ofSku.received.length === 2 && ofAdmin.received.length === 3);
    expect(new Set(ofSku.received.map(reservationOf))).toEqual(new Set([both, other]));
    await until(() => ofChannel.received.length > 0);
    expect(ofChannel.received.map(reservationOf)).toEqual([both]);
    expect(ofPartner.received).toEqual([]);
  });
});

describe('faults', () => {
  test('a key that fails holds its own events, in order, and no other', async () => {
    await count('A', 100);
    const receiver = await partner(RESERVATION_EVENTS);
    const bad = await reserve('A', { reference: 'bad' });
    await until(() => receiver.received.length === 1);
    let healed = false;
    receiver.answer = (message) => (reservationOf(message as Received) === bad && !healed ? 400 : 204);
    await confirm(bad);
    await cancel(bad);
    await until(() => receiver.received.some(({ status }) => status === 400));
    const good = await reserve('A');
    await release(good);
    await until(() => receiver.taken().filter((message) => reservationOf(message) === good).length === 2);
    expect(receiver.taken().filter((message) => reservationOf(message) === bad)).toHaveLength(1);
    healed = true;
    await makeDue();
    await until(() => receiver.taken().length === 5);
    const ofBad = receiver.received.filter((message) => reservationOf(message) === bad);
    expect(typesOf(ofBad.filter(({ status }) => status === 204))).toEqual([
      'reservation.created',
      'reservation.confirmed',
      'reservation.cancelled',
    ]);
    // At every attempt the same id, over the same bytes.
    const confirmed = ofBad.filter(({ type }) => type === 'reservation.confirmed');
    expect(confirmed.length).toBeGreaterThan(1);
    expect(new Set(confirmed.map(({ id }) => id)).size).toBe(1);
    expect(new Set(confirmed.map(({ text }) => text)).size).toBe(1);
  });

  test('an endpoint that is down is asked less and less, and holds no other', async () => {
    await count('A', 100);
    const down = await partner(['reservation.created']);
    const up = await partner(['reservation.created']);
    let asked = 0;
    down.answer = () => (++asked % 2 === 0 ? 'CUT' : 500);
    for (let made = 1; made <= 30; made++) await reserve('A');
    await until(() => up.received.length === 30);
    await until(async () => (await endpointOf(down.endpoint.id)).pausedUntil !== null);
    const { consecutiveFailures, lastError, backlog } = await endpointOf(down.endpoint.id);
    expect(consecutiveFailures).toBeGreaterThanOrEqual(5);
    expect(lastError).toMatch(/answered 500|ECONNRESET|socket hang up/);
    expect(backlog).toMatchObject({ pending: 30, dead: 0 });
    down.answer = () => 204;
    await makeDue();
    await until(() => down.taken().length === 30);
    expect(await endpointOf(down.endpoint.id)).toMatchObject({ consecutiveFailures: 0 });
  });

  test('429 with Retry-After is waited for', async () => {
    await count('A', 100);
    const busy = await partner(['reservation.created']);
    busy.answer = () => ({ status: 429, headers: { 'retry-after': '3600' } });
    await reserve('A');
    await until(async () => (await endpointOf(busy.endpoint.id)).pausedUntil !== null);
    const [delivery] = await deliveriesOf(busy.endpoint.id);
    expect(delivery).toMatchObject({ state: 'PENDING', attempts: 1, lastStatus: 429 });
    const wait = Date.parse(delivery!.nextAttemptAt!) - Date.now();
    expect(wait).toBeGreaterThan(3_500_000);
  });

  test('410 ends an endpoint: nothing more is sent or written', async () => {
    await count('A', 100);
    const gone = await partner(['reservation.created']);
    gone.answer = () => 410;
    await reserve('A');
    await until(async () => (await endpointOf(gone.endpoint.id)).enabled === false);
    expect(await endpointOf(gone.endpoint.id)).toMatchObject({
      disabledReason: 'its receiver answered 410 Gone',
    });
    await reserve('A');
    expect(await deliveriesOf(gone.endpoint.id)).toHaveLength(1);
    expect(gone.received).toHaveLength(1);
  });

  test('a redirect is not followed', async () => {
    await count('A', 100);
    const elsewhere = await partner(['order.state_changed']);
    const moved = await partner(['reservation.created']);
    moved.answer = () => ({ status: 307, headers: { location: elsewhere.url } });
    await reserve('A');
    await until(async () => (await deliveriesOf(moved.endpoint.id))[0]?.lastStatus === 307);
    expect(elsewhere.received).toEqual([]);
  });

  test('after three days an event is a dead letter, and its key goes on; it can be sent again', async () => {
    await count('A', 100);
    const receiver = await partner(RESERVATION_EVENTS);
    let broken = true;
    receiver.answer = ({ type }) => (broken && type === 'reservation.created' ? 503 : 204);
    const id = await reserve('A');
    await confirm(id);
    await until(async () => (await deliveriesOf(receiver.endpoint.id)).some(({ attempts }) => attempts > 0));
    await until(() => receiver.received.length > 0);
    await until(async () =>
      (await deliveriesOf(receiver.endpoint.id)).some(({ lastStatus }) => lastStatus === 503),
    );
    await partners.database.query(
      `update webhook_delivery set first_attempt_at = hub_now() - interval '72 hours'
       where endpoint_id = $1 and first_attempt_at is not null`,
      [receiver.endpoint.id],
    );
    await makeDue();
    await until(() => receiver.taken().length === 1);
    expect(typesOf(receiver.taken())).toEqual(['reservation.confirmed']);
    const [dead, ...others] = await deliveriesOf(receiver.endpoint.id, 'DEAD');
    expect(dead).toMatchObject({ key: `reservation:${id}`, lastStatus: 503, lastError: 'answered 503' });
    expect(others).toEqual([]);
    await until(async () => (await deliveriesOf(receiver.endpoint.id, 'PENDING')).length === 0);
    expect(await endpointOf(receiver.endpoint.id)).toMatchObject({ backlog: { dead: 1, pending: 0 } });
    broken = false;
    await ask(`mutation ($ids: [ID!]!) { retryWebhookDeliveries(input: { ids: $ids }) { id } }`, {
      ids: [dead!.id],
    });
    await until(() => receiver.taken().length === 2);
    expect(receiver.taken().at(-1)).toMatchObject({ id: dead!.id, type: 'reservation.created' });
    expect(await deliveriesOf(receiver.endpoint.id, 'DEAD')).toEqual([]);
  });
});

test('a replay sends everything since an instant again, in order, under the same ids', async () => {
  await count('A', 100);
  const receiver = await partner(RESERVATION_EVENTS);
  const early = await reserve('A');
  await until(() => receiver.received.length === 1);
  const [{ now }] = (await partners.database.query<{ now: Date }>('select hub_now() as now')) as [
    { now: Date },
  ];
  const id = await reserve('A');
  await confirm(id);
  await release(early);
  await until(() => receiver.received.length === 4);
  // Written down as well: what is under way is sent already.
  await until(async () => (await deliveriesOf(receiver.endpoint.id, 'DELIVERED')).length === 4);
  const before = receiver.received.splice(0);
  const { replayWebhooks } = await ask<{ replayWebhooks: number }>(
    `mutation ($input: ReplayWebhooksInput!) { replayWebhooks(input: $input) }`,
    { input: { endpointId: receiver.endpoint.id, since: now.toISOString() } },
  );
  expect(replayWebhooks).toBe(3);
  await until(() => receiver.received.length === 3);
  const sent = (messages: Received[]) => messages.map(({ id: messageId, text }) => ({ messageId, text }));
  const byKey = (messages: Received[], key: string) =>
    sent(messages.filter((message) => reservationOf(message) === key));
  expect(byKey(receiver.received, id)).toEqual(byKey(before, id));
  expect(byKey(receiver.received, early)).toEqual(byKey(before.slice(1), early));
});

test('a test event arrives, whatever the endpoint wants', async () => {
  const receiver = await partner(['order.state_changed']);
  const { sendTestWebhook } = await ask<{ sendTestWebhook: { id: string } }>(
    `mutation ($id: ID!) { sendTestWebhook(input: { endpointId: $id }) { id } }`,
    { id: receiver.endpoint.id },
  );
  await until(() => receiver.received.length === 1);
  expect(receiver.received[0]).toMatchObject({ id: sendTestWebhook.id, type: 'webhook.test' });
});

test('a new secret signs beside the old one, until the time of that is over', async () => {
  const receiver = await partner(['order.state_changed']);
  const { id, secret: old } = receiver.endpoint;
  const sendOne = async () => {
    const before = receiver.received.length;
    await ask(`mutation ($id: ID!) { sendTestWebhook(input: { endpointId: $id }) { id } }`, { id });
    await until(() => receiver.received.length > before);
    return receiver.received.at(-1)!;
  };
  const { rotateWebhookSecret } = await ask<{ rotateWebhookSecret: { secret: string } }>(
    `mutation ($id: ID!) { rotateWebhookSecret(input: { id: $id }) { secret } }`,
    { id },
  );
  const during = await sendOne();
  for (const secret of [old, rotateWebhookSecret.secret])
    expect(new Webhook(secret).verify(during.text, headersOf(during))).toBeDefined();
  await partners.database.query(
    'update webhook_endpoint set previous_secret_until = hub_now() where id = $1',
    [id],
  );
  const after = await sendOne();
  expect(new Webhook(rotateWebhookSecret.secret).verify(after.text, headersOf(after))).toBeDefined();
  expect(() => new Webhook(old).verify(after.text, headersOf(after))).toThrow();
});

test('a signing secret is in no row and in no line of the log', async () => {
  const receiver = await partner(['order.state_changed']);
  await ask(`mutation ($id: ID!) { rotateWebhookSecret(input: { id: $id }) { secret } }`, {
    id: receiver.endpoint.id,
  });
  const rows = await partners.database.query('select to_jsonb(e) as row from webhook_endpoint e');
  for (const text of [JSON.stringify(rows), ...partners.hubs.map((hub) => JSON.stringify(hub.output()))]) {
    expect(text).not.toContain(receiver.endpoint.secret.replace('whsec_', ''));
    expect(text).not.toContain('whsec_');
    expect(text).not.toContain(SECRET_KEY);
  }
});
