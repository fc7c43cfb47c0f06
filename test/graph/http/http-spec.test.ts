import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { auditServer } from 'graphql-http';
import { startHub, type RunningHub } from '../../support/hub.ts';
import { BY_APOLLO, makeKnown } from '../../support/graph/transports.ts';

let hub: RunningHub;

beforeAll(async () => {
  hub = await startHub();
});
afterAll(() => hub?.stop());

type Send = (address: string, init: RequestInit) => Promise<Response>;
const withHeaders = (init: RequestInit, more: Record<string, string>): RequestInit => ({
  ...init,
  headers: { ...(init.headers as Record<string, string>), ...more },
});
const queryOf = ({ body }: RequestInit): unknown => {
  try {
    return (JSON.parse(body as string) as { query?: unknown }).query;
  } catch {
    return undefined;
  }
};
const lean: Send = async (address, init) => {
  const query = queryOf(init);
  if (typeof query === 'string') await makeKnown(hub, query);
  return fetch(address, init);
};
const byApollo: Send = (address, init) =>
  fetch(address, init.method === 'POST' ? withHeaders(init, BY_APOLLO) : init);

test.each([
  ['as it comes', fetch as Send],
  ['the lean way', lean],
  ['by Apollo Server', byApollo],
])("keeps to GraphQL over HTTP %s: no error in graphql-http's audit", async (_name, send) => {
  const results = await auditServer({
    url: `${hub.url}/graphql`,
    fetchFn: (address: string, init: RequestInit = {}) =>
      send(address, withHeaders(init, { authorization: `Bearer ${hub.adminKey}` })),
  });
  const named = (status: string) =>
    results.filter((result) => result.status === status).map(({ name }) => name);
  expect(named('error')).toEqual([]);
  // One status for both media types: a client should not have to read the body to learn that it sent nonsense.
  expect(named('warn')).toEqual([
    'SHOULD use 200 status code on document parsing failure when accepting application/json',
    'SHOULD use 200 status code on document validation failure when accepting application/json',
    'SHOULD use a status code of 200 on variable coercion failure when accepting application/json',
  ]);
  // A GET without `apollo-require-preflight` is refused, since another site's page could send it.
  expect(named('notice')).toEqual([
    'MAY accept application/x-www-form-urlencoded formatted GET requests',
    'MAY allow URL-encoded JSON string {variables} parameter in GETs when accepting application/graphql-response+json',
    'MAY allow URL-encoded JSON string {variables} parameter in GETs when accepting application/json',
  ]);
  expect(named('ok')).toHaveLength(55);
});
