import type { TestBed } from '../../../connectors/spi/conformance/index.ts';
import {
  ContractHttp,
  type ContractAnswer,
  type ContractCall,
} from '../../support/connectors/contract-http.ts';

/** Behaves as source-systems.md §4 ("HubSpot") says; a comment names the sentence. */

const TOKEN = 'hubspot-token-0123456789';

export interface HubspotBed extends TestBed {
  /** Id to Unix milliseconds of the last change. */
  contacts: Map<string, number>;
  http: ContractHttp;
}

interface Search {
  filterGroups: { filters: { propertyName: string; operator: string; value: string }[] }[];
  sorts: { propertyName: string; direction: string }[];
  limit: number;
  after?: string;
}

let serial = 60_000;
export const nextId = () => String(++serial);

export async function startHubspot(): Promise<HubspotBed> {
  const contacts = new Map<string, number>();
  const http = new ContractHttp(answer, {
    // "429 + X-HubSpot-RateLimit headers"
    THROTTLED: () => ({ status: 429, headers: { 'x-hubspot-ratelimit-remaining': '0' }, body: {} }),
    REFUSED: () => ({ status: 401, body: { category: 'INVALID_AUTHENTICATION' } }),
  });
  const url = await http.start();

  function answer({ path, headers, body }: ContractCall): ContractAnswer {
    // "POST /crm/v3/objects/contacts/search"
    if (path !== '/crm/v3/objects/contacts/search') return { status: 404, body: {} };
    if (headers.authorization !== `Bearer ${TOKEN}`) return { status: 401, body: {} };
    const { filterGroups, sorts, limit, after = '0' } = JSON.parse(body) as Search;
    const [filter] = filterGroups[0]!.filters;
    // "filterGroups on lastmodifieddate (GTE, ms), sorts, limit, after"
    if (filter?.propertyName !== 'lastmodifieddate' || filter.operator !== 'GTE')
      return { status: 400, body: {} };
    if (sorts[0]?.direction !== 'ASCENDING') return { status: 400, body: {} };
    // "page 200"
    if (limit > 200) return { status: 400, body: { message: 'limit must be at most 200' } };
    // "10,000 results per query at most"
    if (Number(after) + limit > 10_000) return { status: 400, body: { message: 'paging past 10000' } };
    const found = [...contacts]
      .filter(([, at]) => at >= Number(filter.value))
      .sort(([a, one], [b, other]) => one - other || Number(a) - Number(b));
    const end = Number(after) + limit;
    const results = found.slice(Number(after), end).map(([id, at]) => contactOf(id, at));
    const paging = end < found.length ? { paging: { next: { after: String(end) } } } : {};
    return { body: { total: found.length, results, ...paging } };
  }

  return {
    config: { url, accessToken: TOKEN },
    secrets: [TOKEN],
    contacts,
    http,
    async put(given) {
      const ids = typeof given === 'number' ? Array.from({ length: given }, nextId) : [...given];
      for (const id of ids) contacts.set(id, Date.now());
      return { stream: 'contacts', ids };
    },
    fail: (fault, after) => http.fail(fault, after),
    heal: () => http.heal(),
    stop: () => http.stop(),
  };
}

function contactOf(id: string, at: number) {
  const lastmodifieddate = new Date(at).toISOString();
  const properties = {
    firstname: 'Ada',
    lastname: null,
    email: `${id}@example.com`,
    phone: '+49 151 12345678',
  };
  return {
    id,
    properties: { ...properties, mobilephone: null, lastmodifieddate },
    updatedAt: lastmodifieddate,
  };
}
