import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { databaseModel } from '../../src/model.ts';
import { RequestContext } from '../../src/platform/api/request-context.ts';
import { connectOrm, type Orm } from '../../src/platform/database/database.ts';
import { SecretBox } from '../../src/platform/process/secret-box.ts';
import { WebhooksResolver } from '../../src/webhooks/webhooks.resolver.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let orm: Orm;
let webhooks: WebhooksResolver;
beforeAll(async () => {
  database = await createTestDatabase();
  orm = await connectOrm(database.url, databaseModel);
  const box = new SecretBox('a key that seals secrets');
  const endpoints = { publish: () => undefined };
  webhooks = new WebhooksResolver(endpoints as never, box, 'any', () => undefined);
});
beforeEach(() => database.query('delete from webhook_endpoint'));
afterAll(async () => {
  await orm?.close();
  await database?.drop();
});

const context = () => new RequestContext({ partner: 'p', name: 'maker', admin: false }, orm.em.fork());
const make = () =>
  webhooks.createWebhookEndpoint(
    { url: 'http://127.0.0.1:1/', description: 'one', eventTypes: ['order.state_changed'] } as never,
    context(),
  );
const enable = (id: string, enabled: boolean) =>
  webhooks.updateWebhookEndpoint({ id, enabled } as never, context());
/** As many more as the first that was made, by the same key. */
const copies = (count: number, enabled: boolean) =>
  database.query(
    `insert into webhook_endpoint (id, url, description, event_types, skus, channels, enabled, secret, created_by, created_at)
     select gen_random_uuid(), url, description, event_types, skus, channels, $2, secret, created_by, created_at
     from webhook_endpoint, generate_series(1, $1) limit $1`,
    [count, enabled],
  );

test('a key has 50 endpoints enabled at most, also by enabling one again', async () => {
  const { endpoint } = await make();
  await copies(48, true);
  await enable(endpoint.id, false);
  await make();
  await make();
  await expect(make()).rejects.toThrow(
    'This key has 50 endpoints enabled; 50 are allowed. Disable one first.',
  );
  await expect(enable(endpoint.id, true)).rejects.toThrow('This key has 50 endpoints enabled');
});

test('a key makes 200 endpoints at most, those that are disabled included', async () => {
  await make();
  await copies(199, false);
  await expect(make()).rejects.toThrow(
    'This key has made 200 endpoints; 200 are allowed. Change a disabled one instead.',
  );
});
