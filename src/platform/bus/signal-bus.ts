import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { ChangeBus } from './change-bus.ts';
import type { Logger } from '../process/log.ts';
import { Outbox } from './outbox.ts';
import { readSignal } from './signal.ts';
import type { BusConnection, BusTransport } from './transport.ts';

/**
 * Between two attempts to connect, the longer one half as much again. An outage of any length is over for watchers
 * within a second of its end, so the waits grow no further; a refused attempt costs a process next to nothing.
 */
const FIRST_RECONNECT_MS = 100;
/** A bus that is closed has this long for what waits: other processes look for themselves when signals stay away. */
const LAST_SIGNALS_MS = 2_000;
const LAST_RECONNECT_MS = 400;

interface Listener {
  topic: string;
  onKeys: (keys: readonly string[]) => void;
  onGap: () => void;
}

/**
 * A bus over a transport. Listeners of this process are told at once, without a round trip. What cannot be sent waits
 * until the transport is back, and a connection that was lost is a gap.
 * It starts without its transport too: the hub works, and sees what other processes change a little later.
 */
export async function startSignalBus(transport: BusTransport, log: Logger): Promise<ChangeBus> {
  const bus = new SignalBus(transport, log);
  await bus.start();
  return bus;
}

class SignalBus implements ChangeBus {
  private readonly origin = randomUUID();
  private readonly listeners = new Set<Listener>();
  private readonly outbox = new Outbox();
  private readonly closing = new AbortController();
  private connection: BusConnection | undefined;
  private connecting: Promise<void> | undefined;
  private sending: Promise<void> | undefined;

  constructor(
    private readonly transport: BusTransport,
    private readonly log: Logger,
  ) {}

  async start(): Promise<void> {
    try {
      await this.connect();
    } catch (error) {
      this.log.warn({ err: error }, 'the change bus cannot connect; it tries again');
      this.connecting = this.reconnect();
    }
  }

  publish(topic: string, keys: readonly string[]): void {
    for (const listener of this.listeners) if (listener.topic === topic) listener.onKeys(keys);
    if (this.closing.signal.aborted || keys.length === 0) return;
    this.outbox.add(topic, keys);
    this.startSending();
  }

  subscribe(topic: string, onKeys: (keys: readonly string[]) => void, onGap: () => void): () => void {
    const listener = { topic, onKeys, onGap };
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Sends what waits, if there is a connection that takes it in time, then ends it, also one that is being made. */
  async close(): Promise<void> {
    this.closing.abort();
    await Promise.race([this.sending, delay(LAST_SIGNALS_MS, undefined, { ref: false })]);
    await this.connecting;
    await this.connection?.close();
  }

  private async connect(): Promise<void> {
    const { signal } = this.closing;
    const connection = await this.transport.open((payload) => this.receive(payload), signal);
    this.connection = connection;
    void this.replaceOnceEnded(connection);
    this.startSending();
  }

  private async replaceOnceEnded(connection: BusConnection): Promise<void> {
    await connection.ended;
    this.connection = undefined;
    if (this.closing.signal.aborted) return;
    this.log.warn('the change bus lost its connection');
    this.connecting = this.reconnect();
  }

  private async reconnect(): Promise<void> {
    const { signal } = this.closing;
    for (let wait = FIRST_RECONNECT_MS; ; wait = Math.min(2 * wait, LAST_RECONNECT_MS)) {
      try {
        await delay(wait * (1 + Math.random() / 2), undefined, { signal });
        await this.connect();
        for (const listener of this.listeners) listener.onGap();
        return;
      } catch (error) {
        if (signal.aborted) return;
        this.log.debug({ err: error }, 'the change bus cannot connect yet');
      }
    }
  }

  private receive(payload: string): void {
    const signal = readSignal(payload);
    if (!signal) this.log.warn({ payload: payload.slice(0, 200) }, 'the change bus met what no hub has sent');
    if (signal?.origin === this.origin) return;
    for (const listener of this.listeners) {
      if (signal && listener.topic !== signal.topic) continue;
      if (signal?.keys) listener.onKeys(signal.keys);
      else listener.onGap();
    }
  }

  private startSending(): void {
    if (this.connection && !this.outbox.isEmpty) this.sending ??= this.send();
  }

  /** At once for all that has gathered while the last was under way. */
  private async send(): Promise<void> {
    await Promise.resolve();
    while (this.connection && !this.outbox.isEmpty) {
      const { payloads, putBack } = this.outbox.take(this.origin, this.transport.maxPayloadBytes);
      try {
        await this.connection.send(payloads);
      } catch (error) {
        // The commit stands whatever happens here. Signals that did arrive are told twice, which nobody minds.
        this.log.warn({ err: error }, 'change signals wait for the bus');
        putBack();
        await this.connection?.close();
      }
    }
    this.sending = undefined;
  }
}
