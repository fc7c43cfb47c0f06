import { createHmac, randomUUID } from 'node:crypto';
import type { TestBed } from '../../../connectors/spi/conformance/index.ts';
import {
  ContractHttp,
  type ContractAnswer,
  type ContractCall,
} from '../../support/connectors/contract-http.ts';

/** Behaves as source-systems.md §4 ("Zendesk") says; a comment names the sentence. Fields of a ticket are not verified. */

const EMAIL = 'agent@example.com';
const TOKEN = 'zendesk-token-0123456789';
const SECRET = 'zendesk-secret-0123456789';
const MINUTE = 60_000;

export interface DeskTicket {
  id: number;
  /** Milliseconds of the desk's clock. */
  updated: number;
  status: string;
}

export interface ZendeskBed extends TestBed {
  tickets: Map<string, DeskTicket>;
  clock: { aheadMs: number };
  limits: { callsPerMinute: number; pageSize: number };
  /** Puts a ticket of this very moment. */
  putNow(change?: Partial<DeskTicket>): DeskTicket;
  pushOf(body: string, timestamp?: string): ReturnType<NonNullable<TestBed['push']>>;
  http: ContractHttp;
}

let serial = 35_000;

export async function startZendesk(): Promise<ZendeskBed> {
  const tickets = new Map<string, DeskTicket>();
  const clock = { aheadMs: 0 };
  const limits = { callsPerMinute: 1_000, pageSize: 100 };
  const now = () => Date.now() + clock.aheadMs;
  let exports: number[] = [];
  const http = new ContractHttp(answer, {
    THROTTLED: () => ({ status: 429, headers: { 'retry-after': '0' }, body: '' }),
    REFUSED: () => ({ status: 401, body: { error: "Couldn't authenticate you" } }),
  });
  const url = await http.start();

  function answer({ path, query, headers }: ContractCall): ContractAnswer {
    const expected = `Basic ${Buffer.from(`${EMAIL}/token:${TOKEN}`).toString('base64')}`;
    if (headers.authorization !== expected) return { status: 401, body: {} };
    // "GET /api/v2/incremental/tickets/cursor.json?start_time= then ?cursor="
    if (path === '/api/v2/incremental/tickets/cursor.json') return exported(query);
    if (path === '/api/v2/tickets/show_many.json') return showMany(query);
    return { status: 404, body: {} };
  }

  function exported(query: URLSearchParams): ContractAnswer {
    // "10 requests/min, Retry-After on 429"
    exports = [...exports.filter((at) => at > now() - MINUTE), now()];
    if (exports.length > limits.callsPerMinute)
      return { status: 429, headers: { 'retry-after': '120' }, body: 'Rate limit exceeded' };
    const given = query.get('cursor');
    const start = Number(query.get('start_time')) * 1000;
    if (given === null && start > now() - MINUTE)
      return { status: 422, body: { error: 'Too recent start_time' } };
    const after = given === null ? '' : Buffer.from(given, 'base64').toString();
    // "items changed in the last minute are left out"
    const found = [...tickets.values()]
      .filter(({ updated }) => updated <= now() - MINUTE && (given !== null || updated >= start))
      .map((ticket) => ({ ticket, key: keyOf(ticket) }))
      .filter(({ key }) => key > after)
      .sort((a, b) => (a.key < b.key ? -1 : 1));
    const page = found.slice(0, limits.pageSize);
    const last = page.at(-1)?.key ?? (after || undefined);
    // "{tickets, after_cursor, after_url, end_of_stream}"
    const after_cursor = last === undefined ? null : Buffer.from(last).toString('base64');
    const listed = page.map(({ ticket }) => ticketOf(ticket));
    return {
      body: {
        tickets: listed,
        users: usersOf(listed),
        after_cursor,
        end_of_stream: page.length === found.length,
      },
    };
  }

  function showMany(query: URLSearchParams): ContractAnswer {
    const ids = query.get('ids')!.split(',');
    if (ids.length > 100) return { status: 400, body: {} };
    const listed = ids.flatMap((id) => tickets.get(id) ?? []).map(ticketOf);
    return { body: { tickets: listed, users: usersOf(listed), count: listed.length } };
  }

  function pushOf(body: string, timestamp = new Date().toISOString()) {
    // "base64 HMAC-SHA256(timestamp header + raw body)"
    const signature = createHmac('sha256', SECRET)
      .update(timestamp + body)
      .digest('base64');
    const headers = {
      'x-zendesk-webhook-signature': signature,
      'x-zendesk-webhook-signature-timestamp': timestamp,
      'x-zendesk-webhook-invocation-id': randomUUID(),
    };
    return { method: 'POST' as const, headers, query: {}, body: Buffer.from(body), receivedAt: new Date() };
  }
  function putNow(change: Partial<DeskTicket> = {}): DeskTicket {
    const ticket = { id: ++serial, updated: now(), status: 'open', ...change };
    tickets.set(String(ticket.id), ticket);
    return ticket;
  }
  return {
    config: {
      url,
      email: EMAIL,
      apiToken: TOKEN,
      webhookSecret: SECRET,
      callsPerMinute: 100,
      historyDays: 1,
    },
    secrets: [TOKEN, SECRET],
    tickets,
    clock,
    limits,
    putNow,
    pushOf,
    http,
    async put(given) {
      const put =
        typeof given === 'number'
          ? Array.from({ length: given }, () => putNow())
          : given.map((id) => putNow({ id: Number(id) }));
      clock.aheadMs += MINUTE + 1_000; // the minute that the export leaves out
      return { stream: 'tickets', ids: put.map(({ id }) => String(id)) };
    },
    fail: (fault, after) => http.fail(fault, after),
    heal: () => http.heal(),
    push: ([id]) => pushOf(JSON.stringify({ ticket_id: id })),
    stop: () => http.stop(),
  };
}

const keyOf = ({ updated, id }: DeskTicket) =>
  `${String(updated).padStart(15, '0')} ${String(id).padStart(12, '0')}`;

function ticketOf({ id, updated, status }: DeskTicket) {
  const at = `${new Date(updated).toISOString().slice(0, 19)}Z`;
  return { id, subject: 'Wo ist mein Paket?', status, created_at: at, updated_at: at, requester_id: id * 10 };
}

function usersOf(tickets: { requester_id: number }[]) {
  return tickets.map(({ requester_id: id }) => ({
    id,
    name: 'Ada Byron',
    email: `u${id}@example.com`,
    phone: null,
  }));
}
