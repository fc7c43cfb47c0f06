import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { buildHubSchema } from '../../src/graph/execution/build-schema.ts';
import { resolverClasses, scopeTable } from '../../src/model.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { socketClient } from '../support/client.ts';
import { seedCatalogue } from '../support/inventory/engine.ts';
import { startHub, type RunningHub } from '../support/hub.ts';
import { postGraphql, type GraphqlReply } from '../support/post-graphql.ts';
import { until } from '../support/until.ts';

let database: TestDatabase;
let hubs: [RunningHub, RunningHub];
beforeAll(async () => {
  database = await createTestDatabase();
  await seedCatalogue(database, ['A']);
  const adminKey = 'test-admin-key-of-two-hubs';
  const start = () => startHub({ databaseUrl: database.url, adminKey });
  hubs = [await start(), await start()];
  await ask(
    hubs[0].adminKey,
    `mutation { adjustStock(input: { idempotencyKey: "c", node: "WH", reason: "c",
    lines: [{ sku: "A", counted: 100 }] }) { __typename } }`,
  );
});
afterAll(async () => {
  await Promise.all((hubs ?? []).map((hub) => hub.stop()));
  await database?.drop();
});

const ask = (key: string, query: string, variables: object = {}, hub = hubs[0]): Promise<GraphqlReply> =>
  postGraphql({ url: hub.url, adminKey: key }, { query, variables });
const codeOf = (reply: GraphqlReply) => reply.errors?.[0]?.extensions?.code;

async function makeKey(input: object): Promise<{ id: string; key: string }> {
  const { data, errors } = await ask(
    hubs[0].adminKey,
    'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { key apiKey { id } } }',
    { input: { name: 'test', partner: 'p', ...input } },
  );
  if (errors) throw new Error(JSON.stringify(errors));
  const { createApiKey } = data as { createApiKey: { key: string; apiKey: { id: string } } };
  return { id: createApiKey.apiKey.id, key: createApiKey.key };
}
const reserve = (
  channel: string,
  idempotencyKey: string,
) => `mutation { reserve(input: { idempotencyKey: "${idempotencyKey}",
  channel: "${channel}", reference: "r", lines: [{ sku: "A", quantity: 1 }] }) { __typename ... on Reservation { id } } }`;
const SKU = '{ sku(code: "A") { code } }';

test('every root field says what it needs, or is for the admin key alone', async () => {
  const schema = await buildHubSchema(resolverClasses);
  const listed = new Set(Object.keys(scopeTable.rootFields));
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].flatMap(
    (type) => Object.keys(type!.getFields()).map((field) => `${type!.name}.${field}`),
  );
  expect(roots.filter((root) => !listed.has(root)).toSorted()).toEqual([
    'Mutation.createApiKey',
    'Mutation.revokeApiKey',
    'Query.apiKeys',
  ]);
  expect([...listed].filter((root) => !roots.includes(root))).toEqual([]);
});

describe('a key', () => {
  test('may do what its scopes say, and is told what it lacks, on both transports', async () => {
    const { key } = await makeKey({ scopes: ['stock:read'] });
    expect(await ask(key, SKU)).toEqual({ data: { sku: { code: 'A' } } });
    const refused = await ask(key, reserve('jd', 'k1'));
    expect(codeOf(refused)).toBe('FORBIDDEN');
    expect(refused.errors![0]!.message).toContain('stock:reserve');
    expect(codeOf(await ask(key, '{ apiKeys { id } }'))).toBe('FORBIDDEN');

    const socket = socketClient({ url: hubs[0].url, adminKey: key });
    expect(
      (await socket.iterate({ query: 'subscription { atp(skus: ["A"]) { kind } }' }).next()).value,
    ).toMatchObject({
      data: { atp: { kind: 'SNAPSHOT' } },
    });
    for (const query of [reserve('jd', 'k2'), 'subscription { reviewTaskOpened { id } }'])
      expect((await socket.iterate({ query }).next()).value).toMatchObject({
        errors: [{ extensions: { code: 'FORBIDDEN' } }],
      });
    await socket.dispose();
  });

  test('of a channel reserves for that channel only', async () => {
    const { key } = await makeKey({ scopes: ['stock:reserve'], channel: 'jd' });
    expect(codeOf(await ask(key, reserve('douyin', 'k3')))).toBe('FORBIDDEN');
    expect(await ask(key, reserve('jd', 'k4'))).toMatchObject({
      data: { reserve: { __typename: 'Reservation' } },
    });
  });

  test("of a channel moves that channel's reservations only", async () => {
    const scopes = ['stock:reserve'];
    const [any, jd] = [await makeKey({ scopes }), await makeKey({ scopes, channel: 'jd' })];
    const made = await ask(any.key, reserve('douyin', 'k5'));
    const { id } = (made.data as { reserve: { id: string } }).reserve;
    for (const operation of [
      'confirmReservation',
      'releaseReservation',
      'cancelReservation',
      'extendReservation',
    ]) {
      const more = operation === 'extendReservation' ? ', ttlSeconds: 60' : '';
      const move = `mutation { ${operation}(input: { idempotencyKey: "${operation}", reservationId: "${id}"${more} }) { __typename } }`;
      expect({ operation, code: codeOf(await ask(jd.key, move)) }).toEqual({ operation, code: 'FORBIDDEN' });
    }
  });

  test("sees and moves its partner's reservations, not another partner's", async () => {
    const [mine, colleague, stranger] = await Promise.all(
      ['one', 'one', 'two'].map((partner) => makeKey({ partner, scopes: ['stock:read', 'stock:reserve'] })),
    );
    const { data } = await ask(mine!.key, reserve('jd', 'own'));
    const { id } = (data as { reserve: { id: string } }).reserve;
    const release = `mutation { releaseReservation(input: { idempotencyKey: "rel", reservationId: "${id}" }) { __typename } }`;
    expect(await ask(stranger!.key, `{ reservation(id: "${id}") { id } }`)).toEqual({
      data: { reservation: null },
    });
    expect(codeOf(await ask(stranger!.key, release))).toBe('RESERVATION_NOT_FOUND');
    expect(await ask(colleague!.key, release)).toEqual({
      data: { releaseReservation: { __typename: 'Reservation' } },
    });
  });

  test('is refused from the instant of its end, and at once when it is revoked, in every process', async () => {
    const ending = await makeKey({
      scopes: ['stock:read'],
      expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
    });
    expect(codeOf(await ask(ending.key, SKU))).toBeUndefined();
    await database.query(`update api_key set expires_at = hub_now() - interval '1 second' where id = $1`, [
      ending.id,
    ]);
    await until(async () => codeOf(await ask(ending.key, SKU)) === 'UNAUTHENTICATED');

    const { id, key } = await makeKey({ scopes: ['stock:read'] });
    for (const hub of hubs) expect(codeOf(await ask(key, SKU, {}, hub))).toBeUndefined();
    await ask(hubs[0].adminKey, `mutation { revokeApiKey(input: { id: "${id}" }) { revokedAt } }`);
    expect(codeOf(await ask(key, SKU))).toBe('UNAUTHENTICATED');
    await until(async () => codeOf(await ask(key, SKU, {}, hubs[1])) === 'UNAUTHENTICATED');
  });

  test('is not stored, only a hash of it', async () => {
    const { key } = await makeKey({ scopes: ['stock:read'] });
    const rows = await database.query('select api_key::text as text from api_key');
    expect(JSON.stringify(rows)).not.toContain(key.split('_').slice(2).join('_'));
    const another = `${key.slice(0, -1)}${key.endsWith('x') ? 'y' : 'x'}`;
    expect(codeOf(await ask(another, SKU))).toBe('UNAUTHENTICATED');
  });

  test.each([
    { scopes: ['stock:fly'] },
    { scopes: [] },
    { scopes: ['stock:read'], partner: 'admin' },
    { scopes: ['stock:read'], name: ' ' },
    { scopes: ['stock:read'], partner: ' admin' },
    { scopes: ['stock:read'], partner: 'Admin' },
    { scopes: ['stock:read'], partner: 'ＨＵＢ' },
    { scopes: ['stock:read'], partner: 'h u b' },
    { scopes: ['stock:read'], partner: 'Source:files/orders' },
    { scopes: ['stock:read'], partner: 'p\u0000' },
    { scopes: ['stock:read'], partner: 'p\u200b' },
  ])('cannot be made of %j', async (input) => {
    await expect(makeKey(input)).rejects.toThrow('BAD_USER_INPUT');
  });

  test.each(['nonexistent', ''])(
    'cannot be bound to the channel "%s", which nobody has reported',
    async (channel) => {
      await expect(makeKey({ scopes: ['stock:reserve'], channel })).rejects.toThrow('UNKNOWN_CHANNEL');
    },
  );
});

test('personal data is masked without the scope for it', async () => {
  await database.query(
    `insert into customer (id, display_name, created_at) values ('0192aaaa-bbbb-7ccc-8ddd-eeeeffff0009', '林晓雨', now())`,
  );
  const query = '{ customer(id: "0192aaaa-bbbb-7ccc-8ddd-eeeeffff0009") { displayName } }';
  const { key: blind } = await makeKey({ scopes: ['customer:read'] });
  const { key: seeing } = await makeKey({ scopes: ['customer:read', 'customer:pii'] });
  expect(await ask(blind, query)).toEqual({ data: { customer: { displayName: '林**' } } });
  await database.query(`update customer set display_name = '𠮷野家乐'`);
  expect(await ask(blind, query)).toEqual({ data: { customer: { displayName: '𠮷**' } } });
  await database.query(`update customer set display_name = '林晓雨'`);
  expect(await ask(seeing, query)).toEqual({ data: { customer: { displayName: '林晓雨' } } });
});

test('keys are made, listed and revoked from the command line', async () => {
  const key = async (...args: string[]) => {
    const { stdout } = await promisify(execFile)(process.execPath, ['dist/src/cli/keys.js', ...args], {
      env: { HUB_URL: hubs[0].url, HUB_ADMIN_KEY: hubs[0].adminKey },
    });
    return JSON.parse(stdout) as Record<string, never>;
  };
  const { createApiKey } = (await key(
    'create',
    '--name',
    'cli',
    '--partner',
    'p',
    '--scopes',
    'stock:read',
  )) as unknown as {
    createApiKey: { key: string; apiKey: { id: string } };
  };
  expect(codeOf(await ask(createApiKey.key, SKU))).toBeUndefined();
  expect(JSON.stringify(await key('list'))).toContain(createApiKey.apiKey.id);
  await key('revoke', createApiKey.apiKey.id);
  expect(codeOf(await ask(createApiKey.key, SKU))).toBe('UNAUTHENTICATED');
  await expect(key('create', '--name', 'x')).rejects.toThrow('Usage');
});
