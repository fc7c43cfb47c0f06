import { createServer, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

/** What a server does instead of answering. */
export type Fault = 429 | 503 | 'NO_ANSWER' | 'CUT_OFF';

interface Asked {
  method: string;
  url: URL;
  headers: Record<string, string | undefined>;
  body: string;
}

/** An HTTP server that can be told to fail, and what time it is. */
export class FaultyServer {
  /** For the next calls, in this order; undefined: the call is answered. */
  readonly faults: (Fault | undefined)[] = [];
  /** Instead of all answers, after so many more. */
  lasting: { fault: Fault; after: number } | undefined;
  /** The clock of the server. Headers show whole seconds. */
  now: () => Date = () => new Date();
  calls = 0;
  private server: Server | undefined;

  constructor(private readonly answer: (asked: Asked) => Promise<{ status?: number; json: unknown }>) {}

  async listen(): Promise<string> {
    this.server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const asked = {
          method: request.method!,
          url: new URL(request.url!, 'http://shop'),
          headers: request.headers as Record<string, string>,
          body: Buffer.concat(chunks).toString(),
        };
        void this.respond(asked, response);
      });
    }).listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.server?.closeAllConnections();
    this.server?.close();
  }

  private async respond(asked: Asked, response: ServerResponse): Promise<void> {
    this.calls += 1;
    response.setHeader('date', this.now().toUTCString());
    const lasts = this.lasting !== undefined && this.lasting.after-- <= 0;
    const fault = lasts ? this.lasting!.fault : this.faults.shift();
    if (fault === 'NO_ANSWER') return;
    if (typeof fault === 'number') return void response.writeHead(fault, { 'retry-after': '0' }).end();
    const { status = 200, json } = await this.answer(asked);
    const text = JSON.stringify(json);
    response.writeHead(status, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
    });
    if (fault !== 'CUT_OFF') return void response.end(text);
    response.write(text.slice(0, text.length / 2), () => response.destroy());
  }
}
