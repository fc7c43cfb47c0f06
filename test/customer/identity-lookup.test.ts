import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { apiKey } from '../support/graph/fixture.ts';
import { startHub, type RunningHub } from '../support/hub.ts';
import { connect } from '../support/inventory/engine.ts';
import { postGraphql, type GraphqlReply } from '../support/post-graphql.ts';

const ALLOWED = 5;
const KNOWN = '+8613912345670';

let hub: RunningHub;
beforeAll(async () => {
  hub = await startHub({ environment: { HUB_MISSED_LOOKUPS: String(ALLOWED) } });
  const database = await connect(hub.databaseUrl);
  const customer = '0192aaaa-bbbb-7ccc-8ddd-eeeeffff0009';
  await database.query(`insert into customer (id, display_name, created_at) values ($1, '林晓雨', now())`, [
    customer,
  ]);
  const { rows } = await database.query<{ id: string }>(
    `insert into customer_profile (id, customer_id, source, external_id, origin, digest)
     values (gen_random_uuid(), $1, 'crm', 'C1', 'CRM', '') returning id`,
    [customer],
  );
  await database.query(
    `insert into customer_identity (profile_id, kind, value, scope, strong, verified) values ($1, 'PHONE', $2, '', true, true)`,
    [rows[0]!.id, KNOWN],
  );
  await database.end();
});
afterAll(() => hub?.stop());

let numbers = 0;
const stranger = () => `+86139${String(20_000_000 + (numbers += 137)).padStart(8, '0')}`;
const ask = (key: string, query: string): Promise<GraphqlReply> =>
  postGraphql({ url: hub.url, adminKey: key }, { query });
const byPhone = (phone: string, alias = 'found') =>
  `${alias}: customersByIdentity(kind: PHONE, value: "${phone}") { displayName }`;
const lookUp = (key: string, phone: string) => ask(key, `{ ${byPhone(phone)} }`);
const codeOf = ({ errors }: GraphqlReply) => errors?.[0]?.extensions?.code;

const makeKey = (...scopes: string[]) => apiKey(hub, scopes);

test('a masked key that looked up too many strangers is told nothing more, neither of whom there is', async () => {
  const key = await makeKey('customer:read');
  const found = { data: { found: [{ displayName: '林**' }] } };
  for (let hits = 0; hits < ALLOWED * 2; hits += 1) expect(await lookUp(key, KNOWN)).toEqual(found);
  for (let misses = 1; misses < ALLOWED; misses += 1)
    expect(await lookUp(key, stranger())).toEqual({ data: { found: [] } });
  expect(await lookUp(key, KNOWN)).toEqual(found); // and gives nothing back
  expect(await lookUp(key, stranger())).toEqual({ data: { found: [] } });

  const response = await fetch(`${hub.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ query: `{ ${byPhone(KNOWN)} }` }),
  });
  expect(response.status).toBe(429);
  const refused = (await response.json()) as GraphqlReply;
  expect(refused.errors).toMatchObject([
    {
      message: expect.stringMatching(/^This key has looked up too many identities that nobody has; retry in/),
      extensions: { code: 'RATE_LIMITED', retryable: true, retryAfterSeconds: expect.any(Number) },
    },
  ]);
  expect(codeOf(await lookUp(key, stranger()))).toBe('RATE_LIMITED');
  expect(codeOf(await ask(key, `{ screenPop(phone: "${KNOWN}") { id } }`))).toBe('RATE_LIMITED');
  const another = await makeKey('customer:read');
  expect(await lookUp(another, KNOWN)).toEqual(found);
});

test('many look-ups in one operation are counted one by one', async () => {
  const key = await makeKey('customer:read');
  const strangers = Array.from({ length: ALLOWED + 2 }, (_, at) => byPhone(stranger(), `a${at}`));
  expect(codeOf(await ask(key, `{ ${strangers.join(' ')} ${byPhone(KNOWN, 'last')} }`))).toBe('RATE_LIMITED');
  expect(codeOf(await lookUp(key, KNOWN))).toBe('RATE_LIMITED');
});

test('what is no identity is no attempt, and a key that reads in clear is not limited', async () => {
  const masked = await makeKey('customer:read');
  for (let sent = 0; sent <= ALLOWED; sent += 1)
    expect(codeOf(await lookUp(masked, 'call me'))).toBe('INVALID_IDENTITY');
  expect(await lookUp(masked, KNOWN)).toMatchObject({ data: { found: [{ displayName: '林**' }] } });
  const clear = await makeKey('customer:read', 'customer:pii');
  for (let sent = 0; sent <= ALLOWED * 2; sent += 1)
    expect(await lookUp(clear, stranger())).toEqual({ data: { found: [] } });
});
