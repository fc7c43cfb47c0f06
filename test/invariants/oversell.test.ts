import { afterEach, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { Agent } from 'node:http';
import { postGraphql, type GraphqlReply } from '../support/post-graphql.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { seedCatalogue } from '../support/inventory/engine.ts';
import { startHub, type RunningHub } from '../support/hub.ts';

const UNITS = 500;
const ATTEMPTS = 2_000;
const CONNECTIONS = 64;
const SKU = 'HOODIE';

const RESERVE = `mutation ($input: ReserveInput!) {
  reserve(input: $input) {
    __typename
    ... on Reservation { id state lines { quantity } createdAt expiresAt }
    ... on InsufficientStock { shortages { sku requested available } }
  }
}`;

let database: TestDatabase;
let hubs: RunningHub[] = [];
afterEach(async () => {
  await Promise.all(hubs.map((hub) => hub.stop()));
  await database.drop();
});

async function twoHubsWithStock(): Promise<void> {
  database = await createTestDatabase();
  await seedCatalogue(database, [SKU]);
  const adminKey = `test-${randomUUID()}`;
  hubs = await Promise.all([1, 2].map(() => startHub({ databaseUrl: database.url, adminKey })));
  const lines = [{ sku: SKU, counted: UNITS }];
  await ask(hubs[0]!, 'mutation ($input: AdjustStockInput!) { adjustStock(input: $input) { __typename } }', {
    input: { idempotencyKey: 'count', node: 'WH', reason: 'count', lines },
  });
}

function ask(hub: RunningHub, query: string, variables: object = {}, agent?: Agent): Promise<GraphqlReply> {
  return postGraphql(hub, { query, variables }, agent);
}

interface Attempt {
  input: Record<string, unknown>;
  /** The first answer that came back. */
  reply?: GraphqlReply;
}

/** 64 connections that work through the attempts; one whose hub dies goes to the other with the same key. */
async function sell(onAnswer: (answered: number) => void = () => undefined): Promise<Attempt[]> {
  const attempts: Attempt[] = Array.from({ length: ATTEMPTS }, (_, index) => ({
    input: {
      idempotencyKey: `attempt-${index}`,
      channel: index % 2 ? 'jd' : 'douyin',
      reference: `checkout-${index}`,
      lines: [{ sku: SKU, quantity: 1 }],
    },
  }));
  const queue = [...attempts];
  let answered = 0;
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async (_, connection) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      let hub = hubs[connection % hubs.length]!;
      for (let attempt = queue.shift(); attempt; attempt = queue.shift()) {
        while (!attempt.reply) {
          attempt.reply = await ask(hub, RESERVE, { input: attempt.input }, agent).catch(() => undefined);
          if (!attempt.reply) hub = hubs.find((other) => other !== hub)!;
        }
        onAnswer(++answered);
      }
      agent.destroy();
    }),
  );
  return attempts;
}

async function expectSoldExactly(attempts: Attempt[], hub: RunningHub): Promise<void> {
  const outcomes = attempts.map(
    ({ reply }) => (reply!.data as { reserve: { __typename: string; id?: string } }).reserve,
  );
  const accepted = outcomes.filter(({ __typename }) => __typename === 'Reservation');
  expect(outcomes.length - accepted.length).toBe(
    outcomes.filter(({ __typename }) => __typename === 'InsufficientStock').length,
  );
  expect(accepted).toHaveLength(UNITS);
  expect(new Set(accepted.map(({ id }) => id)).size).toBe(UNITS);
  const stored = await database.query<{ id: string }>(`select id from reservation where state = 'HELD'`);
  expect(new Set(stored.map(({ id }) => id))).toEqual(new Set(accepted.map(({ id }) => id)));
  const { data } = await ask(
    hub,
    `{ availableToPromise(skus: ["${SKU}"]) { quantity } stockAudit { consistent differences { place counter } } }`,
  );
  expect(data).toEqual({
    availableToPromise: [{ quantity: 0 }],
    stockAudit: { consistent: true, differences: [] },
  });
}

test('two processes sell 500 units to 2,000 attempts from 64 connections: 500, no more and no fewer', async () => {
  await twoHubsWithStock();
  await expectSoldExactly(await sell(), hubs[0]!);
});

test('one of them killed in the middle: accepted are 500, and every key answers what it answered first', async () => {
  await twoHubsWithStock();
  const [survivor, victim] = hubs as [RunningHub, RunningHub];
  let killed: Promise<void> | undefined;
  const attempts = await sell((answered) => {
    if (answered >= UNITS / 2) killed ??= victim.kill();
  });
  await killed;
  expect(victim.process.signalCode).toBe('SIGKILL');
  await expectSoldExactly(attempts, survivor);
  for (let from = 0; from < ATTEMPTS; from += CONNECTIONS) {
    const some = attempts.slice(from, from + CONNECTIONS);
    const replayed = await Promise.all(some.map(({ input }) => ask(survivor, RESERVE, { input })));
    expect(replayed).toEqual(some.map(({ reply }) => reply));
  }
});
