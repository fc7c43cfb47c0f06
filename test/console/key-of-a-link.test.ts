import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { openBrowser } from '../support/browser.ts';
import { startHub, type RunningHub } from '../support/hub.ts';
import { postGraphql } from '../support/post-graphql.ts';

let hub: RunningHub;
let browser: Browser;
let context: BrowserContext;
/** Addresses and referrers of all requests of the page. */
let seen: string[];
beforeAll(async () => {
  [hub, browser] = await Promise.all([startHub({ sample: true }), openBrowser()]);
}, 180_000);
afterAll(async () => {
  await Promise.allSettled([browser?.close(), hub?.stop()]);
});
beforeEach(async () => {
  seen = [];
  context = await browser.newContext({ locale: 'en-GB' });
  context.on('request', (request) => seen.push(request.url(), request.headers()['referer'] ?? ''));
});
afterEach(() => context.close());

async function makeKey(): Promise<string> {
  const { data } = await postGraphql(hub, {
    query: 'mutation { createApiKey(input: { name: "page", partner: "p", scopes: ["stock:read"] }) { key } }',
  });
  return (data as { createApiKey: { key: string } }).createApiKey.key;
}
const kept = (page: Page) => page.evaluate(() => Object.values({ ...sessionStorage }));

test.each(['/', '/graphiql'])(
  'the key of a link is used, and gone from the address bar and the history: %s',
  async (path) => {
    const page = await context.newPage();
    await page.goto(`${hub.url}${path}#key=${encodeURIComponent(hub.adminKey)}&more=1`);
    await page.waitForURL((url) => !url.hash.includes('key='));
    expect(page.url()).toBe(`${hub.url}${path}#more=1`);
    expect(await kept(page)).toContain(hub.adminKey);
    await page.goto(`${hub.url}/docs/`);
    await page.goBack();
    expect(page.url()).toBe(`${hub.url}${path}#more=1`);
    expect(seen.join('\n')).not.toContain(hub.adminKey);
  },
);

test('the key of a link does not replace the one in use, unless its user says so', async () => {
  const other = await makeKey();
  const page = await context.newPage();
  await page.goto(`${hub.url}/#key=${hub.adminKey}`);
  await page.getByTestId('sku').first().waitFor();
  const follow = () => page.evaluate(`location.hash = '#key=${other}'`);

  await follow();
  await page.getByText('The link has brought another access key').waitFor();
  expect(page.url()).toBe(`${hub.url}/`);
  expect(await kept(page)).toContain(hub.adminKey);
  await page.getByRole('button', { name: 'Keep my key' }).click();
  await page.getByText('The link has brought another access key').waitFor({ state: 'hidden' });
  expect(await kept(page)).toContain(hub.adminKey);

  await follow();
  await page.getByRole('button', { name: 'Take the new key' }).click();
  await page.waitForFunction((key) => Object.values({ ...sessionStorage }).includes(key), other);
  expect(await kept(page)).not.toContain(hub.adminKey);
});
