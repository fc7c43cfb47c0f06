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
  const found = Object.groupBy(results, ({ status }) => status);
  expect(found.error ?? []).toEqual([]);
  expect({ ok: found.ok?.length, warn: found.warn?.length ?? 0, notice: found.notice?.length ?? 0 }).toEqual(
    {},
  );
  expect([...(found.warn ?? []), ...(found.notice ?? [])].map(({ id, name }) => `${id} ${name}`)).toEqual([]);
});
