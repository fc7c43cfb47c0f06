import {
  FatalError,
  PacedCalls,
  RetriableError,
  sendHttp,
  type HttpRequest,
  type Pace,
} from '../spi/index.ts';
import type { RequestTrackerConfig } from './config.ts';

/**
 * It limits nobody, and is slow: forty calls at once took 24 s of a small one. A call of ours may wait behind others in its
 * few processes, and a message is looked for and written within one time limit.
 */
const pace = ({ timeoutSeconds }: RequestTrackerConfig): Pace => ({
  concurrency: 4,
  timeoutMs: timeoutSeconds * 1000,
  retryAfterMs: 300,
});

/** More are not given, whatever is asked for. */
export const PAGE_SIZE = 100;

const TICKET_FIELDS = {
  fields: 'Subject,Status,Queue,Requestors,Created,LastUpdated,EffectiveId,Priority,Owner,CustomFields',
  'fields[Queue]': 'Name',
  'fields[Requestors]': 'Name,RealName,EmailAddress,MobilePhone,WorkPhone,HomePhone',
} as const;

/** A ticket as lists give it; instants are ISO 8601 in UTC, of whole seconds. */
export interface Ticket {
  id: string;
  LastUpdated: string;
  [field: string]: unknown;
}

/** Something that has happened to a ticket. Ids grow; the ticket is `ObjectId`. */
export interface Transaction {
  id: string;
  Created: string;
  ObjectId: string;
}

/** One page of a list. Rows that the user may not see are left out of it: it may be empty although there is more. */
export interface Listed<T> {
  items: T[];
  hasMore: boolean;
}

/** A condition of a search by JSON; instants are `yyyy-mm-dd hh:mm:ss` in UTC there, whatever the user's time zone is. */
export interface Condition {
  field: string;
  value: string;
  operator?: '>' | '>=' | 'LIKE';
  entry_aggregator?: 'OR';
}

/** Which page of which search, in which order. */
export type ListQuery = Record<string, string>;

/** The calls that are made, and what their failures mean. */
export class RequestTrackerClient {
  private readonly calls: PacedCalls;
  private readonly root: string;

  constructor(private readonly config: RequestTrackerConfig) {
    this.calls = new PacedCalls(pace(config));
    this.root = `${config.url.replace(/\/+$/, '')}/REST/2.0/`;
  }

  /** Runs `work` in one turn; it is begun anew where it met trouble that may pass. */
  turn<T>(work: (calls: RawCalls) => Promise<T>, signal: AbortSignal): Promise<T> {
    return this.calls.call((ending) => work(new RawCalls(this.root, this.config.token, ending)), signal);
  }

  async version(signal: AbortSignal): Promise<string> {
    return this.turn(async (calls) => (await calls.get<{ Version: string }>('rt')).Version, signal);
  }

  /** Transactions of tickets behind `afterId`, by id; of the time since an instant (ISO 8601) where one is given. */
  async transactions(
    { afterId, since }: { afterId: number; since?: string },
    page: number,
    signal: AbortSignal,
  ): Promise<Listed<Transaction>> {
    const conditions: Condition[] = [OF_TICKETS, { field: 'id', operator: '>', value: String(afterId) }];
    if (since !== undefined)
      conditions.push({ field: 'Created', operator: '>=', value: since.slice(0, 19).replace('T', ' ') });
    return this.turn(
      (calls) => calls.search<Transaction>('transactions', conditions, feedQuery(page)),
      signal,
    );
  }

  async newestTransaction(signal: AbortSignal): Promise<Transaction | undefined> {
    const query = { ...feedQuery(1), order: 'DESC', per_page: '1' };
    const newest = await this.turn(
      (calls) => calls.search<Transaction>('transactions', [OF_TICKETS], query),
      signal,
    );
    return newest.items[0];
  }

  /** Tickets with greater ids, by id. Those that were deleted or merged into others are not among them. */
  async ticketsAfter(afterId: string, page: number, signal: AbortSignal): Promise<Listed<Ticket>> {
    return this.turn((calls) => calls.list<Ticket>('tickets', ticketQuery(`id > ${afterId}`, page)), signal);
  }

  /**
   * Tickets as they are now, also those that were merged (`EffectiveId` is another one's) or deleted; those that are
   * gone, or that the user may not see, are left out.
   * @param ids at most `PAGE_SIZE`
   */
  async ticketsByIds(ids: readonly string[], signal: AbortSignal): Promise<Ticket[]> {
    if (ids.length === 0) return [];
    // Merged ones are found by who asks for EffectiveId; deleted ones by no search at all, only one by one.
    const query = `(${ids.map((id) => `id = ${id}`).join(' OR ')}) AND EffectiveId > 0`;
    const { items } = await this.turn(
      (calls) => calls.list<Ticket>('tickets', ticketQuery(query, 1)),
      signal,
    );
    const found = new Set(items.map(({ id }) => id));
    const missing = await Promise.all(
      ids.filter((id) => !found.has(id)).map((id) => this.deletedTicket(id, signal)),
    );
    return [...items, ...missing.filter((ticket) => ticket !== undefined)];
  }

  private deletedTicket(id: string, signal: AbortSignal): Promise<Ticket | undefined> {
    return this.turn(async (calls) => {
      const single = await calls.find<SingleTicket>(`ticket/${id}`);
      if (single === undefined || String(single.id) !== id) return undefined;
      const { Requestor = [], EffectiveId, ...ticket } = single;
      const people = await Promise.all(
        Requestor.map((user) => calls.find<Record<string, unknown>>(`user/${encodeURIComponent(user.id)}`)),
      );
      return {
        ...ticket,
        id,
        EffectiveId: EffectiveId.id,
        Requestors: people.filter((person) => person !== undefined),
      };
    }, signal);
  }
}

const OF_TICKETS: Condition = { field: 'ObjectType', value: 'RT::Ticket' };

/** A ticket read alone is shaped otherwise than in lists, and names its people by id only. */
interface SingleTicket {
  id: number | string;
  Requestor?: { id: string }[];
  EffectiveId: { id: string };
  LastUpdated: string;
}

function pageQuery(page: number): ListQuery {
  return { orderby: 'id', order: 'ASC', per_page: String(PAGE_SIZE), page: String(page) };
}

function feedQuery(page: number): ListQuery {
  return { ...pageQuery(page), fields: 'Created,ObjectId' };
}

function ticketQuery(query: string, page: number): ListQuery {
  return { query, ...pageQuery(page), ...TICKET_FIELDS };
}

/** Calls within one turn. */
export class RawCalls {
  constructor(
    private readonly root: string,
    private readonly token: string,
    private readonly signal: AbortSignal,
  ) {}

  get<T>(path: string, query: ListQuery = {}): Promise<T> {
    return this.sent<T>({ url: this.urlOf(path, query) });
  }

  post<T>(path: string, body: unknown, query: ListQuery = {}): Promise<T> {
    const headers = { 'content-type': 'application/json' };
    return this.sent<T>({
      method: 'POST',
      url: this.urlOf(path, query),
      headers,
      body: JSON.stringify(body),
    });
  }

  /** undefined: there is none, or the user may not see it. */
  async find<T>(path: string): Promise<T | undefined> {
    try {
      return await this.get<T>(path);
    } catch (error) {
      if (error instanceof FatalError && [403, 404].includes(statusOf(error))) return undefined;
      throw error;
    }
  }

  async list<T>(path: string, query: ListQuery): Promise<Listed<T>> {
    return listed(await this.get<ListAnswer<T>>(path, query));
  }

  async search<T>(path: string, conditions: readonly Condition[], query: ListQuery): Promise<Listed<T>> {
    return listed(await this.post<ListAnswer<T>>(path, conditions, query));
  }

  private urlOf(path: string, query: ListQuery): URL {
    const url = new URL(path, this.root);
    url.search = new URLSearchParams(query).toString();
    return url;
  }

  private async sent<T>(request: HttpRequest): Promise<T> {
    const headers = { ...request.headers, authorization: `token ${this.token}`, accept: 'application/json' };
    const { status, text } = await sendHttp({ ...request, headers }, this.signal);
    const where = `${request.method ?? 'GET'} ${new URL(request.url).pathname}`;
    const body = parsed(where, text);
    if (status >= 200 && status < 300) return body as T;
    const { message = '' } = body as { message?: string };
    throw new FatalError(`${where} answered ${status}: ${message.trim()}`, { cause: { status } });
  }
}

interface ListAnswer<T> {
  items: T[];
  next_page?: string;
}

function listed<T>({ items, next_page }: ListAnswer<T>): Listed<T> {
  return { items, hasMore: next_page !== undefined };
}

function parsed(where: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // A proxy's page, or an answer cut off.
    throw new RetriableError(`${where} answered what is no JSON.`, { cause: error });
  }
}

function statusOf(error: FatalError): number {
  return (error.cause as { status?: number } | undefined)?.status ?? 0;
}
