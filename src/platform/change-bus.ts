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
const FIRST_RECONNECT_MS = 200;
const LAST_RECONNECT_MS = 5_000;
/** A server that takes connections and does not answer must not hold us for ever. */
const ANSWER_TIMEOUT_MS = 10_000;

interface Listener {
  topic: string;
  onKeys: (keys: readonly string[]) => void;
  onGap: () => void;
}

interface Signal {
  origin: string;
  topic: string;
  keys: string[];
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
  private readonly closing = new AbortController();
  /** All that are open or being opened. */
  private readonly clients = new Set<pg.Client>();
  private sender: pg.Client | undefined;
  private sending: Promise<void> | undefined;

  constructor(
    private readonly databaseUrl: string,
    private readonly log: Logger,
  ) {}

  publish(topic: string, keys: readonly string[]): void {
    for (const listener of this.listeners) if (listener.topic === topic) listener.onKeys(keys);
    if (this.closing.signal.aborted) return;
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

  /** Ends every connection, also one that is being made: it needs nobody who waits for it. */
  async close(): Promise<void> {
    this.closing.abort();
    await this.sending;
    await Promise.all([...this.clients].map((client) => this.end(client)));
  }

  /** Listens until closed; a lost connection is made again, and the listeners are told that they may have missed some. */
  async listen(): Promise<void> {
    const client = this.newClient();
    client.on('notification', ({ payload }) => this.receive(payload ?? ''));
    try {
      await client.connect();
      await client.query(`listen ${CHANNEL}`);
      this.closing.signal.throwIfAborted();
    } catch (error) {
      await this.end(client);
      throw error;
    }
    // Only now: a connection that fails ends too, and whoever was trying it tries again.
    client.once('end', () => {
      this.clients.delete(client);
      if (!this.closing.signal.aborted) void this.relisten();
    });
  }

  private async relisten(): Promise<void> {
    this.log.warn('the change bus lost its connection');
    for (let wait = FIRST_RECONNECT_MS; ; wait = Math.min(2 * wait, LAST_RECONNECT_MS)) {
      try {
        await delay(wait * (1 + Math.random() / 2), undefined, { signal: this.closing.signal });
        await this.listen();
        return this.tellGap();
      } catch (error) {
        if (this.closing.signal.aborted) return;
        this.log.debug({ err: error }, 'the change bus cannot connect yet');
      }
    }
  }

  private tellGap(): void {
    for (const listener of this.listeners) listener.onGap();
  }

  private receive(payload: string): void {
    const signal = readSignal(payload);
    if (!signal) {
      this.log.warn({ payload: payload.slice(0, 200) }, 'the change bus met what no hub has sent');
      return this.tellGap();
    }
    if (signal.origin === this.origin) return;
    for (const listener of this.listeners) if (listener.topic === signal.topic) listener.onKeys(signal.keys);
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
        if (this.sender) await this.end(this.sender);
      }
    }
    this.sending = undefined;
  }

  private payloads(topic: string, keys: string[]): string[] {
    const whole = JSON.stringify({ origin: this.origin, topic, keys } satisfies Signal);
    if (keys.length === 1 || Buffer.byteLength(whole) <= MAX_PAYLOAD_BYTES) return [whole];
    const middle = Math.ceil(keys.length / 2);
    return [...this.payloads(topic, keys.slice(0, middle)), ...this.payloads(topic, keys.slice(middle))];
  }

  private async connectedSender(): Promise<pg.Client> {
    if (this.sender) return this.sender;
    const client = this.newClient();
    client.once('end', () => void this.end(client));
    this.sender = client;
    await client.connect();
    return client;
  }

  private newClient(): pg.Client {
    const client = new pg.Client({
      connectionString: this.databaseUrl,
      application_name: 'orderweave bus',
      connectionTimeoutMillis: ANSWER_TIMEOUT_MS,
      query_timeout: ANSWER_TIMEOUT_MS,
      keepAlive: true,
    });
    client.on('error', () => undefined); // 'end' follows, and what is under way fails
    this.clients.add(client);
    return client;
  }

  private async end(client: pg.Client): Promise<void> {
    this.clients.delete(client);
    if (this.sender === client) this.sender = undefined;
    await client.end().catch(() => undefined); // it may be gone already
  }
}

/** Undefined for what no hub has sent: whoever may connect may NOTIFY. */
function readSignal(payload: string): Signal | undefined {
  try {
    const { origin, topic, keys } = JSON.parse(payload) as Record<string, unknown>;
    if (typeof origin === 'string' && typeof topic === 'string' && isTexts(keys))
      return { origin, topic, keys };
  } catch {
    // no JSON, or no object
  }
  return undefined;
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string');
}
