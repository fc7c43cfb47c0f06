import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { httpClient, socketClient } from '../../support/client.ts';
import { seedCatalogue } from '../../support/inventory/engine.ts';
import { startHub, type RunningHub } from '../../support/hub.ts';

let database: TestDatabase;
let hub: RunningHub;
let sku: string;
let next = 0;
beforeAll(async () => {
  database = await createTestDatabase();
  await seedCatalogue(
    database,
    Array.from({ length: 9 }, (_, index) => `Q${index + 1}`),
  );
  hub = await startHub({ databaseUrl: database.url });
});
afterAll(async () => {
  await hub?.stop();
  await database?.drop();
});
beforeEach(async () => {
  sku = `Q${++next}`;
  await ask(`mutation { adjustStock(input: { idempotencyKey: "c ${sku}", node: "WH", reason: "count",
    lines: [{ sku: "${sku}", counted: 10 }] }) { __typename } }`);
});

const ask = <T>(query: string) => httpClient(hub).request<T>(query);
const setQuota = (channel: string, exclusive: number, key = `${sku} ${channel} ${exclusive}`) =>
  ask<{ setChannelQuotas: { atp: { quantity: number }[] } }>(
    `mutation { setChannelQuotas(input: { idempotencyKey: "${key}", channel: "${channel}",
      lines: [{ sku: "${sku}", exclusive: ${exclusive} }] }) { atp { quantity } } }`,
  );
const reserve = (channel: string, quantity: number) =>
  ask<{ reserve: { __typename: string; shortages: { available: number }[] } }>(
    `mutation { reserve(input: { idempotencyKey: "${sku} ${channel} r${quantity}", channel: "${channel}", reference: "r",
      lines: [{ sku: "${sku}", quantity: ${quantity} }] }) { __typename ... on InsufficientStock { shortages { available } } } }`,
  );
const atp = async (channel: string | null) => {
  const argument = channel ? `, channel: "${channel}"` : '';
  const { availableToPromise } = await ask<{
    availableToPromise: {
      quantity: number;
      terms: { kind: string; quantity: number }[];
      projection: { quantity: number; channelQuota: number }[];
    }[];
  }>(
    `{ availableToPromise(skus: ["${sku}"]${argument}) { quantity terms { kind quantity } projection(days: 2) { quantity channelQuota } } }`,
  );
  return availableToPromise[0]!;
};

test('a part kept for one channel is missing in the numbers of the others, and the terms say so', async () => {
  expect(await setQuota('jd', 4)).toEqual({ setChannelQuotas: { atp: [{ quantity: 10 }] } });
  const ofDouyin = await atp('douyin');
  expect(ofDouyin.quantity).toBe(6);
  expect(ofDouyin.terms.find(({ kind }) => kind === 'CHANNEL_QUOTA')).toEqual({
    kind: 'CHANNEL_QUOTA',
    quantity: -4,
  });
  expect(ofDouyin.terms.reduce((sum, { quantity }) => sum + quantity, 0)).toBe(6);
  expect(ofDouyin.projection).toEqual([
    { quantity: 6, channelQuota: -4 },
    { quantity: 6, channelQuota: -4 },
  ]);
  expect((await atp(null)).quantity).toBe(10);
  expect(await reserve('douyin', 7)).toMatchObject({ reserve: { shortages: [{ available: 6 }] } });
  expect(await reserve('jd', 10)).toMatchObject({ reserve: { __typename: 'Reservation' } });
});

test('an escrow channel sees its own part alone; setting it again counts from then on', async () => {
  await ask(`mutation { configureChannel(input: { code: "jd", sellsFrom: ESCROW }) { code sellsFrom } }`);
  try {
    expect((await atp('jd')).quantity).toBe(0);
    await setQuota('jd', 4);
    expect((await atp('jd')).quantity).toBe(4);
    await reserve('jd', 3);
    const quotas = () =>
      ask(`{ channelQuotas(channel: "jd", first: 100) { nodes { sku exclusive used free } } }`) as Promise<{
        channelQuotas: { nodes: { sku: string }[] };
      }>;
    const own = async () => (await quotas()).channelQuotas.nodes.find((row) => row.sku === sku);
    expect(await own()).toEqual({ sku, exclusive: 4, used: 3, free: 1 });
    await setQuota('jd', 5);
    await setQuota('jd', 4); // the replay of an earlier call changes nothing
    expect(await own()).toEqual({ sku, exclusive: 5, used: 3, free: 2 });
    await setQuota('jd', 0);
    expect(await own()).toBeUndefined();
  } finally {
    await ask(`mutation { configureChannel(input: { code: "jd", sellsFrom: POOL }) { code } }`);
  }
});

test('watchers of a channel are told when its part moves', async () => {
  const client = socketClient(hub);
  const updates = client.iterate<{ atp: { kind: string; atp: { quantity: number } } }>({
    query: `subscription { atp(skus: ["${sku}"], channel: "douyin") { kind atp { quantity } } }`,
  });
  const nextUpdate = async () => (await updates.next()).value!.data!.atp;
  expect(await nextUpdate()).toEqual({ kind: 'SNAPSHOT', atp: { quantity: 10 } });
  await setQuota('jd', 4);
  expect(await nextUpdate()).toEqual({ kind: 'CHANGE', atp: { quantity: 6 } });
  await client.dispose();
});

test('a part is shared at its time, and watchers are told at that instant though nobody calls', async () => {
  const client = socketClient(hub);
  const updates = client.iterate<{ atp: { atp: { quantity: number } } }>({
    query: `subscription { atp(skus: ["${sku}"], channel: "douyin") { atp { quantity } } }`,
  });
  const nextQuantity = async () => (await updates.next()).value!.data!.atp.atp.quantity;
  expect(await nextQuantity()).toBe(10);
  const releaseAt = new Date(Date.now() + 1_000).toISOString();
  await ask(`mutation { setChannelQuotas(input: { idempotencyKey: "t ${sku}", channel: "jd",
    lines: [{ sku: "${sku}", exclusive: 4, sharedCap: 2, releaseAt: "${releaseAt}" }] }) { atp { quantity } } }`);
  expect(await nextQuantity()).toBe(6);
  expect((await atp('jd')).quantity).toBe(6);
  expect(await nextQuantity()).toBe(10);
  expect((await atp('jd')).quantity).toBe(2);
  await client.dispose();
});

test('a safety buffer is withheld from all channels; who has the right to takes of it', async () => {
  const buffer = (key: string, line: string) =>
    ask<{ setSafetyBuffers: { atp: { quantity: number }[] } }>(
      `mutation { setSafetyBuffers(input: { idempotencyKey: "${key} ${sku}", lines: [{ sku: "${sku}", ${line} }] }) { atp { quantity } } }`,
    );
  expect((await buffer('b1', 'fixed: 2, rate: 0.25')).setSafetyBuffers.atp).toEqual([{ quantity: 7 }]);
  const { terms } = await atp('jd');
  expect(terms.find(({ kind }) => kind === 'SAFETY_BUFFER')).toEqual({ kind: 'SAFETY_BUFFER', quantity: -3 });
  expect(await reserve('jd', 8)).toMatchObject({ reserve: { shortages: [{ available: 7 }] } });

  const { createApiKey } = await ask<{ createApiKey: { key: string } }>(
    `mutation { createApiKey(input: { name: "${sku}", partner: "shop", scopes: ["stock:reserve"] }) { key } }`,
  );
  const urgent = (key: string) =>
    httpClient({ url: hub.url, adminKey: key })
      .request<object>(`mutation { reserve(input: { idempotencyKey: "u ${sku}", channel: "jd", reference: "u",
      useSafetyBuffer: true, lines: [{ sku: "${sku}", quantity: 8 }] }) { __typename } }`);
  await expect(urgent(createApiKey.key)).rejects.toMatchObject({
    response: { errors: [{ extensions: { code: 'FORBIDDEN', scope: 'stock:buffer' } }] },
  });
  expect(await urgent(hub.adminKey)).toEqual({ reserve: { __typename: 'Reservation' } });
  expect((await atp('jd')).quantity).toBe(0);
  await expect(buffer('b2', 'rate: 1.5')).rejects.toMatchObject({
    response: { errors: [{ extensions: { code: 'QUANTITY_OUT_OF_RANGE' } }] },
  });
});

test('the audit finds a counter of used units that was tampered with', async () => {
  await setQuota('jd', 4);
  await reserve('jd', 2);
  const audit = () =>
    ask<{ stockAudit: { differences: object[] } }>(
      `{ stockAudit(skus: ["${sku}"]) { differences { place counter stored folded } } }`,
    );
  expect((await audit()).stockAudit.differences).toEqual([]);
  await database.query('update channel_quota set used = 1 where sku = $1', [sku]);
  expect((await audit()).stockAudit.differences).toEqual([
    { place: 'quota of jd in MAIN', counter: 'QUOTA_USED', stored: 1, folded: 2 },
  ]);
});

test.each([
  ['an unknown SKU', '{ sku: "NONE", exclusive: 1 }', 'UNKNOWN_SKU'],
  ['a SKU twice', '{ sku: "Q1", exclusive: 1 }, { sku: "Q1", exclusive: 2 }', 'BAD_USER_INPUT'],
  ['less than nothing', '{ sku: "Q1", exclusive: -1 }', 'QUANTITY_OUT_OF_RANGE'],
])('%s is refused', async (_, lines, code) => {
  await expect(
    ask(
      `mutation { setChannelQuotas(input: { idempotencyKey: "bad ${code}", channel: "jd", lines: [${lines}] }) { atp { quantity } } }`,
    ),
  ).rejects.toMatchObject({ response: { errors: [{ extensions: { code } }] } });
});
