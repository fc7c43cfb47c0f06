import type { EventReceiver, SharedEventSource } from '../../platform/api/shared-event-source.ts';
import type { UsedRendering } from '../execution/event-renderer-cache.ts';

/** The methods of its socket that a subscription needs. */
export interface Line {
  /** Whether what is written now goes out at once. */
  readonly ready: boolean;
  /** Writes a whole message in two parts. */
  write(head: string, tail: Buffer): void;
  whenReady(go: () => void): void;
  /** Sends the client the end of a subscription. */
  end(subscription: SharedSubscription): void;
}

/** One subscription on a socket that is told by messages made for many. */
export class SharedSubscription implements EventReceiver {
  /** With which each of its messages begins. */
  private readonly head: string;
  private readonly leaveSource: () => void;

  constructor(
    private readonly line: Line,
    readonly id: string,
    readonly used: UsedRendering,
    source: SharedEventSource<unknown>,
  ) {
    this.head = `{"id":${asciiJson(id)}`;
    this.leaveSource = source.subscribe(used.rendering, this);
  }

  get ready(): boolean {
    return this.line.ready;
  }

  send(message: Buffer): void {
    this.line.write(this.head, message);
  }

  whenReady(go: () => void): void {
    this.line.whenReady(go);
  }

  end(): void {
    this.line.end(this);
  }

  leave(): void {
    this.leaveSource();
  }
}

/** JSON in ASCII, so that its characters are its bytes. */
function asciiJson(text: string): string {
  return JSON.stringify(text).replace(
    /[\u0080-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
