import type { BodyPace } from '../policy/body-pace.ts';
import { ownerOf } from '../policy/cost/cost-budget.ts';
import { excessiveShape } from '../policy/json-shape.ts';
import { CloseCode, type WebSocket as ProtocolSocket } from 'graphql-ws';
import type { Duplex } from 'node:stream';
import type { RawData, WebSocket } from 'ws';
import type { Actor } from '../../platform/api/actor.ts';
import type { SharedEventSource } from '../../platform/api/shared-event-source.ts';
import type { EventRendererCache, SharedOperation } from '../execution/event-renderer-cache.ts';
import { newRequestId } from '../observe/request-id.ts';
import { turns } from '../../platform/process/event-loop-turns.ts';
import { OperationQueue } from './operation-queue.ts';
import { SharedSubscription, type Line } from './shared-subscription.ts';
import { textFrame } from './text-frame.ts';

/** Beside the codes of graphql-ws; docs/atp-subscription.md says what a client does with each. */
export const TOO_MANY_SOCKETS = 4290;
export const TOO_SLOW = 4291;
export const TOO_MANY_WRONG_KEYS = 4292;
export const TOO_MANY_MESSAGES = 4293;
/** Each message has its cost, even a ping; a client with a hundred operations sends a few hundred at once. */
const MOST_MESSAGES_A_SECOND = 2_000;
/** Messages that only a server sends. */
const SERVERS_TYPES = new Set<string | undefined>(['connection_ack', 'next', 'error']);
/** So long a client that is cut off has to read why. */
const CUT_OFF_AFTER_MS = 1_000;

/** Collaborators that all sockets of a server share. */
export interface SocketConnectionDeps {
  renderings: EventRendererCache;
  maxUnsentBytes: number;
  /** The most that the operations of one socket may cost at once. */
  maxCost: number;
  bodyPace: BodyPace;
  /** Called for errors that no client can have caused. */
  onDefect: (error: unknown, requestId: string) => void;
}

/**
 * One socket, with the subscriptions on it that are told by shared messages. To graphql-ws, which serves everything
 * else on it, it is the socket.
 */
export class SocketConnection implements ProtocolSocket, Line {
  /** Set when the key has been accepted. */
  actor: Actor | undefined;
  /** Set while the socket is one of those that this key has open. */
  countedFor: Actor | undefined;
  /** Its queries and mutations. */
  readonly queries: OperationQueue;
  /** Messages that have come, and are served in a later turn of the event loop. */
  private readonly waiting: string[] = [];
  private secondBegan = 0;
  private messages = 0;
  private readonly shared = new Map<string, SharedSubscription>();
  private operations = 0;
  /** Set while what was written has not left yet: whoever wants to be told when it has. */
  private blocked: (() => void)[] | undefined;
  private receive: ((text: string) => Promise<void>) | undefined;

  constructor(
    readonly webSocket: WebSocket,
    /** Beneath the WebSocket. Whole frames are written to it: nothing else writes in between, as there is no compression. */
    private readonly stream: Duplex,
    /** Where its client is. */
    readonly addressOf: () => string,
    private readonly parts: SocketConnectionDeps,
    /** With which the ids of its operations begin. */
    private readonly requestId: string = newRequestId(),
  ) {
    this.queries = new OperationQueue(stream, parts.maxCost);
  }

  /** An id for the next operation: that of the connection, and its number. */
  nextRequestId(): string {
    this.operations += 1;
    return `${this.requestId}-${this.operations}`;
  }

  get protocol(): string {
    return this.webSocket.protocol;
  }

  onMessage(receive: (text: string) => Promise<void>): void {
    this.receive = receive;
  }

  close(code?: number, reason?: string): void {
    this.webSocket.close(code, reason);
  }

  /** A message of the client. A text frame is checked to be UTF-8; a binary one would be read with replaced characters. */
  take(data: RawData, isBinary: boolean): void {
    if (isBinary) {
      this.actor = undefined; // so that what follows is not executed either
      return this.close(1003, 'Send text frames.');
    }
    const text = String(data);
    if (this.countMessage() > MOST_MESSAGES_A_SECOND) {
      const reason = `More than ${MOST_MESSAGES_A_SECOND} messages in a second. Reconnect with back-off.`;
      return this.cutOff(TOO_MANY_MESSAGES, reason);
    }
    const excess = excessiveShape(text);
    if (excess !== undefined) {
      return this.cutOff(CloseCode.BadRequest, excess);
    }
    if (!this.pace(text.length)) return;
    if (this.waiting.length === 0 && !turns.isOver()) return this.serve(text);
    this.waiting.push(text);
    if (this.waiting.length === 1) this.serveLater();
  }

  /** Messages that come together, each with a document to be judged, would hold up everybody else. */
  private serveLater(): void {
    void turns.later(() => {
      while (this.waiting.length > 0 && !turns.isOver()) this.serve(this.waiting.shift()!);
      if (this.waiting.length > 0) this.serveLater();
    });
  }

  private serve(text: string): void {
    if (this.takes(text)) return;
    this.receive?.(text).catch((error: unknown) => {
      // graphql-ws throws of them as of a defect of ours.
      const { type } = idAndType(text);
      if (SERVERS_TYPES.has(type))
        this.cutOff(CloseCode.BadRequest, `Clients send no messages of the type ${type}.`);
      else this.fail(error);
    });
  }

  /** Has a client that sends large messages wait before the next is read. @returns false where it is cut off */
  private pace(bytes: number): boolean {
    const sender = () => (this.actor ? ownerOf(this.actor) : `address ${this.addressOf()}`);
    try {
      const delay = this.parts.bodyPace.delayMs(sender, bytes);
      if (delay > 0) {
        this.webSocket.pause();
        setTimeout(() => this.webSocket.resume(), delay);
      }
      return true;
    } catch {
      this.cutOff(TOO_MANY_MESSAGES, 'Large messages come too fast. Reconnect with back-off.');
      return false;
    }
  }

  /** Closes on a client that may not even wait for the answer before it sends more. */
  private cutOff(code: number, reason: string): void {
    if (!this.isOpen) return;
    this.actor = undefined; // so that what follows is not executed either
    this.waiting.length = 0;
    this.close(code, reason);
    setTimeout(() => this.webSocket.terminate(), CUT_OFF_AFTER_MS).unref();
  }

  /** @returns how many came in the second that runs */
  private countMessage(): number {
    const now = performance.now();
    if (now - this.secondBegan >= 1_000) [this.secondBegan, this.messages] = [now, 0];
    return ++this.messages;
  }

  get isOpen(): boolean {
    return this.webSocket.readyState === this.webSocket.OPEN;
  }

  get sharedCount(): number {
    return this.shared.size;
  }

  get ready(): boolean {
    return this.blocked === undefined;
  }

  /** Serves an operation by shared events, under its id. */
  share(id: string, operation: SharedOperation, source: SharedEventSource<unknown>): void {
    const used = this.parts.renderings.acquire(operation, source);
    this.shared.set(id, new SharedSubscription(this, id, used, source));
  }

  /** @returns whether the message was about an operation that is shared, so that nobody else must see it */
  private takes(text: string): boolean {
    if (this.shared.size === 0) return false;
    const { id, type } = idAndType(text);
    const subscription = id === undefined ? undefined : this.shared.get(id);
    if (!subscription) return false;
    if (type === 'complete') this.forget(subscription);
    else if (type === 'subscribe')
      this.close(CloseCode.SubscriberAlreadyExists, `Subscriber for ${id} already exists`);
    else return false;
    return true;
  }

  /** Sends a message by the library; resolved when it has left. */
  send(text: string): Promise<void> {
    if (!this.takesMore()) return Promise.resolve();
    return new Promise((resolve, reject) =>
      this.webSocket.send(text, (error) => (error ? reject(error) : resolve())),
    );
  }

  write(head: string, tail: Buffer): void {
    if (!this.takesMore()) return;
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

  end(subscription: SharedSubscription): void {
    this.forget(subscription);
    void this.send(JSON.stringify({ id: subscription.id, type: 'complete' }));
  }

  /** The socket is gone. */
  closed(): void {
    this.queries.close();
    this.waiting.length = 0;
    for (const subscription of this.shared.values()) this.forget(subscription);
  }

  private forget(subscription: SharedSubscription): void {
    this.shared.delete(subscription.id);
    subscription.leave();
    this.parts.renderings.release(subscription.used);
  }

  private fail(error: unknown): void {
    this.parts.onDefect(error, this.requestId);
    this.close(CloseCode.InternalServerError, 'Internal server error');
  }

  private unblock(): void {
    const waiting = this.blocked ?? [];
    this.blocked = undefined;
    for (const go of waiting) this.whenReady(go);
  }

  /** Open, and taking what it is sent: who leaves too much unread is told to come back when it can. */
  private takesMore(): boolean {
    if (!this.isOpen) return false;
    if (this.stream.writableLength <= this.parts.maxUnsentBytes) return true;
    this.close(TOO_SLOW, 'The client reads too slowly: send buffer full. Reconnect.');
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
    return { ...(typeof id === 'string' && { id }), ...(typeof type === 'string' && { type }) };
  } catch {
    return {}; // not of the protocol: graphql-ws says so
  }
}
