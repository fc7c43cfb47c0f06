/**
 * Counts statements in what a client of PostgreSQL sends: simple queries and executions of the frontend/backend
 * protocol, version 3 (https://www.postgresql.org/docs/current/protocol-message-formats.html).
 */
export class StatementCounter {
  private left = Buffer.alloc(0);
  private started = false;

  /** @param onStatement called for each */
  constructor(private readonly onStatement: () => void) {}

  take(chunk: Buffer): void {
    this.left = Buffer.concat([this.left, chunk]);
    for (let length = this.messageLength(); length <= this.left.length; length = this.messageLength()) {
      if (this.started && 'QE'.includes(String.fromCharCode(this.left[0]!))) this.onStatement();
      this.started = true;
      this.left = this.left.subarray(length);
    }
  }

  /** Of the next message; the first of a connection has no type. */
  private messageLength(): number {
    const typeBytes = this.started ? 1 : 0;
    return this.left.length < typeBytes + 4 ? Infinity : typeBytes + this.left.readInt32BE(typeBytes);
  }
}
