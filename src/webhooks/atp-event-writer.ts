import {
  balanceKeyString,
  channelAvailability,
  readPoolChannels,
  type AtpFeed,
  type LiveUpdate,
  type PoolChannel,
  type AtpReading,
  type BalanceKey,
} from '../inventory/index.ts';
import type { EntityManager } from '../platform/database/database.ts';
import type { Logger } from '../platform/process/log.ts';
import type { EndpointRow } from './endpoint-store.ts';

const RETRY_MS = 1_000;
/** Readings written in one statement at the most. */
const BATCH = 500;

/**
 * Writes the promises that one endpoint wants into the outbox, as a subscriber of the live feed. What it was told last
 * is kept beside the events, in the same transaction: whoever takes over goes on from there, and nothing is told
 * twice, even should two believe that it is theirs to tell. Of each SKU and pool one event waits at most.
 */
export class AtpEventWriter {
  private readonly stopping = new AbortController();
  private feeding: AsyncIterableIterator<LiveUpdate> | undefined;
  private readonly pending = new Map<string, AtpReading>();
  private writing: Promise<void> | undefined;
  private readonly running: Promise<void>;

  constructor(
    private readonly endpoint: EndpointRow,
    private readonly em: EntityManager,
    private readonly feed: AtpFeed,
    private readonly log: Logger,
    /** Called when there is something to send. */
    private readonly onEvents: () => void,
  ) {
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.feeding?.return?.();
    await this.running;
    await this.writing;
  }

  private async run(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      try {
        this.feeding = this.feed.watch(await this.places(), await this.told());
        if (this.stopping.signal.aborted) await this.feeding.return?.();
        for await (const { reading } of this.feeding) this.take(reading);
        return; // the feed has been closed
      } catch (error) {
        this.log.warn(
          { err: error, endpoint: this.endpoint.id },
          'promises cannot be told yet; it is tried again',
        );
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS).unref());
      }
    }
  }

  /** Its SKUs in the pools of its channels; in all pools, where it asks for no channel. */
  private async places(): Promise<BalanceKey[]> {
    const pools =
      this.endpoint.channels.length === 0
        ? await this.em.fork().execute<{ pool: string }[]>('select code as pool from pool order by code')
        : await this.channels();
    return [...new Set(pools.map(({ pool }) => pool))].flatMap((pool) =>
      this.endpoint.skus.map((sku) => ({ sku, pool })),
    );
  }

  /** Those that it asked for, or all. */
  private async channels(): Promise<PoolChannel[]> {
    const all = await readPoolChannels(this.em.fork());
    const { channels } = this.endpoint;
    return channels.length === 0 ? all : all.filter(({ code }) => channels.includes(code));
  }

  private async told(): Promise<Map<string, string>> {
    const rows = await this.em
      .fork()
      .execute<{ sku: string; pool: string; version: string }[]>(
        'select sku, pool, version from webhook_atp_told where endpoint_id = ?',
        [this.endpoint.id],
      );
    return new Map(rows.map(({ sku, pool, version }) => [balanceKeyString(sku, pool), version]));
  }

  private take(reading: AtpReading): void {
    this.pending.set(balanceKeyString(reading.sku, reading.pool), reading);
    this.writing ??= this.write();
  }

  private async write(): Promise<void> {
    await Promise.resolve();
    while (this.pending.size > 0) {
      const some = [...this.pending].slice(0, BATCH);
      try {
        await this.tell(some.map(([, reading]) => reading));
        // What has come meanwhile of the same places is another reading.
        for (const [key, reading] of some) if (this.pending.get(key) === reading) this.pending.delete(key);
        this.onEvents();
      } catch (error) {
        if (this.stopping.signal.aborted) break; // whoever goes on knows what has been told
        this.log.warn(
          { err: error, endpoint: this.endpoint.id },
          'promises could not be told; it is tried again',
        );
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS).unref());
      }
    }
    this.writing = undefined;
  }

  /** One statement: the versions, and an event for each that is newer than what was told. */
  private async tell(readings: readonly AtpReading[]): Promise<void> {
    const channels = await this.channels();
    const events = readings.map((reading) => ({
      sku: reading.sku,
      pool: reading.pool,
      version: reading.version,
      payload: {
        type: 'atp.changed',
        timestamp: reading.asOf.toISOString(),
        data: {
          sku: reading.sku,
          pool: reading.pool,
          version: reading.version,
          asOf: reading.asOf.toISOString(),
          ...channelAvailability(reading, channels),
        },
      },
    }));
    const { id } = this.endpoint;
    await this.em.fork().execute(
      `with given as materialized (
         select * from json_to_recordset(?::json) as g (sku text, pool text, version text, payload json)
       ), told as (
         insert into webhook_atp_told (endpoint_id, sku, pool, version)
         select ?, sku, pool, version from given order by sku, pool
         on conflict (endpoint_id, sku, pool) do update set version = excluded.version
           where webhook_atp_told.version < excluded.version
         returning sku, pool
       ), outdated as (
         delete from webhook_delivery d using told
         where d.endpoint_id = ? and d.key = 'atp:' || told.pool || ':' || told.sku and d.state = 'PENDING'
           and d.leased_until is null
       )
       insert into webhook_delivery (endpoint_id, type, key, payload, queued_at, due_at)
       select ?, 'atp.changed', 'atp:' || pool || ':' || sku, payload, hub_now(), hub_now()
       from given join told using (sku, pool) order by sku, pool`,
      [JSON.stringify(events), id, id, id],
    );
  }
}
