import type { Receiver, Rendering, SharedSource } from '../../platform/shared-source.ts';
import type { Connection } from './connection.ts';

/** One subscription on a socket that is told by messages made for many. */
export class SharedSubscription implements Receiver {
  private readonly head: string;
  private leaveSource: (() => void) | undefined;
  private release: (() => void) | undefined;

  constructor(
    private readonly connection: Connection,
    readonly id: string,
  ) {
    this.head = `{"id":${asciiJson(id)}`;
  }

  begin(
    { rendering, release }: { rendering: Rendering<unknown>; release: () => void },
    source: SharedSource<unknown>,
  ): void {
    this.release = release;
    this.leaveSource = source.share(rendering, this);
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
    this.leaveSource?.();
    this.release?.();
  }
}

/** JSON in ASCII, so that its characters are its bytes. */
function asciiJson(text: string): string {
  return JSON.stringify(text).replace(
    /[\u0080-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
