/** An answer begins to be made, and is handed over, only while less than this waits for the client to read it. */
const WAITING_BYTES = 262_144;

/** The methods of its socket that a queue of operations needs. */
export interface QueuedSocket {
  readonly writableLength: number;
  on(event: 'drain', listener: () => void): unknown;
}

/**
 * Runs the queries and mutations of one socket: together they cost no more at once than one operation may, and a client
 * that does not read has none of them run. So what the answers of a socket take is bounded, however many are asked for.
 */
export class OperationQueue {
  private readonly waiting: { cost: number; go: () => void }[] = [];
  private running = 0;
  private closed = false;

  /** @param most what operations that run at once may cost together */
  constructor(
    private readonly socket: QueuedSocket,
    private readonly most: number,
  ) {
    socket.on('drain', () => this.startNext());
  }

  /** Runs an operation in its turn. @returns its answer; undefined if the socket was closed before its turn */
  async run<T>(cost: number, start: () => T | Promise<T>): Promise<T | undefined> {
    if (!(await this.turnOf(cost))) return undefined;
    try {
      const answer = await start();
      await this.room();
      return answer;
    } finally {
      // When the answer has been written, which happens in this turn of the event loop.
      setImmediate(() => {
        this.running -= cost;
        this.startNext();
      });
    }
  }

  /** The socket is gone: nothing that waits is run. */
  close(): void {
    this.closed = true;
    for (const { go } of this.waiting.splice(0)) go();
  }

  private hasRoom(): boolean {
    return this.socket.writableLength < WAITING_BYTES;
  }

  private mayStart(cost: number): boolean {
    return this.hasRoom() && (cost === 0 || this.running === 0 || this.running + cost <= this.most);
  }

  private async turnOf(cost: number): Promise<boolean> {
    if (this.waiting.length > 0 || !this.mayStart(cost))
      await new Promise<void>((resolve) => this.waiting.push({ cost, go: resolve }));
    else this.running += cost;
    return !this.closed;
  }

  private async room(): Promise<void> {
    while (!this.hasRoom() && !this.closed)
      await new Promise<void>((resolve) => this.waiting.unshift({ cost: 0, go: resolve }));
  }

  private startNext(): void {
    for (let next = this.waiting[0]; next && this.mayStart(next.cost); next = this.waiting[0]) {
      this.waiting.shift();
      this.running += next.cost;
      next.go();
    }
  }
}
