import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { GraphQLClient } from 'graphql-request';
import { randomUUID } from 'node:crypto';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { ChannelsDocument, ReserveDocument } from '../generated/graphql.ts';
import { openBrowser } from '../support/browser.ts';
import { until } from '../support/until.ts';
import { startHub } from '../support/hub.ts';

/** A customer of the sample shop; the phone field of the page is filled with it. */
const SAMPLE_PHONE = '13800138000';

let hub: Awaited<ReturnType<typeof startHub>>;
let browser: Browser;
let context: BrowserContext;
/** Script errors, and what the hub's Content-Security-Policy forbade: there must be none on any page. */
let complaints: string[];

beforeAll(async () => {
  [hub, browser] = await Promise.all([startHub({ sample: true }), openBrowser()]);
}, 180_000);

afterAll(async () => {
  await Promise.allSettled([browser?.close(), hub?.stop()]);
});

beforeEach(async () => {
  complaints = [];
  context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1280, height: 900 } });
  context.on('weberror', (error) => complaints.push(error.error().message));
  context.on('console', (message) => {
    if (/Content Security Policy/i.test(message.text())) complaints.push(message.text());
  });
});

afterEach(async () => {
  await context.close();
  expect(complaints).toEqual([]);
});

async function open(path: string, key = hub.adminKey): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${hub.url}${path}#key=${encodeURIComponent(key)}`);
  return page;
}

const firstCard = (page: Page) => page.getByTestId('sku').first();

async function quantityOf(card: Locator): Promise<number> {
  const text = await card.getByTestId('quantity').textContent();
  return Number(text?.replaceAll(',', ''));
}

/** Resolves when the number on the card is this one; the subscription must bring it. */
const untilQuantity = (card: Locator, quantity: number) =>
  card
    .getByTestId('quantity')
    .filter({ hasText: new RegExp(`^${quantity.toLocaleString('en-GB')}$`) })
    .waitFor();

async function sumOfTerms(card: Locator): Promise<number> {
  const terms = await card
    .locator('[data-quantity]')
    .evaluateAll((all) => all.map((term) => Number(term.getAttribute('data-quantity'))));
  return terms.reduce((sum, term) => sum + term, 0);
}

async function reserveElsewhere(sku: string, quantity: number) {
  const client = new GraphQLClient(`${hub.url}/graphql`, {
    headers: { authorization: `Bearer ${hub.adminKey}` },
  });
  const { channels } = await client.request(ChannelsDocument);
  const { reserve } = await client.request(ReserveDocument, {
    input: {
      idempotencyKey: randomUUID(),
      channel: channels[0]!.code,
      reference: 'first-page.test',
      lines: [{ sku, quantity }],
      ttlSeconds: 600,
    },
  });
  return reserve;
}

test('the number on the board falls by exactly what another client reserves, and its terms sum to it', async () => {
  const card = firstCard(await open('/'));
  await card.getByTestId('quantity').waitFor();
  const before = await quantityOf(card);
  const sku = (await card.getAttribute('data-sku'))!;

  expect(await reserveElsewhere(sku, 2)).toMatchObject({ __typename: 'Reservation', state: 'HELD' });

  await untilQuantity(card, before - 2);
  expect(await sumOfTerms(card)).toBe(before - 2);
});

test('a unit is reserved and released on the page', async () => {
  const card = firstCard(await open('/'));
  await card.getByTestId('quantity').waitFor();
  const before = await quantityOf(card);

  await card.getByRole('button', { name: /^Reserve 1 of/ }).click();
  await card.getByText(/^Reserved until/).waitFor();
  await untilQuantity(card, before - 1);

  await card.getByRole('button', { name: 'Release' }).click();
  await card.getByText('Released: the unit is available again.').waitFor();
  await untilQuantity(card, before);
});

test('a reserved unit is confirmed on the page and stays promised', async () => {
  const card = firstCard(await open('/'));
  await card.getByTestId('quantity').waitFor();
  const before = await quantityOf(card);

  await card.getByRole('button', { name: /^Reserve 1 of/ }).click();
  await card.getByRole('button', { name: 'Confirm' }).click();
  await card.getByText('Confirmed: the unit is promised.').waitFor();

  await untilQuantity(card, before - 1);
});

test('a phone number opens the customer with identities, orders and sources', async () => {
  const page = await open('/');
  await page.getByLabel('Phone number').fill(SAMPLE_PHONE);
  await page.getByRole('button', { name: 'Look up' }).click();

  const customer = page.getByTestId('customer');
  await customer.waitFor();
  const identities = customer.getByRole('region', { name: 'Known as' });
  expect(await identities.textContent()).toContain(SAMPLE_PHONE);
  const orders = customer.getByRole('region', { name: /^Orders/ }).getByRole('listitem');
  expect(await orders.count()).toBeGreaterThan(0);
  const sources = customer.getByRole('region', { name: 'Sources' }).getByRole('listitem');
  expect(await sources.count()).toBeGreaterThan(0);
});

test('the language switches at once and is remembered', async () => {
  const page = await open('/');
  await page.getByRole('heading', { name: 'Available to promise' }).waitFor();

  await page.getByRole('button', { name: '中文' }).click();
  await page.getByRole('heading', { name: '可承诺库存' }).waitFor();
  await firstCard(page)
    .getByRole('button', { name: /^预留 1 件/ })
    .waitFor();

  await page.reload();
  await page.getByRole('heading', { name: '可承诺库存' }).waitFor();
  expect(await page.locator('html').getAttribute('lang')).toBe('zh-CN');
});

test('the key leaves the address bar, and lasts for the tab', async () => {
  const page = await open('/');
  await firstCard(page).getByTestId('quantity').waitFor();
  expect(page.url()).toBe(`${hub.url}/`);

  await page.reload();
  await firstCard(page).getByTestId('quantity').waitFor();
});

test.each(['/', '/graphiql'])(
  'a wrong key opens the key dialog on %s, and a good one closes it',
  async (path) => {
    const page = await open(path, 'not-a-key');
    const dialog = page.getByRole('dialog', { name: 'Access key' });
    await dialog.getByText('The hub refused this key.', { exact: false }).waitFor();

    await dialog.getByLabel('Key', { exact: true }).fill(hub.adminKey);
    await dialog.getByRole('button', { name: 'Use this key' }).click();
    await dialog.waitFor({ state: 'hidden' });
    const content = path === '/' ? firstCard(page) : page.getByRole('tab', { name: 'ScreenPop' });
    await content.waitFor();
  },
);

test('GraphiQL runs an example over HTTP and a subscription over the socket', async () => {
  const page = await open('/graphiql');
  await page.getByRole('button', { name: 'Show Examples' }).click();
  await runExample(page, 'Skus', 'nodes');
  await runExample(page, 'WatchAtp', 'SNAPSHOT');
}, 180_000);

/** Opens an example and runs it until its answer shows: GraphiQL ignores a click while it still reads the document. */
async function runExample(page: Page, name: string, answer: string): Promise<void> {
  await page.getByRole('button', { name: new RegExp(`^${name} `) }).click();
  // A busy machine takes its time over the first paint of the editor.
  await page
    .locator('.graphiql-query-editor .view-line', { hasText: name })
    .first()
    .waitFor({ timeout: 60_000 });
  const shown = page.locator('.graphiql-response .view-line', { hasText: answer }).first();
  await until(async () => {
    if (!(await shown.isVisible()))
      await page
        .getByRole('button', { name: /^Execute query/ })
        .click({ timeout: 5_000 })
        .catch(() => undefined);
    return shown.waitFor({ timeout: 5_000 }).then(
      () => true,
      () => false,
    );
  });
}
