import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { httpClient } from '../../support/client.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { startHub, type RunningHub } from '../../support/hub.ts';

let database: TestDatabase;
let hub: RunningHub;
beforeAll(async () => {
  database = await createTestDatabase();
  hub = await startHub({ databaseUrl: database.url });
});
afterAll(async () => {
  await hub?.stop();
  await database?.drop();
});

/** Writes to the import folder, which takes none: they stay as they are. */
async function failed(count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, () => randomUUID());
  for (const [index, id] of ids.entries())
    await database.query(
      `insert into source_write (id, connector, kind, subject, payload, queued_at, state, due_at, attempts, first_attempt_at,
         last_error)
       values ($1, 'files', 'FULFILMENT', 'order:1', $2, now(), 'FAILED', now(), 3, now(), 'There is no such order.')`,
      [id, JSON.stringify({ orderExternalId: `W-${index}` })],
    );
  return ids;
}

interface Page {
  failedWrites: {
    nodes: { id: string; payload: string }[];
    pageInfo: { hasNextPage: boolean; endCursor: string };
  };
}

test('failed writes are counted, listed page by page in their order, and told again when asked to', async () => {
  const ask = httpClient(hub);
  const ids = await failed(12);
  const counts = async () =>
    (await ask.request<{ connectors: unknown[] }>('{ connectors { id pendingWrites failedWrites } }'))
      .connectors;
  expect(await counts()).toEqual([{ id: 'files', pendingWrites: 0, failedWrites: 12 }]);

  const page = `query ($after: String) { failedWrites(connector: "files", first: 7, after: $after) {
    nodes { id connector kind payload reason attempts } pageInfo { hasNextPage endCursor } } }`;
  const { failedWrites: first } = await ask.request<Page>(page);
  const { failedWrites: rest } = await ask.request<Page>(page, { after: first.pageInfo.endCursor });
  expect([...first.nodes, ...rest.nodes].map(({ id }) => id)).toEqual(ids);
  expect(rest.pageInfo.hasNextPage).toBe(false);
  expect(first.nodes[0]).toEqual({
    id: ids[0],
    connector: 'files',
    kind: 'FULFILMENT',
    payload: '{"orderExternalId": "W-0"}',
    reason: 'There is no such order.',
    attempts: 3,
  });
  expect(await ask.request('{ failedWrites(connector: "other") { nodes { id } } }')).toEqual({
    failedWrites: { nodes: [] },
  });

  const retry = 'mutation ($ids: [ID!]!) { retryFailedWrites(input: { ids: $ids }) { retried } }';
  const again = { ids: [ids[0]!.toUpperCase(), ids[1], randomUUID(), 'no id'] };
  expect(await ask.request(retry, again)).toEqual({ retryFailedWrites: { retried: 2 } });
  expect(await ask.request(retry, again)).toEqual({ retryFailedWrites: { retried: 0 } });
  expect(await counts()).toEqual([{ id: 'files', pendingWrites: 2, failedWrites: 10 }]);
  const [row] = await database.query(
    'select state, attempts, first_attempt_at from source_write where id = $1',
    [ids[0]],
  );
  expect(row).toEqual({ state: 'PENDING', attempts: 0, first_attempt_at: null });
  await expect(ask.request(retry, { ids: [] })).rejects.toThrow('1 to 1000');
});

test('personal data of failed writes and dead letters is masked without the scope for it', async () => {
  const [write, letter] = [randomUUID(), randomUUID()];
  await database.query(
    `insert into source_write (id, connector, kind, subject, payload, queued_at, state, due_at, attempts, first_attempt_at,
       last_error)
     values ($1, 'desk', 'MESSAGE', 'ticket:1', $2, now(), 'FAILED', now(), 3, now(), 'No mail for xiaoyu@example.com.')`,
    [write, JSON.stringify({ ticketExternalId: 'T-1', text: '林晓雨，您的包裹到了' })],
  );
  await database.query(
    `insert into dead_letter (id, connector, stream, key, origin, reason, raw, first_seen_at, attempts)
     values ($1, 'desk', 'orders', 'k', 'orders.csv row 2', 'phone: must be a phone, was "138 1234 567"', $2, now(), 1)`,
    [letter, '[{"收货人":"林晓雨","手机":"138 1234 567","sku":"HOODIE"}]'],
  );
  const query = `{ failedWrites(connector: "desk") { nodes { payload reason } }
    deadLetters(connector: "desk") { nodes { payload reason origin } } }`;
  const asked = async (scopes: string[]) => {
    const made = await httpClient(hub).request<{ createApiKey: { key: string } }>(
      'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { key } }',
      { input: { name: 'support', partner: 'p', scopes } },
    );
    return httpClient({ url: hub.url, adminKey: made.createApiKey.key }).request(query);
  };
  expect(await asked(['connector:read'])).toEqual({
    failedWrites: {
      nodes: [{ payload: '{"text": "***", "ticketExternalId": "T-1"}', reason: 'No mail for ***' }],
    },
    deadLetters: {
      nodes: [
        {
          payload: '[{"收货人":"***","手机":"***","sku":"HOODIE"}]',
          reason: 'phone: must be a phone, was "***"',
          origin: 'orders.csv row 2',
        },
      ],
    },
  });
  expect(await asked(['connector:read', 'customer:pii'])).toEqual({
    failedWrites: {
      nodes: [
        {
          payload: '{"text": "林晓雨，您的包裹到了", "ticketExternalId": "T-1"}',
          reason: 'No mail for xiaoyu@example.com.',
        },
      ],
    },
    deadLetters: {
      nodes: [
        {
          payload: '[{"收货人":"林晓雨","手机":"138 1234 567","sku":"HOODIE"}]',
          reason: 'phone: must be a phone, was "138 1234 567"',
          origin: 'orders.csv row 2',
        },
      ],
    },
  });
});
