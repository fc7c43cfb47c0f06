import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { spawnHub } from '../../support/hub-process.ts';
import { ownFolder } from '../../support/own-folder.ts';

let own: ReturnType<typeof ownFolder>;

beforeAll(() => {
  own = ownFolder();
});
afterAll(() => own.remove());

const BUS_URL =
  'HUB_BUS_URL must be nats://user:password@host:port/name (tls:// for TLS; all but the host may be left out), or several that differ in the host, with commas between';

test.each([
  ['PORT', 'abc', 'PORT must be a number'],
  ['PORT', '70000', 'PORT must be 0 (any free port) to 65535'],
  ['PORT', '-1', 'PORT must be 0 (any free port) to 65535'],
  ['PORT', '80.5', 'PORT must be a whole number'],
  [
    'DATABASE_URL',
    'mysql://root:hidden-value@db/shop',
    'DATABASE_URL must be postgres://user:password@host:port/database, or name several hosts with commas between',
  ],
  [
    'DATABASE_URL',
    'hidden-value',
    'DATABASE_URL must be postgres://user:password@host:port/database, or name several hosts with commas between',
  ],
  ['HUB_ADMIN_KEY', 'hidden-value', 'HUB_ADMIN_KEY must have at least 16 characters'],
  ['HUB_ADMIN_KEY', 'hidden-value with spaces', 'HUB_ADMIN_KEY must be printable ASCII without spaces'],
  ['HUB_SECRET_KEY', 'hidden-value', 'HUB_SECRET_KEY must have at least 32 characters'],
  ['HUB_WEBHOOK_TARGETS', 'some', 'HUB_WEBHOOK_TARGETS must be public or any'],
  ['HUB_SAMPLE', 'maybe', 'HUB_SAMPLE must be on or off'],
  ['HUB_IDEMPOTENCY_DAYS', '0', 'HUB_IDEMPOTENCY_DAYS must be 1 to 90'],
  ['HUB_IDEMPOTENCY_DAYS', '91', 'HUB_IDEMPOTENCY_DAYS must be 1 to 90'],
  ['HUB_IDEMPOTENCY_DAYS', '1.5', 'HUB_IDEMPOTENCY_DAYS must be a whole number'],
  ['HUB_IDEMPOTENCY_DAYS', 'week', 'HUB_IDEMPOTENCY_DAYS must be a number'],
  ['HUB_OUTGOING', 'no', 'HUB_OUTGOING must be on or off'],
  ['HUB_JOBS', 'no', 'HUB_JOBS must be on or off'],
  ['HUB_LEDGER_DAYS', '89', 'HUB_LEDGER_DAYS must be 90 to 36500'],
  ['HUB_TASK_DAYS', '0', 'HUB_TASK_DAYS must be 1 to 36500'],
  ['HUB_TRACKING_DAYS', 'never', 'HUB_TRACKING_DAYS must be a number'],
  [
    'HUB_DECISION_DAYS',
    '6',
    'HUB_DECISION_DAYS must be at least HUB_IDEMPOTENCY_DAYS, which is 7: a repeated command answers with such a row',
  ],
  [
    'HUB_LEDGER_ARCHIVE_DAYS',
    '399',
    'HUB_LEDGER_ARCHIVE_DAYS must be at least HUB_LEDGER_DAYS, which is 400',
  ],
  ['HUB_BUS_URL', 'hidden-value', BUS_URL],
  ['HUB_BUS_URL', 'redis://hidden-value', BUS_URL],
  ['HUB_BUS_URL', 'nats://a:4222,nats://hidden-value@b', BUS_URL],
  ['HUB_BUS_URL', 'nats://a/hidden.value', BUS_URL],
  ['HUB_BUS_URL', 'nats://a?tls=hidden-value', BUS_URL],
  ['HUB_BUS_URL', 'nats://', BUS_URL],
  ['HUB_SOCKETS_PER_KEY', '0', 'HUB_SOCKETS_PER_KEY must be 1 to 1000000'],
  ['HUB_OPERATIONS_PER_SOCKET', '10001', 'HUB_OPERATIONS_PER_SOCKET must be 1 to 10000'],
  ['HUB_SOCKET_BUFFER_BYTES', '1000', 'HUB_SOCKET_BUFFER_BYTES must be 65536 to 1073741824'],
  ['HUB_SOCKET_PING_SECONDS', 'often', 'HUB_SOCKET_PING_SECONDS must be a number'],
  ['HUB_HEADERS_SECONDS', '31', 'HUB_HEADERS_SECONDS must not exceed HUB_REQUEST_SECONDS'],
  ['HUB_REQUEST_SECONDS', '0', 'HUB_REQUEST_SECONDS must be 1 to 600'],
  ['HUB_KEEP_ALIVE_SECONDS', '3601', 'HUB_KEEP_ALIVE_SECONDS must be 1 to 3600'],
  ['HUB_WRONG_KEYS_PER_MINUTE', '0', 'HUB_WRONG_KEYS_PER_MINUTE must be 1 to 1000000'],
  ['HUB_MISSED_LOOKUPS', 'many', 'HUB_MISSED_LOOKUPS must be a number'],
  [
    'HUB_TRUSTED_PROXIES',
    '10.0.0.0/8, nginx',
    'HUB_TRUSTED_PROXIES must be addresses or networks (10.0.0.0/8) with commas between',
  ],
  ['LOG_LEVEL', 'loud', 'LOG_LEVEL must be fatal, error, warn, info, debug, trace or silent'],
])('%s=%s ends the start with a sentence', async (name, value, says) => {
  const dataDir = path.join(own.folder, 'data');
  const hub = spawnHub({ HUB_DATA_DIR: dataDir, [name]: value });
  expect(await hub.ended).toEqual({ code: 1, signal: null });
  expect(hub.output).toEqual({ stdout: '', stderr: `Configuration: ${says}\n` });
  expect(existsSync(dataDir)).toBe(false);
});

test('all wrong variables are named at once', async () => {
  const hub = spawnHub({ HUB_DATA_DIR: own.folder, PORT: 'abc', HUB_SAMPLE: 'maybe', LOG_LEVEL: 'loud' });
  expect((await hub.ended).code).toBe(1);
  expect(hub.output.stderr).toMatch(/^Configuration: PORT .*; HUB_SAMPLE .*; LOG_LEVEL .*\n$/);
});
