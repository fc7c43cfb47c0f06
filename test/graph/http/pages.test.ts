import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { connect } from 'node:net';
import { startHub, type RunningHub } from '../../support/hub.ts';

let hub: RunningHub;

beforeAll(async () => {
  hub = await startHub();
});
afterAll(() => hub?.stop());

/** As it is written: a URL object and fetch would resolve the dots before they are sent. */
async function get(path: string): Promise<{ status: number; text: string }> {
  const { hostname, port } = new URL(hub.url);
  const socket = connect(Number(port), hostname);
  socket.end(`GET ${path} HTTP/1.1\r\nhost: ${hostname}\r\nconnection: close\r\n\r\n`);
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await once(socket, 'close');
  return { status: Number(text.split(' ')[1]), text };
}

test.each(['/', '/graphiql', '/docs/errors', '/docs/nothing', '/livez'])(
  '%s has the security headers',
  async (path) => {
    const { headers } = await fetch(hub.url + path);
    expect(headers.get('content-security-policy')).toMatch(
      /default-src 'none'.*script-src 'self';.*frame-ancestors 'none'/,
    );
    expect(headers.get('content-security-policy')).not.toMatch(
      /unsafe-eval|script-src[^;]*unsafe-inline|https?:/,
    );
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('x-powered-by')).toBeNull();
  },
);

test('the pages may change, the assets they name never do', async () => {
  const page = await fetch(`${hub.url}/`);
  expect(page.headers.get('cache-control')).toBe('no-cache');
  const asset = /\/assets\/[^"]+\.js/.exec(await page.text())![0];
  const script = await fetch(hub.url + asset);
  expect(script.status).toBe(200);
  expect(script.headers.get('cache-control')).toMatch(/immutable/);
  expect(script.headers.get('x-content-type-options')).toBe('nosniff');
});

test('the documentation is rendered', async () => {
  const page = await fetch(`${hub.url}/docs/errors`);
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(await page.text()).toMatch(/<h1[^>]*>Errors<\/h1>/);
  expect((await fetch(`${hub.url}/docs/errors.md`)).status).toBe(200);
  expect((await fetch(`${hub.url}/docs`, { redirect: 'manual' })).headers.get('location')).toBe('/docs/');
});

describe('a path that leaves its folder finds nothing', () => {
  test.each([
    '/docs/../package.json',
    '/docs/../src/main',
    '/docs/%2e%2e/package.json',
    '/docs/%2e%2e%2fpackage.json',
    '/docs/..%2fREADME.md',
    '/docs/..%5cpackage.json',
    '/docs/%2fetc%2fpasswd',
    '/docs//etc/passwd',
    '/docs/errors%00',
    '/docs/errors%00.md',
    '/docs/errors.md%2f..%2f..%2fpackage.json',
    '/docs/adr',
    '/assets/../../../package.json',
    '/assets/%2e%2e/%2e%2e/%2e%2e/package.json',
    '/%2e%2e/src/main.js',
    '/../package.json',
    '//etc/passwd',
  ])('%s', async (path) => {
    const { status, text } = await get(path);
    expect([400, 403, 404]).toContain(status);
    expect(text).not.toMatch(/"name": ?"orderweave"|root:|import /);
  });
});
