import { describe, expect, test } from '@jest/globals';
import { isPublicAddress, urlProblem } from '../../../src/webhooks/http/ssrf-guard.ts';
import { until } from '../../support/until.ts';
import { createEndpoint, partnersFixture } from '../../support/webhooks/fixture.ts';
import { startReceiver } from '../../support/webhooks/receiver.ts';

test.each(['8.8.8.8', '1.1.1.1', '172.32.0.1', '2606:4700:4700::1111'])('%s is public', (address) => {
  expect(isPublicAddress(address)).toBe(true);
});
test.each([
  '127.0.0.1',
  '10.1.2.3',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '169.254.169.254',
  '100.64.0.1',
  '0.0.0.0',
  '224.0.0.1',
  '255.255.255.255',
  '198.18.0.1',
  '192.0.2.1',
  '::1',
  '::',
  'fe80::1',
  'fc00::1',
  'fd12::1',
  '::ffff:127.0.0.1',
  '::ffff:8.8.8.8',
  '64:ff9b::7f00:1',
  '2001:db8::1',
  '2002:7f00:1::',
  'ff02::1',
  'localhost',
  '',
])('%s is not', (address) => {
  expect(isPublicAddress(address)).toBe(false);
});

test.each([
  ['https://partner.example/hooks?a=b', undefined],
  ['https://8.8.8.8/', undefined],
  ['http://partner.example/', 'must begin with https:'],
  ['ftp://partner.example/', 'must begin with https:'],
  ['https://user:word@partner.example/', 'must not hold a user or password'],
  ['https://partner.example/#part', 'must not have a fragment'],
  ['https://127.0.0.1/', 'must not be a private address'],
  ['https://127.1/', 'must not be a private address'],
  ['https://0x7f000001/', 'must not be a private address'],
  ['https://2130706433/', 'must not be a private address'],
  ['https://[::1]/', 'must not be a private address'],
  ['https://[::ffff:10.0.0.1]/', 'must not be a private address'],
  ['partner.example', 'must be a URL'],
  ['https://partner.example/\r\nX: y', 'must not hold blanks or control characters'],
  ['https://partner.example/a b', 'must not hold blanks or control characters'],
  ['https://partner.example/\u200b', 'must not hold blanks or control characters'],
])('%s: %s', (url, problem) => {
  expect(urlProblem(url, 'public')).toBe(problem);
});

describe('a hub that lets webhooks go to public addresses only', () => {
  const partners = partnersFixture(['A'], 0);
  const start = () => partners.start({ HUB_WEBHOOK_TARGETS: '' });

  test('refuses a private address, and one that a name leads to when it connects', async () => {
    await start();
    const refused = createEndpoint(partners, {
      url: 'https://10.0.0.1/hooks',
      eventTypes: ['order.state_changed'],
    });
    await expect(refused).rejects.toMatchObject({
      response: { errors: [{ message: '`url` must not be a private address.' }] },
    });

    const inside = await startReceiver();
    const { port } = new URL(inside.url);
    const { id } = await createEndpoint(partners, {
      url: `https://localhost:${port}/hooks`,
      eventTypes: ['order.state_changed'],
    });
    const sendTest = () =>
      partners.ask(`mutation ($id: ID!) { sendTestWebhook(input: { endpointId: $id }) { id } }`, { id });
    const lastErrors = () =>
      partners.database.query<{ error: string | null }>('select last_error as error from webhook_delivery');
    await sendTest();
    await until(async () => (await lastErrors()).every(({ error }) => error !== null));
    expect(await lastErrors()).toEqual([{ error: 'the name does not lead to a public address' }]);

    // One that was allowed before: by its URL, again when it is sent.
    await partners.database.query(`update webhook_endpoint set url = $1`, [inside.url]);
    await partners.database.query(`delete from webhook_delivery`);
    await sendTest();
    await until(async () => (await lastErrors()).every(({ error }) => error !== null));
    expect(await lastErrors()).toEqual([{ error: 'the URL must begin with https:' }]);
    expect(inside.received).toEqual([]);
    await inside.close();
  });
});

describe('the key that secrets are sealed with', () => {
  const partners = partnersFixture(['A'], 0);
  const made = () =>
    createEndpoint(partners, { url: 'https://partner.example/', eventTypes: ['order.state_changed'] });

  test('must be given where hubs share a database; another one opens nothing, and says so', async () => {
    const keyless = await partners.start({ HUB_SECRET_KEY: '' });
    await expect(made()).rejects.toMatchObject({
      response: { errors: [{ extensions: { code: 'SECRET_KEY_MISSING' } }] },
    });
    await keyless.stop();
    partners.hubs.splice(0);

    const first = await partners.start();
    const inside = await startReceiver();
    const { id } = await createEndpoint(partners, { url: inside.url, eventTypes: ['order.state_changed'] });
    await first.stop();
    partners.hubs.splice(0);

    const other = await partners.start({ HUB_SECRET_KEY: 'another-secret-key-0123456789abcdef-012345' });
    await partners.ask(`mutation ($id: ID!) { sendTestWebhook(input: { endpointId: $id }) { id } }`, { id });
    await until(async () => {
      const [row] = await partners.database.query<{ error: string | null }>(
        'select last_error as error from webhook_delivery',
      );
      return row!.error === 'the signing secret cannot be opened';
    });
    expect(other.output().stderr).toMatch(/sealed with another HUB_SECRET_KEY/);
    expect(inside.received).toEqual([]);
    await inside.close();
  });
});
