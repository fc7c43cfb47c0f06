import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from './log.ts';

/**
 * Tells all hub processes that something has changed. A signal is a hint and may be lost: who listens compares what
 * it knows with the database, after a gap too.
 */
export interface ChangeBus {
  publish(topic: string, keys: readonly string[]): void;
  /** @returns what ends the subscription */
  subscribe(topic: string, onKeys: (keys: readonly string[]) => void, onGap: () => void): () => void;
  close(): Promise<void>;
}

/** NOTIFY refuses payloads of 8000 bytes. */
const MAX_PAYLOAD_BYTES = 7_500;
const CHANNEL = 'orderweave_changes';
const RECONNECT_MS = 200;

interface Listener {
  topic: string;
  onKeys: (keys: readonly string[]) => void;
  onGap: () => void;
}

/**
 * The bus over PostgreSQL LISTEN/NOTIFY, on connections of its own: a NOTIFY inside the transaction of the change
 * would put all commits behind one lock. Listeners of this process are told at once, without the round trip.
 */
export async function startPostgresBus(databaseUrl: string, log: Logger): Promise<ChangeBus> {
  const bus = new PostgresBus(databaseUrl, log);
  await bus.listen();
  return bus;
}

class PostgresBus implements ChangeBus {
  private readonly origin = randomUUID();
  private readonly listeners = new Set<Listener>();
  private readonly pending = new Map<string, Set<string>>();
  private sending: Promise<void> | undefined;
  private listener: pg.Client | undefined;
  private sender: pg.Client | undefined;
  private closed = false;

  constructor(
    private readonly databaseUrl: string,
    private readonly log: Logger,
  ) {}

  publish(topic: string, keys: readonly string[]): void {
    for (const listener of this.listeners) if (listener.topic === topic) listener.onKeys(keys);
    const waiting = this.pending.get(topic) ?? new Set();
    for (const key of keys) waiting.add(key);
    this.pending.set(topic, waiting);
    this.sending ??= this.send();
  }

  subscribe(topic: string, onKeys: (keys: readonly string[]) => void, onGap: () => void): () => void {
    const listener = { topic, onKeys, onGap };
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.sending;
    await Promise.all([this.listener?.end(), this.sender?.end()]).catch(() => undefined);
  }

  /** Listens until closed; a lost connection is made again, and the listeners are told that they may have missed some. */
  async listen(): Promise<void> {
    const client = new pg.Client({ connectionString: this.databaseUrl, application_name: 'orderweave bus' });
    client.on('notification', ({ payload }) => this.receive(payload ?? ''));
    client.on('error', () => undefined); // 'end' follows
    client.once('end', () => {
      if (!this.closed) void this.relisten();
    });
    await client.connect();
    await client.query(`listen ${CHANNEL}`);
    this.listener = client;
  }

  private async relisten(): Promise<void> {
    this.log.warn('the change bus lost its connection');
    while (!this.closed) {
      await delay(RECONNECT_MS);
      try {
        await this.listen();
        for (const listener of this.listeners) listener.onGap();
        return;
      } catch (error) {
        this.log.debug({ err: error }, 'the change bus cannot connect yet');
      }
    }
  }

  private receive(payload: string): void {
    const { origin, topic, keys } = JSON.parse(payload) as { origin: string; topic: string; keys: string[] };
    if (origin === this.origin) return;
    for (const listener of this.listeners) if (listener.topic === topic) listener.onKeys(keys);
  }

  /** One statement for all that has gathered while the last one was under way. */
  private async send(): Promise<void> {
    await Promise.resolve();
    while (this.pending.size > 0) {
      const payloads = [...this.pending].flatMap(([topic, keys]) => this.payloads(topic, [...keys]));
      this.pending.clear();
      try {
        const client = await this.connectedSender();
        await client.query('select pg_notify($1, payload) from unnest($2::text[]) as payload', [
          CHANNEL,
          payloads,
        ]);
      } catch (error) {
        // Lost signals are healed by the listeners; the commit stands whatever happens here.
        this.log.warn({ err: error }, 'a change signal was lost');
        const { sender } = this;
        this.sender = undefined;
        await sender?.end().catch(() => undefined);
      }
    }
    this.sending = undefined;
  }

  private payloads(topic: string, keys: string[]): string[] {
    const whole = JSON.stringify({ origin: this.origin, topic, keys });
    if (keys.length === 1 || Buffer.byteLength(whole) <= MAX_PAYLOAD_BYTES) return [whole];
    const middle = Math.ceil(keys.length / 2);
    return [...this.payloads(topic, keys.slice(0, middle)), ...this.payloads(topic, keys.slice(middle))];
  }

  private async connectedSender(): Promise<pg.Client> {
    if (this.sender) return this.sender;
    const client = new pg.Client({ connectionString: this.databaseUrl, application_name: 'orderweave bus' });
    client.on('error', () => {
      if (this.sender === client) this.sender = undefined;
    });
    await client.connect();
    this.sender = client;
    return client;
  }
}
