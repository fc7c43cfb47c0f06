import { CloseCode } from 'graphql-ws';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Actor } from '../../platform/access.ts';
import type { SharedSource } from '../../platform/shared-source.ts';
import type { Renderings, SharedOperation } from './renderings.ts';
import { SharedSubscription } from './shared-subscription.ts';
import { textFrame } from './text-frame.ts';

/** Beside the codes of graphql-ws; docs/atp-subscription.md says what a client does with each. */
export const TOO_MANY_SOCKETS = 4290;
export const TOO_SLOW = 4291;

/**
 * One socket, with the subscriptions on it that are told by shared messages. Everything else on it is served by
 * graphql-ws.
 */
export class Connection {
  /** Set when the key has been accepted. */
  actor: Actor | undefined;
  private readonly shared = new Map<string, SharedSubscription>();
  /** Set while what was written has not left yet: whoever wants to be told when it has. */
  private blocked: (() => void)[] | undefined;

  constructor(
    readonly webSocket: WebSocket,
    /** Beneath the WebSocket. Whole frames are written to it: nothing else writes in between, as there is no compression. */
    private readonly stream: Duplex,
    private readonly renderings: Renderings,
    private readonly maxUnsentBytes: number,
  ) {}

  get sharedCount(): number {
    return this.shared.size;
  }

  /** Whether what is written now goes out at once. */
  get ready(): boolean {
    return this.blocked === undefined;
  }

  /** Takes an operation over, under its id. */
  share(id: string, operation: SharedOperation, source: SharedSource<unknown>): void {
    const subscription = new SharedSubscription(this, id);
    this.shared.set(id, subscription);
    subscription.begin(this.renderings.use(operation, source), source);
  }

  /** @returns whether the message was about an operation that is shared, so that nobody else must see it */
  takes(text: string): boolean {
    if (this.shared.size === 0) return false;
    const { id, type } = idAndType(text);
    const subscription = id === undefined ? undefined : this.shared.get(id);
    if (!subscription) return false;
    if (type === 'complete') this.forget(subscription);
    else if (type === 'subscribe')
      this.webSocket.close(CloseCode.SubscriberAlreadyExists, `Subscriber for ${id} already exists`);
    else return false;
    return true;
  }

  /** Sends a message by the library; resolved when it has left. */
  send(text: string): Promise<void> {
    if (!this.isOpen()) return Promise.resolve();
    return new Promise((resolve, reject) =>
      this.webSocket.send(text, (error) => (error ? reject(error) : resolve())),
    );
  }

  /** Writes a whole message in two parts. */
  write(head: string, tail: Buffer): void {
    if (!this.isOpen()) return;
    const frame = frames.of(head, tail);
    if (this.blocked || this.stream.writableLength === 0) return void this.stream.write(frame);
    // The one before has not left: this is the last that is sent before somebody has read.
    this.blocked = [];
    this.stream.write(frame, () => this.unblock());
  }

  whenReady(go: () => void): void {
    if (this.blocked) this.blocked.push(go);
    else go();
  }

  /** Tells the client that no more comes of a subscription. */
  end(subscription: SharedSubscription): void {
    this.forget(subscription);
    void this.send(JSON.stringify({ id: subscription.id, type: 'complete' }));
  }

  /** The socket is gone. */
  closed(): void {
    for (const subscription of this.shared.values()) subscription.leave();
    this.shared.clear();
  }

  private forget(subscription: SharedSubscription): void {
    this.shared.delete(subscription.id);
    subscription.leave();
  }

  private unblock(): void {
    const waiting = this.blocked ?? [];
    this.blocked = undefined;
    for (const go of waiting) this.whenReady(go);
  }

  /** Open, and taking what it is sent: who leaves too much unread is told to come back when it can. */
  private isOpen(): boolean {
    const { webSocket } = this;
    if (webSocket.readyState !== webSocket.OPEN) return false;
    if (this.stream.writableLength <= this.maxUnsentBytes) return true;
    webSocket.close(TOO_SLOW, 'Too much was sent that you have not read; reconnect.');
    return false;
  }
}

/** The last frame made: clients whose ids are the same are sent the very same bytes. */
class Frames {
  private head = '';
  private tail: Buffer | undefined;
  private frame: Buffer | undefined;

  of(head: string, tail: Buffer): Buffer {
    if (this.frame && head === this.head && tail === this.tail) return this.frame;
    this.head = head;
    this.tail = tail;
    return (this.frame = textFrame(head, tail));
  }
}
const frames = new Frames();

function idAndType(text: string): { id?: string; type?: string } {
  try {
    const { id, type } = JSON.parse(text) as Record<string, unknown>;
    if (typeof id === 'string' && typeof type === 'string') return { id, type };
  } catch {
    // not of the protocol: graphql-ws says so
  }
  return {};
}
