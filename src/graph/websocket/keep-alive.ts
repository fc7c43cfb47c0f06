import type { WebSocket } from 'ws';

/** In how many parts the sockets are pinged, one after the other: ten thousand at once would hold up everything. */
const PARTS = 12;

/**
 * Pings every socket once a period and cuts those that have not answered the ping before: a cable pulled out closes
 * nothing. One timer and one listener for all sockets.
 */
export class KeepAlive {
  private readonly parts = Array.from({ length: PARTS }, () => new Set<WebSocket>());
  private readonly silent = new Set<WebSocket>();
  private readonly timer: NodeJS.Timeout;
  private readonly heard: (this: WebSocket) => void;
  private next = 0;
  private turn = 0;

  constructor(periodMs: number) {
    const { silent } = this;
    this.heard = function heard() {
      silent.delete(this);
    };
    this.timer = setInterval(() => this.pingPart(), periodMs / PARTS).unref();
  }

  watch(socket: WebSocket): void {
    this.parts[this.next++ % PARTS]!.add(socket);
    socket.on('pong', this.heard);
  }

  forget(socket: WebSocket): void {
    for (const part of this.parts) if (part.delete(socket)) break;
    this.silent.delete(socket);
  }

  close(): void {
    clearInterval(this.timer);
  }

  private pingPart(): void {
    for (const socket of this.parts[this.turn++ % PARTS]!) {
      if (this.silent.has(socket)) socket.terminate();
      else if (socket.readyState === socket.OPEN) {
        this.silent.add(socket);
        socket.ping();
      }
    }
  }
}
