import { expect, test } from '@jest/globals';
import { CloseCode } from 'graphql-ws';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { REQUEST_CODES } from '../../../src/graph/policy/format-error.ts';
import {
  TOO_MANY_SOCKETS,
  TOO_MANY_MESSAGES,
  TOO_MANY_WRONG_KEYS,
  TOO_SLOW,
} from '../../../src/graph/websocket/socket-connection.ts';
import { errorCatalogue } from '../../../src/platform/errors.ts';
import { packageRoot } from '../../../src/platform/process/package-root.ts';

const page = readFileSync(path.join(packageRoot(), 'docs', 'errors.md'), 'utf8');

/** The cells of the table rows under a heading. */
function rowsUnder(heading: string): string[][] {
  const section = page.split(/^## /m).find((text) => text.startsWith(`${heading}\n`));
  const rows = section!
    .split('\n')
    .filter((line) => /^\| `?[A-Z\d]/.test(line) && !/^\| (Code|Close)/.test(line));
  return rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('`', '')),
  );
}

test('every code of the catalogue is documented as it is, and no other', () => {
  const documented = rowsUnder('Codes of the hub').map(([code, status, retryable]) => [
    code,
    Number(status),
    retryable,
  ]);
  const catalogued = Object.entries(errorCatalogue).map(([code, { http, retryable }]) => [
    code,
    http,
    retryable ? 'yes' : 'no',
  ]);
  expect(documented).toEqual(catalogued);
});

test('every row says what it means and what to do', () => {
  for (const [, , , meaning, remedy] of rowsUnder('Codes of the hub')) {
    expect(meaning).toMatch(/^\S.*\.$/);
    expect(remedy).toMatch(/^\S.*\.$/);
  }
});

test('the codes of the libraries that are let through are documented, and no other', () => {
  const documented = rowsUnder('Codes of GraphQL itself').map(([code]) => code);
  expect([...documented, 'BAD_USER_INPUT'].sort()).toEqual([...REQUEST_CODES].sort());
});

test('every code with which a server closes a socket is documented, and no other', () => {
  const ofClients = new Set<unknown>([
    CloseCode.InternalClientError,
    CloseCode.BadResponse,
    CloseCode.ConnectionAcknowledgementTimeout,
  ]);
  const ofProtocol = Object.values(CloseCode).filter(
    (code) => typeof code === 'number' && !ofClients.has(code),
  );
  const documented = rowsUnder('Two transports, the same codes').map(([code]) => Number(code));
  const ofOurs = [TOO_MANY_SOCKETS, TOO_SLOW, TOO_MANY_WRONG_KEYS, TOO_MANY_MESSAGES];
  expect(documented).toEqual([1001, 1003, 1007, 1009, ...ofOurs, ...ofProtocol.map(Number).sort()]);
});
