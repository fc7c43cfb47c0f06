import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { text } from 'node:stream/consumers';
import type { AddressInfo } from 'node:net';
import type { Fault } from '../../../connectors/spi/conformance/index.ts';

export interface ContractCall {
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: string;
}

export interface ContractAnswer {
  status?: number;
  headers?: Record<string, string>;
  /** Sent as JSON; a text as it is. */
  body: unknown;
}

/**
 * HTTP of a contract server: a program in the test's process that behaves as the documentation of a hosted system says,
 * and refuses what that refuses. What it answers, each system's own `contract-server.ts` knows.
 */
export class ContractHttp {
  /** Calls so far, those that failed included. */
  readonly calls: ContractCall[] = [];
  private failing: { fault: Fault; left: number } | undefined;
  private server: Server | undefined;

  /** @param faults how the system says each; UNAVAILABLE is 503 */
  constructor(
    private readonly answer: (call: ContractCall) => ContractAnswer | Promise<ContractAnswer>,
    private readonly faults: Record<Exclude<Fault, 'UNAVAILABLE'>, () => ContractAnswer>,
  ) {}

  /** @returns its address */
  async start(): Promise<string> {
    this.server = createServer((request, response) => {
      void this.serve(request, response);
    }).listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  fail(fault: Fault, after = 0): void {
    this.failing = { fault, left: after };
  }

  heal(): void {
    this.failing = undefined;
  }

  async stop(): Promise<void> {
    this.server?.closeAllConnections();
    this.server?.close();
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url!, 'http://localhost');
    const call = { path: pathname, query: searchParams, headers: request.headers, body: await text(request) };
    const { status = 200, headers, body } = await this.respond(call);
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  }

  private async respond(call: ContractCall): Promise<ContractAnswer> {
    this.calls.push(call);
    if (!this.failing || this.failing.left-- > 0) return this.answer(call);
    const { fault } = this.failing;
    return fault === 'UNAVAILABLE' ? { status: 503, body: '' } : this.faults[fault]();
  }
}
