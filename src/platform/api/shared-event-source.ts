/**
 * A source of events of which many subscribers are told the same. Who serves subscriptions need not execute an event
 * for each of them: it hands over how an event becomes a message, and gets the same message for all who are in step.
 */
export interface SharedEventSource<Event> extends AsyncIterable<Event> {
  /**
   * Arguments of the subscription that decide only which events a subscriber gets, never what a message says: who
   * differs in nothing else may be told by the same message.
   */
  readonly filterArguments: readonly string[];
  /**
   * Calls the receiver with every event until `leave` is called. Receivers of the same rendering share its messages.
   * @returns leave
   */
  subscribe(render: EventRenderer<Event>, receiver: EventReceiver): () => void;
}

/** How an event becomes the bytes that receivers are sent. Does not fail: a failure is a message too. */
export type EventRenderer<Event> = (event: Event) => Buffer | Promise<Buffer>;

/** A receiver of rendered events, e.g. an operation on a socket. */
export interface EventReceiver {
  /** Whether what is sent now goes out at once. If not, the receiver is slow: better to wait, and skip. */
  readonly ready: boolean;
  send(message: Buffer): void;
  /** Calls back once, when the receiver is ready again; never if it is gone. */
  whenReady(go: () => void): void;
  /** No event will come any more, though the receiver has not left. */
  end(): void;
}

export function isSharedSource(value: unknown): value is SharedEventSource<unknown> {
  return typeof (value as Partial<SharedEventSource<unknown>> | null)?.subscribe === 'function';
}
