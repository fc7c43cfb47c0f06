import { randomUUID } from 'node:crypto';
import { createTestDatabase } from './database.ts';
import { httpClient } from './client.ts';
import { seedCatalogue } from './inventory/engine.ts';
import { startHub, type RunningHub } from './hub.ts';

export interface LiveShop {
  hub: () => RunningHub;
  /** Ends the hub process, as a power cut would, and starts another on the same address and database. */
  restart: () => Promise<void>;
  count: (sku: string, counted: number) => Promise<unknown>;
  stop: () => Promise<void>;
}

/** A hub process with some SKUs, which can go away and come back. */
export async function startLiveShop(skus: string[]): Promise<LiveShop> {
  const database = await createTestDatabase();
  await seedCatalogue(database, skus);
  const adminKey = `test-${randomUUID()}`;
  let hub = await startHub({ databaseUrl: database.url, adminKey });
  const port = new URL(hub.url).port;
  return {
    hub: () => hub,
    async restart() {
      await hub.kill();
      hub = await startHub({ databaseUrl: database.url, adminKey, environment: { PORT: port } });
    },
    count: (sku, counted) =>
      httpClient(hub).request(
        `mutation ($input: AdjustStockInput!) { adjustStock(input: $input) { __typename } }`,
        { input: { idempotencyKey: randomUUID(), node: 'WH', reason: 'count', lines: [{ sku, counted }] } },
      ),
    async stop() {
      await hub.stop();
      await database.drop();
    },
  };
}
