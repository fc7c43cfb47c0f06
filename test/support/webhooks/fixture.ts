import { afterAll, afterEach, beforeAll } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { httpClient } from '../client.ts';
import { createTestDatabase, type TestDatabase } from '../database.ts';
import { seedCatalogue } from '../inventory/engine.ts';
import { startHub, type RunningHub } from '../hub.ts';
import { startReceiver, type Receiver } from './receiver.ts';

export const SECRET_KEY = 'test-secret-key-0123456789abcdef-0123456789';

export interface Endpoint {
  id: string;
  secret: string;
}

export interface Partners {
  database: TestDatabase;
  hubs: RunningHub[];
  start: (environment?: Record<string, string>) => Promise<RunningHub>;
  ask: <T = Record<string, never>>(query: string, variables?: object, hub?: RunningHub) => Promise<T>;
  /** A receiver with an endpoint that goes to it; both end with the test. */
  partner: (eventTypes: string[], more?: object) => Promise<Receiver & { endpoint: Endpoint }>;
  /** Ends all waiting: of retries, of pauses, of leases. */
  makeDue: () => Promise<void>;
}

/** Two hubs on one database, and partners that they tell. */
export function partnersFixture(skus: readonly string[], hubs = 2): Partners {
  const fixture = { hubs: [] as RunningHub[] } as Partners;
  const receivers: Receiver[] = [];
  const endpoints: Endpoint[] = [];
  const adminKey = `test-${randomUUID()}`;
  fixture.start = async (environment = {}) => {
    const hub = await startHub({
      databaseUrl: fixture.database.url,
      adminKey,
      environment: { HUB_SECRET_KEY: SECRET_KEY, HUB_WEBHOOK_TARGETS: 'any', ...environment },
    });
    fixture.hubs.push(hub);
    return hub;
  };
  fixture.ask = (query, variables, hub = fixture.hubs[0]!) => httpClient(hub).request(query, variables);
  fixture.partner = async (eventTypes, more = {}) => {
    const receiver = await startReceiver();
    receivers.push(receiver);
    const endpoint = await createEndpoint(fixture, { url: receiver.url, eventTypes, ...more });
    endpoints.push(endpoint);
    return Object.assign(receiver, { endpoint });
  };
  fixture.makeDue = () =>
    fixture.database
      .query(`update webhook_endpoint set paused_until = null, failures = 0`)
      .then(() =>
        fixture.database.query(
          `update webhook_delivery set due_at = hub_now() where state = 'PENDING' and due_at > hub_now()`,
        ),
      )
      .then(() => undefined);
  beforeAll(async () => {
    fixture.database = await createTestDatabase();
    await seedCatalogue(fixture.database, skus);
    for (let count = 0; count < hubs; count++) await fixture.start();
  });
  afterEach(async () => {
    for (const { id } of endpoints.splice(0)) await disable(fixture, id);
    for (const receiver of receivers.splice(0)) await receiver.close();
  });
  afterAll(async () => {
    await Promise.all(fixture.hubs.map((hub) => hub.stop()));
    await fixture.database?.drop();
  });
  return fixture;
}

export async function createEndpoint({ ask }: Pick<Partners, 'ask'>, input: object): Promise<Endpoint> {
  const { createWebhookEndpoint: made } = await ask<{
    createWebhookEndpoint: { secret: string; endpoint: { id: string } };
  }>(
    `mutation ($input: CreateWebhookEndpointInput!) { createWebhookEndpoint(input: $input) { secret endpoint { id } } }`,
    { input: { description: 'a partner', ...input } },
  );
  return { secret: made.secret, id: made.endpoint.id };
}

export const disable = ({ ask }: Pick<Partners, 'ask'>, id: string) =>
  ask(`mutation ($id: ID!) { updateWebhookEndpoint(input: { id: $id, enabled: false }) { id } }`, { id });

/** Commands on stock, under keys of their own. */
export function commandsOf({ ask }: Pick<Partners, 'ask'>) {
  const own = (more: object) => ({ input: { idempotencyKey: randomUUID(), ...more } });
  return {
    count: (sku: string, counted: number, hub?: RunningHub) =>
      ask(
        `mutation ($input: AdjustStockInput!) { adjustStock(input: $input) { __typename } }`,
        own({ node: 'WH', reason: 'count', lines: [{ sku, counted }] }),
        hub,
      ),
    reserve: async (sku: string, more: object = {}, hub?: RunningHub) => {
      const { reserve } = await ask<{ reserve: { id: string } }>(
        `mutation ($input: ReserveInput!) { reserve(input: $input) { ... on Reservation { id } } }`,
        own({ channel: 'jd', reference: randomUUID(), lines: [{ sku, quantity: 1 }], ...more }),
        hub,
      );
      return reserve.id;
    },
    extend: (reservationId: string, hub?: RunningHub) =>
      ask(
        `mutation ($input: ExtendReservationInput!) { extendReservation(input: $input) { __typename } }`,
        own({ reservationId, ttlSeconds: 3600 }),
        hub,
      ),
    confirm: (reservationId: string, hub?: RunningHub) =>
      ask(
        `mutation ($input: ConfirmReservationInput!) { confirmReservation(input: $input) { __typename } }`,
        own({ reservationId }),
        hub,
      ),
    release: (reservationId: string, hub?: RunningHub) =>
      ask(
        `mutation ($input: ReservationCommandInput!) { releaseReservation(input: $input) { __typename } }`,
        own({ reservationId }),
        hub,
      ),
    cancel: (reservationId: string, hub?: RunningHub) =>
      ask(
        `mutation ($input: CancelReservationInput!) { cancelReservation(input: $input) { __typename } }`,
        own({ reservationId }),
        hub,
      ),
  };
}
