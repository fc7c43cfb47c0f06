import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { TrackerData, type Row } from './tracker-data.ts';

export const TOKEN = '1-14-contract-token-0123456789';
export const SECRET = 'contract-hook-secret-0123456789';

export interface ContractServer {
  url: string;
  data: TrackerData;
  /** Where the Scrip posts to. */
  hook: string | undefined;
  stop(): void;
}

/**
 * Behaves as Request Tracker 5.0 was seen to, sentence by sentence; each is quoted where it holds. What is asked of the
 * real one by the tests of test/systems/request-tracker is asked of this one too.
 */
export async function startContractServer(): Promise<ContractServer> {
  const data = new TrackerData();
  const server = createServer((request, response) => {
    // "Authorization: token 1-14-... (RT::AuthToken) or Basic; 401 otherwise."
    if (request.headers.authorization !== `token ${TOKEN}`)
      return send(response, 401, { message: 'Unauthorized' });
    void answer(started, request)
      .then(([status, body]) => send(response, status, body))
      .catch((error: unknown) => send(response, 500, { message: String(error) }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const started: ContractServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    data,
    hook: undefined,
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
  return started;
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

type Answer = [status: number, body: unknown];

async function answer(server: ContractServer, request: IncomingMessage): Promise<Answer> {
  const { data } = server;
  const { pathname, searchParams: query } = new URL(request.url!, server.url);
  const [kind, id, action] = pathname.replace('/REST/2.0/', '').split('/') as [string, string?, string?];
  const body = (request.method === 'GET' ? undefined : await json(request)) as never;
  if (kind === 'rt') return [200, { Version: '5.0.3', Plugins: [] }];
  if (kind === 'tickets') return tickets(data, query);
  if (kind === 'transactions') return searched(data.transactions, body, query);
  if (kind === 'attachments') return searched(data.attachments, body, query);
  if (kind === 'user' && id === undefined) return [201, { id: data.addUser(body) }];
  if (kind === 'user') return data.users.has(id!) ? [200, data.users.get(id!)] : notFound();
  // "Create: 201 + _url."
  if (kind === 'ticket' && id === undefined) {
    const created = data.create(body);
    await tell(server);
    return [201, { id: created, type: 'ticket', _url: `${server.url}/REST/2.0/ticket/${created}` }];
  }
  const ticket = data.loaded(id!);
  // "404 JSON"; a message to no ticket was seen to be answered with 400.
  if (!ticket) return action === undefined ? notFound() : [400, { message: 'Message could not be recorded' }];
  if (request.method === 'GET') return [200, data.single(ticket)];
  const said = action === undefined ? data.change(id!, body) : data.say(ticket, action, body['Content']);
  await tell(server);
  // "Writes answer a list of human sentences."
  return [action === undefined ? 200 : 201, [said]];
}

const notFound = (): Answer => [404, { message: 'Not Found' }];

function tickets(data: TrackerData, query: URLSearchParams): Answer {
  const found = data.query(query.get('query') ?? '');
  // "bad query 400 with a parser message"
  if (!found) return [400, { message: `Wrong query, expecting a VALUE in '${query.get('query')}'` }];
  return [200, listed(found, query)];
}

interface Condition {
  field: string;
  value: string | number;
  operator?: string;
}

/** Conditions on one field are alternatives; those on several must all hold. Instants are compared as UTC. */
function searched(rows: readonly Row[], conditions: Condition[], query: URLSearchParams): Answer {
  const holds = (row: Row, { field, value, operator = '=' }: Condition): boolean => {
    const text = String(row[field] ?? '');
    if (operator === 'LIKE') return text.includes(String(value));
    if (field === 'Created') return text >= `${String(value).replace(' ', 'T')}Z`;
    return operator === '>' ? Number(text) > Number(value) : text === String(value);
  };
  const groups = [...Map.groupBy(conditions, ({ field }) => field).values()];
  const found = rows.filter((row) => groups.every((group) => group.some((one) => holds(row, one))));
  return [200, listed(found, query)];
}

/** "per_page is silently capped at 100; next_page, pages, total given." */
function listed(rows: readonly Row[], query: URLSearchParams) {
  const size = Math.min(100, Number(query.get('per_page') ?? 20));
  const page = Number(query.get('page') ?? 1);
  const direction = query.get('order') === 'DESC' ? -1 : 1;
  const sorted = rows.toSorted((a, b) => direction * (Number(a.id) - Number(b.id)));
  const items = sorted.slice((page - 1) * size, page * size);
  const pages = Math.ceil(rows.length / size);
  const next = new URLSearchParams(query);
  next.set('page', String(page + 1));
  return {
    items,
    count: items.length,
    total: rows.length,
    page,
    pages,
    per_page: size,
    ...(page < pages ? { next_page: `http://localhost/?${next}` } : {}),
  };
}

/**
 * "one call per transaction"; "no retry: hub down = event lost"; "the call is synchronous inside RT's request".
 */
async function tell(server: ContractServer): Promise<void> {
  for (const { id, ObjectId, Type } of server.data.takeUntold()) {
    if (server.hook === undefined) continue;
    const body = JSON.stringify({ ticket: Number(ObjectId), transaction: Number(id), type: Type });
    const headers = {
      'content-type': 'application/json',
      'x-hub-signature': createHmac('sha256', SECRET).update(body).digest('hex'),
    };
    await fetch(server.hook, { method: 'POST', headers, body }).catch(() => undefined);
  }
}
