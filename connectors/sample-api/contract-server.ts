import { createHmac, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Fault, TestBed } from '../spi/conformance/index.ts';
import type { ApiPerson } from './client.ts';

const API_KEY = 'sample-key-0123456789';
const WEBHOOK_SECRET = 'sample-webhook-secret-0123456789';

/** Behaves as the documentation of the API says; replace it by what yours says, sentence by sentence. */
export async function startContractServer(): Promise<TestBed> {
  const people = new Map<string, ApiPerson>();
  let fault: Fault | undefined;
  let callsLeft = 0;
  const server = createServer((request, response) => {
    if (fault && callsLeft-- <= 0) return answerFault(fault, response);
    if (request.headers.authorization !== `Bearer ${API_KEY}`) return response.writeHead(401).end();
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ data: listed(request, [...people.values()]) }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    config: { url: `http://127.0.0.1:${port}`, apiKey: API_KEY, webhookSecret: WEBHOOK_SECRET },
    secrets: [API_KEY, WEBHOOK_SECRET],
    async put(given) {
      const ids = typeof given === 'number' ? Array.from({ length: given }, () => randomUUID()) : given;
      const updated_at = `${new Date().toISOString().slice(0, 19)}Z`;
      for (const id of ids)
        people.set(id, { id, name: 'Li Wei', phone: '13800138000', email: `${id}@example.com`, updated_at });
      return { stream: 'people', ids: [...ids] };
    },
    fail(what, after = 0) {
      fault = what;
      callsLeft = after;
    },
    heal: () => void (fault = undefined),
    push: signedPush,
    async stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}

function listed(request: IncomingMessage, people: ApiPerson[]): ApiPerson[] {
  const query = new URL(request.url!, 'http://localhost').searchParams;
  const ids = query.get('ids')?.split(',');
  if (ids) return people.filter(({ id }) => ids.includes(id));
  const [since, after] = [query.get('since')!, query.get('after_id')!];
  const order = (person: ApiPerson) => `${person.updated_at} ${person.id}`;
  return people
    .filter((person) => order(person) > `${since} ${after}`)
    .sort((a, b) => (order(a) < order(b) ? -1 : 1))
    .slice(0, Number(query.get('limit')));
}

function answerFault(fault: Fault, response: ServerResponse): unknown {
  if (fault === 'UNAVAILABLE') return response.writeHead(503).end();
  if (fault === 'THROTTLED') return response.writeHead(429, { 'retry-after': '0' }).end();
  return response.writeHead(401).end();
}

function signedPush(ids: readonly string[]) {
  const body = Buffer.from(JSON.stringify({ id: randomUUID(), person_ids: ids }));
  const timestamp = String(Date.now());
  const signature = createHmac('sha256', WEBHOOK_SECRET).update(`${timestamp}.`).update(body).digest('hex');
  const headers = { 'x-timestamp': timestamp, 'x-signature': signature };
  return { method: 'POST' as const, headers, query: {}, body, receivedAt: new Date() };
}
