import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { auditServer } from 'graphql-http';
import { startHub, type RunningHub } from '../support/hub.ts';

let hub: RunningHub;

beforeAll(async () => {
  hub = await startHub();
});
afterAll(() => hub?.stop());

test("keeps to GraphQL over HTTP: no error in graphql-http's audit", async () => {
  const results = await auditServer({
    url: `${hub.url}/graphql`,
    fetchFn: (address: string, init: RequestInit = {}) =>
      fetch(address, {
        ...init,
        headers: { ...(init.headers as Record<string, string>), authorization: `Bearer ${hub.adminKey}` },
      }),
  });
  const named = (status: string) =>
    results.filter((result) => result.status === status).map(({ name }) => name);
  expect(named('error')).toEqual([]);
  expect(named('warn')).toEqual([]);
  expect(named('notice')).toEqual([]);
  expect(named('ok')).toHaveLength(55);
});
