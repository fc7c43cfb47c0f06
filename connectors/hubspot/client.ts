import { FatalError, PacedCalls, parseExactJson, sendHttp, type Pace } from '../spi/index.ts';
import type { HubspotConfig } from './config.ts';

/** Searches: 4 a second by the official changelog (source-systems.md §4). */
const PACE: Pace = { concurrency: 2, rate: { calls: 4, perMs: 1_000 }, timeoutMs: 30_000, retryAfterMs: 200 };

const PROPERTIES = ['firstname', 'lastname', 'email', 'phone', 'mobilephone', 'lastmodifieddate'];

export interface Contact {
  id: string;
  properties: Record<string, string | null> & { lastmodifieddate: string };
  [field: string]: unknown;
}

export interface ContactPage {
  results: Contact[];
  paging?: { next?: { after: string } };
}

export class HubspotClient {
  private readonly calls = new PacedCalls(PACE);

  constructor(private readonly config: HubspotConfig) {}

  /** Contacts changed at `since` or later, oldest change first, behind the key `after`. @throws RetriableError, FatalError */
  contacts(since: Date, after: string | null, signal: AbortSignal): Promise<ContactPage> {
    const changed = { propertyName: 'lastmodifieddate', operator: 'GTE', value: String(since.getTime()) };
    const search = {
      filterGroups: [{ filters: [changed] }],
      sorts: [{ propertyName: 'lastmodifieddate', direction: 'ASCENDING' }],
      properties: PROPERTIES,
      limit: this.config.pageSize,
      ...(after !== null && { after }),
    };
    const path = '/crm/v3/objects/contacts/search';
    const headers = {
      'content-type': 'application/json',
      authorization: `Bearer ${this.config.accessToken}`,
    };
    return this.calls.call(async (ending) => {
      const url = new URL(path, this.config.url);
      const request = { method: 'POST' as const, url, headers, body: JSON.stringify(search) };
      const { status, text } = await sendHttp(request, ending);
      if (status !== 200) throw new FatalError(`POST ${path} answered ${status}.`);
      return parseExactJson(`POST ${path}`, text) as ContactPage;
    }, signal);
  }
}
