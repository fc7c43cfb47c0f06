import { expect, test } from '@jest/globals';
import { until } from '../support/until.ts';
import { hubConnected } from '../support/webhooks/connected-hub.ts';
import { commandsOf, partnersFixture } from '../support/webhooks/fixture.ts';
import type { Received } from '../support/webhooks/receiver.ts';

const partners = partnersFixture(['A', 'B', 'C', 'D', 'E', 'F']);
const { ask, makeDue, partner } = partners;
const { count, reserve } = commandsOf(partners);

interface Told {
  sku: string;
  pool: string;
  version: string;
  quantity: number;
  channels: { channel: string; quantity: number }[];
}
const told = (messages: Pick<Received, 'data'>[]) => messages.map(({ data }) => data as unknown as Told);
const quantities = (messages: Pick<Received, 'data'>[]) => told(messages).map(({ quantity }) => quantity);

test('the present promise first, then each change in version order, whichever process made it; expiry too', async () => {
  await count('A', 10);
  const { received } = await partner(['atp.changed'], { skus: ['A'] });
  await until(() => received.length === 1);
  expect(told(received)[0]).toMatchObject({
    sku: 'A',
    pool: 'MAIN',
    quantity: 10,
    channels: [
      { channel: 'douyin', quantity: 10 },
      { channel: 'jd', quantity: 10 },
    ],
  });
  for (const [nth, hub] of [partners.hubs[0], partners.hubs[1], partners.hubs[0]].entries()) {
    await reserve('A', { ttlSeconds: 3600 }, hub);
    await until(() => quantities(received).at(-1) === 9 - nth);
  }
  await reserve('A', { ttlSeconds: 1 });
  await until(() => quantities(received).at(-1) === 6);
  await until(() => quantities(received).at(-1) === 7); // by the clock alone
  const versions = told(received).map(({ version }) => version);
  expect(versions).toEqual([...new Set(versions)].sort());
});

test("numbers are those of the endpoint's channels, with their quotas", async () => {
  await count('B', 10);
  await ask(
    `mutation { setChannelQuotas(input: { idempotencyKey: "q", channel: "douyin", lines: [{ sku: "B", exclusive: 4 }] }) { __typename } }`,
  );
  const { received } = await partner(['atp.changed'], { skus: ['B'], channels: ['jd'] });
  await until(() => received.length === 1);
  expect(told(received)[0]).toMatchObject({ quantity: 10, channels: [{ channel: 'jd', quantity: 6 }] });
});

test('a receiver that is down gets the latest number when it is back, and one message for each SKU', async () => {
  await count('C', 100);
  await count('D', 100);
  const receiver = await partner(['atp.changed'], { skus: ['C', 'D'] });
  receiver.answer = () => 503;
  await until(() => receiver.received.length >= 2);
  for (let left = 99; left >= 90; left--) await reserve('C', { ttlSeconds: 3600 });
  const waiting = () =>
    partners.database.query<{ payload: { data: Told } }>(
      `select payload from webhook_delivery where endpoint_id = $1 and state = 'PENDING' order by key`,
      [receiver.endpoint.id],
    );
  await until(async () => {
    const rows = (await waiting()).map(({ payload: { data } }) => `${data.sku} ${data.quantity}`);
    return rows.join() === 'C 90,D 100';
  });
  const before = receiver.received.length;
  receiver.answer = () => 204;
  await makeDue();
  await until(() => receiver.taken().length === 2);
  expect(quantities(receiver.received.slice(before)).sort()).toEqual([100, 90]);
});

test('when the process that tells is killed, another goes on from what was told: nothing is lost, nothing told twice', async () => {
  await count('E', 50);
  await count('F', 50);
  const receiver = await partner(['atp.changed'], { skus: ['E', 'F'] });
  await until(() => receiver.received.length === 2);
  // Who is killed between sending and writing that down holds up what follows until its lease ends: another test's case.
  await until(async () => {
    const open = await partners.database.query(
      `select from webhook_delivery where endpoint_id = $1 and state = 'PENDING'`,
      [receiver.endpoint.id],
    );
    return open.length === 0;
  });
  const before = receiver.received.splice(0);
  const [teller] = await partners.database.query<{ port: number }>(
    `select a.client_port as port from pg_locks l join pg_stat_activity a using (pid)
     where l.locktype = 'advisory' and a.application_name = 'orderweave election' and l.granted
       and l.database = (select oid from pg_database where datname = current_database())`,
  );
  const victim = hubConnected(partners.hubs, { own: teller!.port });
  await victim.kill();
  partners.hubs.splice(partners.hubs.indexOf(victim), 1);
  await reserve('E', { ttlSeconds: 3600 });
  await reserve('E', { ttlSeconds: 3600 });
  await until(() => quantities(receiver.received).at(-1) === 48);
  const messages = told([...before, ...receiver.received]);
  expect(messages.filter(({ sku }) => sku === 'F')).toHaveLength(1);
  const versions = messages.filter(({ sku }) => sku === 'E').map(({ version }) => version);
  expect(versions).toEqual([...new Set(versions)].sort());
  await partners.start();
});

test('a replay tells the present promises once more', async () => {
  await count('A', 20);
  const receiver = await partner(['atp.changed'], { skus: ['A'] });
  await until(() => receiver.received.length > 0);
  const { version } = told(receiver.received).at(-1)!;
  receiver.received.splice(0);
  await ask(`mutation ($input: ReplayWebhooksInput!) { replayWebhooks(input: $input) }`, {
    input: { endpointId: receiver.endpoint.id, since: new Date().toISOString() },
  });
  await until(() => receiver.received.length === 1);
  expect(told(receiver.received)[0]).toMatchObject({ sku: 'A', version });
});

test.each([
  ['no SKUs', {}, 'BAD_USER_INPUT'],
  ['an unknown SKU', { skus: ['A', 'NONE'] }, 'UNKNOWN_SKU'],
  ['an unknown channel', { skus: ['A'], channels: ['none'] }, 'UNKNOWN_CHANNEL'],
  ['an unknown event', { eventTypes: ['atp.guessed'] }, 'BAD_USER_INPUT'],
  ['no event', { eventTypes: [] }, 'BAD_USER_INPUT'],
  ['a URL of another kind', { skus: ['A'], url: 'ftp://partner.example/' }, 'BAD_USER_INPUT'],
])('an endpoint with %s is refused', async (_what, more, code) => {
  const asked = partner(['atp.changed'], more);
  await expect(asked).rejects.toMatchObject({ response: { errors: [{ extensions: { code } }] } });
});
