import { once } from 'node:events';
import { createServer, request as ask, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** What comes instead of the answer. */
export type Trouble =
  | 'UNAVAILABLE'
  | 'THROTTLED'
  | 'REFUSED'
  /** No answer at all. */
  | 'SILENT'
  /** The system does what it is asked for; its answer breaks off. */
  | 'ANSWER_LOST';

/** Stands before a system, the real one or one of a contract, and makes calls fail that it would answer. */
export interface FaultProxy {
  url: string;
  /**
   * The next `after` calls still succeed.
   * @param calls how many fail then; until `heal` if left out
   */
  fail(trouble: Trouble, after?: number, calls?: number): void;
  heal(): void;
  /** Calls that have come, whatever became of them. */
  readonly calls: number;
  /** Of the last call that had one. */
  readonly lastAuthorization: string | undefined;
  /** The most calls that were under way at once. */
  readonly mostAtOnce: number;
  stop(): void;
}

/** @param target origin of the system, e.g. `http://127.0.0.1:8457` */
export async function startFaultProxy(target: string): Promise<FaultProxy> {
  let trouble: Trouble | undefined;
  let lastAuthorization: string | undefined;
  let [spared, failing, calls, underWay, mostAtOnce] = [0, 0, 0, 0, 0];
  const server = createServer((request, response) => {
    calls++;
    lastAuthorization = request.headers.authorization ?? lastAuthorization;
    mostAtOnce = Math.max(mostAtOnce, ++underWay);
    response.once('close', () => underWay--);
    const met = trouble !== undefined && spared-- <= 0 && failing-- > 0 ? trouble : undefined;
    void answer(target, request, response, met).catch(() => response.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    fail(what, after = 0, times = Infinity) {
      [trouble, spared, failing] = [what, after, times];
    },
    heal: () => void (trouble = undefined),
    get calls() {
      return calls;
    },
    get lastAuthorization() {
      return lastAuthorization;
    },
    get mostAtOnce() {
      return mostAtOnce;
    },
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function answer(
  target: string,
  request: IncomingMessage,
  response: ServerResponse,
  trouble: Trouble | undefined,
): Promise<unknown> {
  if (trouble === 'UNAVAILABLE') return response.writeHead(503).end();
  if (trouble === 'THROTTLED') return response.writeHead(429, { 'retry-after': '0' }).end();
  if (trouble === 'REFUSED') return response.writeHead(401).end();
  if (trouble === 'SILENT') return undefined;
  const { status, type, body } = await forwarded(target, request);
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
  if (trouble === undefined) return response.end(body);
  return response.write(body.slice(0, body.length / 2), () => response.destroy());
}

async function forwarded(target: string, request: IncomingMessage) {
  const url = new URL(request.url!, target);
  const { method, headers } = request;
  const forward = ask(url, { method, headers: { ...headers, host: url.host } });
  forward.end(await text(request));
  const [answered] = (await once(forward, 'response')) as [IncomingMessage];
  return {
    status: answered.statusCode!,
    type: answered.headers['content-type'] ?? 'application/json',
    body: await text(answered),
  };
}
