import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { seedCatalogue } from '../../support/inventory/engine.ts';
import { startHub, type RunningHub } from '../../support/hub.ts';
import type { NatsServer } from '../../support/nats-server.ts';
import { postGraphql } from '../../support/post-graphql.ts';
import type { Shown } from './watcher.ts';

const ADMIN_KEY = 'test-admin-key-of-the-live-property';

/** Hub processes on one database, with a bus between them; both can be hurt, and heal. */
export class LiveWorld {
  private restarting: Promise<void> | undefined;

  private constructor(
    readonly database: TestDatabase,
    private readonly hubs: RunningHub[],
    private readonly nats: NatsServer | undefined,
  ) {}

  /** @param nats undefined: the bus is PostgreSQL's */
  static async start(skus: readonly string[], nats: NatsServer | undefined): Promise<LiveWorld> {
    const database = await createTestDatabase();
    await seedCatalogue(database, skus);
    const start = () => startOn(database, nats);
    return new LiveWorld(database, await Promise.all([start(), start()]), nats);
  }

  /** The hub of that number, or another while it is down. */
  hub(number: number): RunningHub {
    const wanted = this.hubs[number % this.hubs.length]!;
    return isUp(wanted) ? wanted : this.hubs.find(isUp)!;
  }

  /** Kills a hub and starts it anew meanwhile; one at a time, so that somebody sells. */
  async killHub(number: number): Promise<void> {
    if (this.restarting) return;
    const index = number % this.hubs.length;
    await this.hubs[index]!.kill();
    this.restarting = this.restart(index);
  }

  private async restart(index: number): Promise<void> {
    this.hubs[index] = await startOn(this.database, this.nats);
    this.restarting = undefined;
  }

  /** Ends the bus as far as it can be ended: NATS is down until it is revived; PostgreSQL takes new connections. */
  async cutBus(): Promise<void> {
    if (this.nats) return this.nats.kill();
    await this.database.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and application_name = 'orderweave bus'`,
    );
  }

  async heal(): Promise<void> {
    await this.nats?.start();
    await this.restarting;
  }

  /** A command that is repeated with its key, at whatever hub is up, until it is answered. */
  async command(number: number, field: string, type: string, input: object): Promise<void> {
    const query = `mutation ($input: ${type}!) { ${field}(input: $input) { __typename } }`;
    const variables = { input: { idempotencyKey: randomUUID(), ...input } };
    for (;;) {
      const reply = await postGraphql(this.hub(number), { query, variables }).catch(() => undefined);
      if (reply && !reply.errors) return;
      if (reply && reply.errors![0]!.extensions?.code !== 'DATABASE_UNAVAILABLE')
        throw new Error(JSON.stringify(reply.errors));
      await delay(20);
    }
  }

  /** What a query says, asked of any hub. */
  async promises(skus: readonly string[]): Promise<Map<string, Shown>> {
    const query = '{ availableToPromise(skus: SKUS) { quantity version sku { code } } }';
    const { data } = await postGraphql(this.hub(0), { query: query.replace('SKUS', JSON.stringify(skus)) });
    const { availableToPromise } = data as { availableToPromise: (Shown & { sku: { code: string } })[] };
    return new Map(availableToPromise.map(({ sku, version, quantity }) => [sku.code, { version, quantity }]));
  }

  async stop(): Promise<void> {
    await this.heal();
    await Promise.all(this.hubs.map((hub) => hub.stop()));
    await this.nats?.kill();
    await this.database.drop();
  }
}

function startOn(database: TestDatabase, nats: NatsServer | undefined): Promise<RunningHub> {
  const environment: Record<string, string> = nats ? { HUB_BUS_URL: nats.url } : {};
  return startHub({ databaseUrl: database.url, adminKey: ADMIN_KEY, environment });
}

function isUp({ process }: RunningHub): boolean {
  return process.exitCode === null && process.signalCode === null;
}
