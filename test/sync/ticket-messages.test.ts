import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import {
  startContractServer,
  TOKEN,
  type ContractServer,
} from '../connectors/request-tracker/contract-server.ts';
import { Tracker } from '../connectors/request-tracker/tracker.ts';
import { startFaultProxy, type FaultProxy } from '../support/connectors/fault-proxy.ts';
import { httpClient } from '../support/client.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { startHub, type RunningHub } from '../support/hub.ts';
import { ownFolder } from '../support/own-folder.ts';
import { until } from '../support/until.ts';

/** A hub as a process of its own, whose help desk takes messages, and an export of another one, which takes none. */
const { folder: dataDir, remove } = ownFolder();
let server: ContractServer;
let proxy: FaultProxy;
let tracker: Tracker;
let database: TestDatabase;
let hub: RunningHub;

beforeAll(async () => {
  server = await startContractServer();
  proxy = await startFaultProxy(server.url);
  tracker = new Tracker(server.url, TOKEN);
  mkdirSync(path.join(dataDir, 'import'), { recursive: true });
  const exported = {
    ticket_id: 'X-1',
    title: '旧工单',
    status: 'open',
    created: '2026-11-22 10:00',
    customer: {},
  };
  writeFileSync(path.join(dataDir, 'import', 'tickets.jsonl'), JSON.stringify(exported));
  const config = { url: proxy.url, token: { $env: 'RT_TOKEN' } };
  const source = { id: 'desk', connector: 'request-tracker', pollSeconds: 5, config };
  writeFileSync(path.join(dataDir, 'sources.json'), JSON.stringify({ sources: [source] }));
  database = await createTestDatabase();
  hub = await startHub({ dataDir, databaseUrl: database.url, environment: { RT_TOKEN: TOKEN } });
});
afterAll(async () => {
  await hub?.stop();
  await database?.drop();
  proxy?.stop();
  server?.stop();
  remove();
});
beforeEach(() => proxy.heal());

const ask = <T>(query: string, variables?: object) => httpClient(hub).request<T>(query, variables);

/** The hub's id of a ticket, once the hub has it. */
async function known(externalId: string): Promise<string> {
  const find = () =>
    database.query<{ id: string }>('select id from ticket where external_id = $1', [externalId]);
  await until(async () => (await find()).length > 0);
  return (await find())[0]!.id;
}

interface Reply {
  replyToTicket: { __typename: string; id: string; state: string };
}
const reply = (ticketId: string, text: string, idempotencyKey: string = randomUUID()) =>
  ask<Reply>(
    `mutation ($input: ReplyToTicketInput!) { replyToTicket(input: $input) { __typename
      ... on TicketMessage { id text author state } ... on ReplyRefused { ticketId reason message } } }`,
    { input: { idempotencyKey, ticketId, text } },
  );

/** What the ticket of an order says of its messages. */
async function messagesOf(order: string) {
  const { orderByExternalId } = await ask<{
    orderByExternalId: { tickets: { messages: { text: string; state: string; externalId: string }[] }[] };
  }>(
    `query ($order: String!) { orderByExternalId(channel: "web", externalId: $order) { tickets { messages {
      text author state externalId deliveredAt lastError } } } }`,
    { order },
  );
  return orderByExternalId.tickets[0]!.messages;
}

/** An order that the ticket is about, so that the ticket can be looked at. */
const order = (externalId: string) =>
  database.query(
    `insert into sales_order (id, channel, external_id, source, state, placed_at, currency, total_minor, delivery_method,
       buyer, digest) values ($1, 'web', $2, 'test', 'PAID', now(), 'CNY', 1, 'DELIVERY', '{}', '')`,
    [randomUUID(), externalId],
  );

test('a reply stands in the ticket’s own system, once, and its state on the ticket', async () => {
  await order('M-1');
  const ticket = await tracker.create('where is it', 'jane@example.test', { OrderNo: 'M-1', Channel: 'web' });
  const ticketId = await known(ticket);
  const key = randomUUID();
  const first = await reply(ticketId, '您的包裹已发出 📦', key);
  expect(first.replyToTicket).toMatchObject({
    __typename: 'TicketMessage',
    author: 'admin',
    state: 'PENDING',
  });
  await until(async () => (await messagesOf('M-1'))[0]!.state === 'DELIVERED');
  expect(await reply(ticketId, '您的包裹已发出 📦', key)).toMatchObject({
    replyToTicket: { id: first.replyToTicket.id, state: 'DELIVERED' },
  });
  expect(await messagesOf('M-1')).toEqual([
    {
      text: '您的包裹已发出 📦',
      author: 'admin',
      state: 'DELIVERED',
      externalId: expect.stringMatching(/^\d+$/),
      deliveredAt: expect.any(String),
      lastError: null,
    },
  ]);
  await reply(ticketId, 'It arrives tomorrow.');
  await until(async () => (await messagesOf('M-1')).every(({ state }) => state === 'DELIVERED'));
  expect(await tracker.messages(ticket, 'Correspond')).toEqual([
    expect.stringMatching(/^您的包裹已发出 📦\n/u),
    expect.stringMatching(/^It arrives tomorrow\.\n/),
  ]);
});

test('a help desk that is down gets it once it is back, and once only', async () => {
  await order('M-2');
  const ticket = await tracker.create('down', 'jane@example.test', { OrderNo: 'M-2', Channel: 'web' });
  const ticketId = await known(ticket);
  proxy.fail('ANSWER_LOST', 2, 1); // what was written is not known to have been
  await reply(ticketId, 'We look into it.');
  await until(async () => (await messagesOf('M-2'))[0]!.state === 'DELIVERED');
  expect(await tracker.messages(ticket, 'Correspond')).toHaveLength(1);
});

test('a ticket that is gone there: the message has failed, and is tried again when a person says so', async () => {
  await order('M-3');
  const ticket = await tracker.create('gone', 'jane@example.test', { OrderNo: 'M-3', Channel: 'web' });
  const ticketId = await known(ticket);
  server.data.shred(ticket);
  await reply(ticketId, 'Hello?');
  await until(async () => (await messagesOf('M-3'))[0]!.state === 'FAILED');
  expect(await messagesOf('M-3')).toMatchObject([
    { lastError: expect.stringMatching(/^There is no ticket/) },
  ]);
  const { connectors, failedWrites } = await ask<{
    connectors: unknown[];
    failedWrites: { nodes: { id: string; kind: string }[] };
  }>('{ connectors { id failedWrites } failedWrites(connector: "desk") { nodes { id kind } } }');
  expect(connectors).toContainEqual({ id: 'desk', failedWrites: 1 });
  expect(failedWrites.nodes).toMatchObject([{ kind: 'MESSAGE' }]);
});

test.each([
  ['a ticket that there is not', async () => randomUUID(), 'UNKNOWN_TICKET'],
  ['what is no id', async () => 'X-1', 'UNKNOWN_TICKET'],
  ['a ticket whose source takes no messages', () => known('X-1'), 'SOURCE_TAKES_NO_MESSAGES'],
])('a reply to %s is refused, and stays so under its key', async (_what, ticket, reason) => {
  const [ticketId, key] = [await ticket(), randomUUID()];
  const refused = { replyToTicket: { __typename: 'ReplyRefused', reason, message: expect.any(String) } };
  const answer = await reply(ticketId, 'Hello', key);
  expect(answer).toMatchObject(refused);
  expect(await reply(ticketId, 'Hello', key)).toEqual(answer);
});

test.each([
  ['nothing but blanks', ' \n'],
  ['too long a text', 'x'.repeat(10_001)],
])('%s is no message', async (_what, text) => {
  await expect(reply(await known('X-1'), text)).rejects.toMatchObject({
    response: { errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] },
  });
});

test('another text under the same key is a conflict', async () => {
  const [ticketId, key] = [await known('X-1'), randomUUID()];
  await reply(ticketId, 'one', key);
  await expect(reply(ticketId, 'two', key)).rejects.toMatchObject({
    response: { errors: [{ extensions: { code: 'IDEMPOTENCY_CONFLICT' } }] },
  });
});
