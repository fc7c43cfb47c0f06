import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { FatalError, RetriableError } from '../../connectors/spi/index.ts';
import { TrytonClient } from '../../connectors/tryton/client.ts';
import { trytonConfig } from '../../connectors/tryton/config.ts';
import { plain, tagged } from '../../connectors/tryton/values.ts';
import { never } from '../support/connectors/reading-source.ts';
import { startScriptedServer, type ScriptedServer } from '../support/connectors/scripted-server.ts';
import { trytonCases } from './tryton/cases.ts';
import { People } from './tryton/client-of-people.ts';
import { DATABASE, PASSWORD, USER, startContractServer } from './tryton/contract-server.ts';

/** The same cases run on the real Tryton in test/systems/tryton. */
describe('Tryton, as its contract server', () => {
  trytonCases(async () => {
    const { url, stop } = await startContractServer();
    return {
      url,
      database: DATABASE,
      user: USER,
      password: PASSWORD,
      people: new People(url, DATABASE, USER, PASSWORD),
      complaintType: 1,
      timeoutSeconds: 1,
      stop: async () => stop(),
    };
  });
});

describe('values of Tryton', () => {
  test('instants keep their microseconds, decimals their digits, and names lose their dot', () => {
    const at = '2026-11-22T20:43:04.578431Z';
    expect(plain(tagged(at))).toBe(at);
    const told = {
      'customer.': { id: 3 },
      total: { __class__: 'Decimal', decimal: '1999.00' },
      date: { __class__: 'date', year: 2026, month: 1, day: 2 },
      none: null,
    };
    expect(plain([told])).toEqual([
      { customer: { id: 3 }, total: '1999.00', date: '2026-01-02', none: null },
    ]);
  });
});

test('calls that come together log in once', async () => {
  const server = await startScriptedServer();
  let logins = 0;
  server.answers = (body) => {
    const isLogin = body.includes('common.db.login');
    if (isLogin) logins++;
    return JSON.stringify({ id: 1, result: isLogin ? [1, 'key'] : [] });
  };
  const client = new TrytonClient(
    trytonConfig.parse({ url: server.url, database: 'crm', user: 'a', password: 'b' }),
  );
  const query = { domain: [], limit: 1, order: [], fields: [] };
  await Promise.all([1, 2, 3, 4].map(() => client.searchRead('party.party', query, never)));
  server.stop();
  expect(logins).toBe(1);
});

describe('errors of Tryton that come with status 200', () => {
  let server: ScriptedServer;
  beforeEach(async () => {
    server = await startScriptedServer();
  });
  afterEach(() => server.stop());

  test.each([
    [
      'UserError',
      ['The code on party must be unique.', '', null],
      FatalError,
      'The code on party must be unique.',
    ],
    ['ConcurrencyException', ['Record modified', ''], RetriableError, 'ConcurrencyException'],
    ['OperationalError', 'database is locked', RetriableError, 'OperationalError'],
    ["'nope'", '', FatalError, 'was refused'],
  ])('%s', async (exception, details, kind, sentence) => {
    server.answers = (body) =>
      JSON.stringify(
        body.includes('login') ? { id: 1, result: [1, 'key'] } : { id: 1, error: [exception, details] },
      );
    const client = new TrytonClient(
      trytonConfig.parse({ url: server.url, database: 'crm', user: 'a', password: 'b' }),
    );
    const query = { domain: [], limit: 1, order: [], fields: [] };
    const failure = client.searchRead('party.party', query, never).catch((error: unknown) => error);
    expect(await failure).toBeInstanceOf(kind);
    expect(String(await failure)).toContain(sentence);
  });
});
