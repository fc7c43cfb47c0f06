import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { postStream, streamClient } from '../../support/event-stream.ts';
import { newKey, startShop } from '../../support/graph/fixture.ts';
import { initMessage, openSignedIn, openSocket } from '../../support/graph/transports.ts';
import { startHub, type RunningHub } from '../../support/hub.ts';
import { connect } from '../../support/inventory/engine.ts';
import { postGraphql } from '../../support/post-graphql.ts';
import { until } from '../../support/until.ts';

const MOST = 3;
const SCOPES = ['stock:read', 'review:read', 'routing:read'];

let hubs: RunningHub[];
beforeAll(async () => {
  const environment = { HUB_SOCKETS_PER_KEY: String(MOST) };
  const first = await startShop({ environment });
  const { databaseUrl, adminKey } = first;
  hubs = [first, await startHub({ databaseUrl, adminKey, environment })];
});
afterAll(async () => {
  await hubs?.[1]?.stop();
  await hubs?.[0]?.stop();
});

async function ask<T>(query: string, variables: object): Promise<T> {
  const { data, errors } = await postGraphql(hubs[0]!, { query, variables });
  if (errors) throw new Error(JSON.stringify(errors));
  return data as T;
}
async function makeKey(expiresAt?: Date): Promise<{ id: string; key: string }> {
  // Sockets count by partner and name: each test has a name of its own.
  const input = { name: newKey(), partner: 'p', scopes: SCOPES, expiresAt };
  const { createApiKey } = await ask<{ createApiKey: { key: string; apiKey: { id: string } } }>(
    'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { key apiKey { id } } }',
    { input },
  );
  return { id: createApiKey.apiKey.id, key: createApiKey.key };
}
const revoke = (id: string) => ask('mutation ($id: ID!) { revokeApiKey(input: { id: $id }) { id } }', { id });

/** A stream, and what it has said when it ends. */
async function watching(hub: RunningHub, key: string, query: string) {
  const response = await postStream({ url: hub.url, adminKey: key }, { query });
  expect(response.status).toBe(200);
  const stream = { told: '', ended: Promise.resolve(''), response };
  const reader = response.body!.getReader();
  const read = async (): Promise<string> => {
    for (let part = await reader.read(); !part.done; part = await reader.read())
      stream.told += Buffer.from(part.value as Uint8Array).toString();
    return stream.told;
  };
  stream.ended = read();
  await until(() => stream.told.startsWith(':\n\n'));
  const requestId = response.headers.get('x-request-id')!;
  return Object.assign(stream, { requestId });
}

const ended = (message: string, keyState: string, requestId: string) =>
  `event: next\ndata: ${JSON.stringify({
    errors: [{ message, extensions: { code: 'UNAUTHENTICATED', retryable: false, keyState, requestId } }],
  })}\n\nevent: complete\ndata:\n\n`;

const ATP = 'subscription { atp(skus: ["TEA"]) { kind } }';
const idle = ['subscription { reviewTaskOpened { id } }', 'subscription { routingDecided { id } }'];

describe('a stream ends with its key', () => {
  test.each([ATP, ...idle])('when it is revoked, in every process: %s', async (query) => {
    const [bad, good] = [await makeKey(), await makeKey()];
    const streams = await Promise.all(hubs.map((hub) => watching(hub, bad.key, query)));
    const other = await watching(hubs[1]!, good.key, ATP);
    if (query === ATP) await until(() => [...streams, other].every(({ told }) => told.includes('SNAPSHOT')));
    await revoke(bad.id);
    for (const stream of streams)
      expect((await stream.ended).endsWith(ended('The key was revoked.', 'REVOKED', stream.requestId))).toBe(
        true,
      );
    await until(() => other.told.includes('SNAPSHOT'));
    expect(other.told).not.toContain('complete');
    await revoke(good.id);
    await other.ended;
  });

  test('when it expires', async () => {
    const { key } = await makeKey(new Date(Date.now() + 1_500));
    const streams = await Promise.all([ATP, ...idle].map((query) => watching(hubs[0]!, key, query)));
    for (const stream of streams)
      expect((await stream.ended).endsWith(ended('The key has expired.', 'EXPIRED', stream.requestId))).toBe(
        true,
      );
  });

  test('also when nobody tells of the revocation', async () => {
    const { id, key } = await makeKey();
    const stream = await watching(hubs[1]!, key, idle[0]!);
    const database = await connect(hubs[0]!.databaseUrl);
    await database.query('update api_key set revoked_at = hub_now() where id = $1', [id]);
    await database.end();
    expect((await stream.ended).endsWith(ended('The key was revoked.', 'REVOKED', stream.requestId))).toBe(
      true,
    );
  });

  test('and a client of graphql-sse is told why, and stops', async () => {
    const { id, key } = await makeKey();
    const client = streamClient({ url: hubs[0]!.url, adminKey: key }, 5);
    const updates = client.iterate({ query: ATP });
    expect((await updates.next()).value).toMatchObject({ data: { atp: { kind: 'SNAPSHOT' } } });
    await revoke(id);
    expect((await updates.next()).value).toMatchObject({
      errors: [{ extensions: { code: 'UNAUTHENTICATED', keyState: 'REVOKED' } }],
    });
    expect(await updates.next()).toEqual({ done: true, value: undefined });
    client.dispose();
  });
});

describe('streams and sockets of a key are counted together', () => {
  test('and one too many is refused, whichever it is', async () => {
    const { id, key } = await makeKey();
    const hub = hubs[0]!;
    const { socket } = await openSignedIn({ url: hub.url, adminKey: key });
    const streams = [await watching(hub, key, idle[0]!), await watching(hub, key, idle[1]!)];
    const refused = await postStream({ url: hub.url, adminKey: key }, { query: ATP });
    expect(refused.status).toBe(429);
    expect(await refused.json()).toMatchObject({
      errors: [
        {
          message: `This key has ${MOST} sockets and event streams open, the most it may have.`,
          extensions: { code: 'TOO_MANY_CONNECTIONS', retryable: true, limit: MOST },
        },
      ],
    });
    const another = await openSocket(hub);
    another.socket.send(initMessage({ authorization: `Bearer ${key}` }));
    expect(await another.closed).toMatchObject({ code: 4290 });
    socket.close();
    // One that has ended makes room: whichever it was.
    await until(async () => {
      const { status, body } = await postStream({ url: hub.url, adminKey: key }, { query: ATP });
      await body?.cancel();
      return status === 200;
    });
    await revoke(id);
    for (const stream of streams) await stream.ended;
  });

  test('and what was refused for its form is not counted', async () => {
    const { key } = await makeKey();
    const address = { url: hubs[0]!.url, adminKey: key };
    for (let sent = 0; sent <= MOST; sent += 1) expect((await postStream(address, {})).status).toBe(400);
    expect((await postStream(address, { query: '{ __typename }' })).status).toBe(200);
  });
});

test('a stream has the safety headers of every answer', async () => {
  const { url, adminKey } = hubs[0]!;
  const stream = await postStream({ url, adminKey }, { query: '{ __typename }' });
  await stream.text();
  const page = await fetch(`${url}/livez`);
  for (const name of ['content-security-policy', 'x-content-type-options', 'referrer-policy']) {
    expect(stream.headers.get(name)).not.toBeNull();
    expect(stream.headers.get(name)).toBe(page.headers.get(name));
  }
  expect(stream.headers.get('cache-control')).toMatch(/no-store/);
});
