import { FatalError, PacedCalls, parseExactJson, sendHttp, type Pace } from '../spi/index.ts';
import type { ZendeskConfig } from './config.ts';

/** A page of the export may take its time. */
const COMMON = { timeoutMs: 60_000, retryAfterMs: 200 };
/** Other calls than the export; their limit depends on the plan and is not documented where we could read it. */
const LOOKUPS: Pace = { ...COMMON, concurrency: 2, rate: { calls: 5, perMs: 1_000 } };

type Identified = Record<string, unknown> & { id: number | string };
/** A ticket as Zendesk has it, with the user who asked as `requester` where Zendesk told. */
export type Ticket = Identified & { requester_id?: number | string };

interface TicketList {
  tickets: Ticket[];
  users?: Identified[];
}

export interface ExportPage extends TicketList {
  /** Null where nothing has been exported yet. */
  after_cursor: string | null;
  end_of_stream: boolean;
}

/** From where an export goes on: what Zendesk gave last, or an instant in Unix seconds. */
export type ExportFrom = { cursor: string } | { start_time: number };

export class ZendeskClient {
  private readonly exports: PacedCalls;
  private readonly lookups = new PacedCalls(LOOKUPS);

  constructor(private readonly config: ZendeskConfig) {
    const rate = { calls: config.callsPerMinute, perMs: 60_000 };
    this.exports = new PacedCalls({ ...COMMON, concurrency: 1, rate });
  }

  /** Reads the changes, but for the last minute, which Zendesk leaves out. @throws RetriableError, FatalError */
  async exported(from: ExportFrom, signal: AbortSignal): Promise<ExportPage> {
    const query: Record<string, string> =
      'cursor' in from ? { cursor: from.cursor } : { start_time: String(from.start_time) };
    const path = '/api/v2/incremental/tickets/cursor.json';
    const page = await this.get<ExportPage>(this.exports, path, { ...query, include: 'users' }, signal);
    return { ...page, tickets: withRequesters(page) };
  }

  /** The path is from memory, not verified. Those that are gone are left out. */
  async ticketsByIds(ids: readonly string[], signal: AbortSignal): Promise<Ticket[]> {
    const query = { ids: ids.join(','), include: 'users' };
    return withRequesters(
      await this.get<TicketList>(this.lookups, '/api/v2/tickets/show_many.json', query, signal),
    );
  }

  private get<T>(
    calls: PacedCalls,
    path: string,
    query: Record<string, string>,
    signal: AbortSignal,
  ): Promise<T> {
    const { url: base, email, apiToken } = this.config;
    const url = new URL(path, base);
    url.search = new URLSearchParams(query).toString();
    // Basic with "<e-mail>/token" is from memory, not verified.
    const authorization = `Basic ${Buffer.from(`${email}/token:${apiToken}`).toString('base64')}`;
    return calls.call(async (ending) => {
      const { status, text } = await sendHttp({ url, headers: { authorization } }, ending);
      if (status !== 200) throw new FatalError(`GET ${path} answered ${status}.`);
      return parseExactJson(`GET ${path}`, text) as T;
    }, signal);
  }
}

function withRequesters({ tickets, users = [] }: TicketList): Ticket[] {
  const byId = new Map(users.map((user) => [String(user.id), user]));
  return tickets.map((ticket) => {
    const requester = byId.get(String(ticket.requester_id));
    return requester ? { ...ticket, requester } : ticket;
  });
}
