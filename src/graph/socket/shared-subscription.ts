import type { Receiver, SharedSource } from '../../platform/shared-source.ts';
import type { Connection } from './connection.ts';
import type { UsedRendering } from './renderings.ts';

/** One subscription on a socket that is told by messages made for many. */
export class SharedSubscription implements Receiver {
  /** With which each of its messages begins. */
  private readonly head: string;
  private readonly leaveSource: () => void;

  constructor(
    private readonly connection: Connection,
    readonly id: string,
    readonly used: UsedRendering,
    source: SharedSource<unknown>,
  ) {
    this.head = `{"id":${asciiJson(id)}`;
    this.leaveSource = source.share(used.rendering, this);
  }

  get ready(): boolean {
    return this.connection.ready;
  }

  send(message: Buffer): void {
    this.connection.write(this.head, message);
  }

  whenReady(go: () => void): void {
    this.connection.whenReady(go);
  }

  end(): void {
    this.connection.end(this);
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
