import pg from 'pg';
import { randomUUID } from 'node:crypto';
import { GroupCommit, type ExecutionPath } from '../../../src/inventory/engine/commit/group-commit.ts';
import type { Outcome, StockCommand, Submission } from '../../../src/inventory/engine/command.ts';
import { StockEngine } from '../../../src/inventory/engine/stock-engine.ts';
import { createLogger } from '../../../src/platform/process/log.ts';
import type { Actor } from '../../../src/platform/api/actor.ts';
import type { TestDatabase } from '../database.ts';
import type { BalanceKey } from '../../../src/inventory/model/balance-key.ts';

export const admin: Actor = { partner: 'admin', name: 'admin', admin: true };

/** Goods and places to work with: pool MAIN, channels douyin and jd, nodes WH and STORE. */
export async function seedCatalogue(
  database: Pick<TestDatabase, 'query'>,
  skus: readonly string[],
): Promise<void> {
  await database.query(
    `insert into channel (code, name, pool) values ('douyin', 'Douyin', 'MAIN'), ('jd', 'JD', 'MAIN')`,
  );
  await database.query(
    `insert into node (code, name, kind, city, pool)
     values ('WH', 'Warehouse', 'WAREHOUSE', 'Shanghai', 'MAIN'), ('STORE', 'Store', 'STORE', 'Hangzhou', 'MAIN')`,
  );
  await database.query(`insert into sku (code, title) select code, code from unnest($1::text[]) as code`, [
    skus,
  ]);
}

export function submission(command: StockCommand, key: string = randomUUID(), actor = admin): Submission {
  return { command, actor, idempotency: { key, operation: command.type, bodyHash: JSON.stringify(command) } };
}

export function reserveOf(
  sku: string,
  quantity: number,
  more: Partial<Extract<StockCommand, { type: 'reserve' }>> = {},
) {
  return {
    type: 'reserve' as const,
    channel: 'douyin',
    pool: undefined,
    reference: randomUUID(),
    lines: [{ sku, quantity }],
    ttlSeconds: undefined,
    partial: false,
    ...more,
  };
}

export function countOf(sku: string, counted: number, node = 'WH') {
  return {
    type: 'adjust' as const,
    node,
    reason: 'count',
    externalEventId: undefined,
    lines: [{ sku, counted }],
  };
}

export interface TestEngine {
  submit: (command: StockCommand, key?: string, actor?: Actor) => Promise<Outcome>;
  changed: BalanceKey[];
  /** How each batch was decided. */
  decided: ExecutionPath[];
  close: () => Promise<void>;
}

/** The engine in this process, on a test database. */
export function startEngine(database: TestDatabase): TestEngine {
  const changed: BalanceKey[] = [];
  const decided: ExecutionPath[] = [];
  const committer = new GroupCommit(database.url, createLogger('silent'), (committed) => {
    changed.push(...committed.changed);
    decided.push(committed.how);
  });
  return {
    submit: (command, key, actor) => committer.submit(submission(command, key, actor)),
    changed,
    decided,
    close: () => committer.close(),
  };
}

/** For callers that want an outcome's type; commands keep their keys. */
export function engineOf({ submit }: TestEngine): StockEngine {
  return new StockEngine(({ command, idempotency, actor }) => submit(command, idempotency.key, actor));
}

export async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client;
}
