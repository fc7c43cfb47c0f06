import type { WebSocket } from 'ws';
import type { Actor } from '../../platform/access.ts';
import { TOO_MANY_SOCKETS } from './connection.ts';

/** Counts the open sockets of each key, so that one key cannot take all that the process has. */
export class SocketsOfKeys {
  private readonly open = new Map<string, number>();

  constructor(private readonly limit: number) {}

  /** Closes the socket instead if its key has as many as it may have. Keys of one partner and name count together. */
  admit({ partner, name }: Actor, socket: WebSocket): boolean {
    const key = JSON.stringify([partner, name]);
    const count = this.open.get(key) ?? 0;
    if (count >= this.limit) {
      socket.close(TOO_MANY_SOCKETS, `This key has ${this.limit} sockets open, the most it may have.`);
      return false;
    }
    this.open.set(key, count + 1);
    socket.once('close', () => this.closed(key));
    return true;
  }

  private closed(key: string): void {
    const left = this.open.get(key)! - 1;
    if (left > 0) this.open.set(key, left);
    else this.open.delete(key);
  }
}
