import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import {
  FatalError,
  RetriableError,
  type Connector,
  type Cursor,
  type Page,
  type Source,
} from '../../../connectors/spi/index.ts';
import { trytonConnector } from '../../../connectors/tryton/connector.ts';
import { startFaultProxy, type FaultProxy, type Trouble } from '../../support/connectors/fault-proxy.ts';
import {
  canonical,
  endOf,
  latest,
  never,
  pagesOf,
  readWithKill,
  streamOf,
} from '../../support/connectors/reading-source.ts';
import type { People } from './client-of-people.ts';

/** A running Tryton, or what stands for it. */
export interface TrytonUnderTest {
  url: string;
  database: string;
  user: string;
  password: string;
  people: People;
  /** Of a complaint, with what is needed before there can be one. */
  complaintType: number;
  /** What it always answers within. */
  timeoutSeconds: number;
  stop(): Promise<void>;
}

const connector: Connector = trytonConnector;

/** What must hold of the connector, whatever it speaks to. */
export function trytonCases(start: () => Promise<TrytonUnderTest>): void {
  let system: TrytonUnderTest;
  let people: People;
  let proxy: FaultProxy;
  let config: Record<string, unknown>;
  let source: Source;
  const open = (change = {}) => connector.open({ ...config, ...change });
  const read = (cursor: Cursor | null, from = source) => pagesOf(from, 'parties', cursor);
  const partyOf = (id: number, pages: readonly Page[]) =>
    canonical(source, 'parties', latest(pages).get(String(id))!);

  beforeAll(async () => {
    system = await start();
    ({ people } = system);
    const have = (await people.ids('party.party')).length;
    if (have < 205) await people.parties(205 - have);
  }, 900_000);
  afterAll(() => system?.stop());
  beforeEach(async () => {
    proxy = await startFaultProxy(system.url);
    const { database, user, password } = system;
    config = { url: proxy.url, database, user, password };
    source = open();
  });
  afterEach(() => proxy.stop());

  describe('parties', () => {
    test('all are read, page by page', async () => {
      const pages = await read(null);
      expect(pages.length).toBeGreaterThan(2);
      const active = (await people.ids('party.party')).map(String);
      expect([...latest(pages).keys()]).toEqual(expect.arrayContaining(active));
    });

    test('a party becomes a customer, phones as they were typed', async () => {
      const cursor = await endOf(source, 'parties');
      const code = `C-${randomUUID()}`;
      const id = await people.create('party.party', {
        name: '王小明',
        code,
        contact_mechanisms: [
          [
            'create',
            [
              { type: 'mobile', value: '+86 138 0013 8000' },
              { type: 'email', value: 'xiaoming@example.test' },
              { type: 'phone', value: '(010) 6552 9988' },
            ],
          ],
        ],
      });
      expect(await partyOf(id, await read(cursor))).toEqual({
        externalId: String(id),
        name: '王小明',
        phones: ['+86 138 0013 8000', '(010) 6552 9988'],
        emails: ['xiaoming@example.test'],
        channelUsers: [],
        attributes: { code, state: 'active' },
        updatedAt: expect.stringMatching(/Z$/),
      });
    });

    test('a phone that is added, changed or deactivated, which does not touch the party, makes it be read again', async () => {
      const [id] = (await people.parties(1)) as [number];
      const created = (await partyOf(id, await read(null))) as { updatedAt: string };
      let cursor = await endOf(source, 'parties');
      const next = async () => {
        const pages = await read(cursor);
        cursor = pages.at(-1)!.cursor;
        return (await partyOf(id, pages)) as { phones: string[]; updatedAt: string };
      };
      const added = await people.create('party.contact_mechanism', {
        party: id,
        type: 'phone',
        value: '010-1',
      });
      const after = await next();
      expect(after.phones).toEqual(['+86 138 0013 8000', '010-1']);
      expect(after.updatedAt > created.updatedAt).toBe(true);
      await people.write('party.contact_mechanism', added, { value: '010-2' });
      expect((await next()).phones).toEqual(['+86 138 0013 8000', '010-2']);
      await people.write('party.contact_mechanism', added, { active: false });
      expect((await next()).phones).toEqual(['+86 138 0013 8000']);
      expect(await read(cursor)).toEqual([]);
    });

    test('a deactivated party is told of as inactive; a deleted one leaves no trace', async () => {
      const [inactive, gone] = (await people.parties(2)) as [number, number];
      const cursor = await endOf(source, 'parties');
      await people.write('party.party', inactive, { active: false });
      await people.delete('party.party', gone);
      const pages = await read(cursor);
      expect(await partyOf(inactive, pages)).toMatchObject({ attributes: { state: 'inactive' } });
      expect(latest(pages).has(String(gone))).toBe(false);
    });

    test('changes in quick succession are each read once they are there', async () => {
      const [id] = (await people.parties(1)) as [number];
      let cursor = await endOf(source, 'parties');
      for (const name of ['a', 'b', 'c']) {
        await people.write('party.party', id, { name });
        const pages = await read(cursor);
        expect(await partyOf(id, pages)).toMatchObject({ name });
        cursor = pages.at(-1)!.cursor;
      }
    });

    test('a hub that is killed goes on from its cursor; what was changed meanwhile is read by the next poll', async () => {
      const first = Math.min(...(await people.ids('party.party'))); // on the first page
      const name = `changed ${randomUUID()}`;
      const pages = await readWithKill(connector, config, 'parties', () =>
        people.write('party.party', first, { name }),
      );
      const active = (await people.ids('party.party')).map(String);
      expect([...latest(pages).keys()]).toEqual(expect.arrayContaining(active));
      expect(await partyOf(first, await read(pages.at(-1)!.cursor))).toMatchObject({ name });
    });

    test('only what has changed since an instant is read', async () => {
      const [id] = (await people.parties(1)) as [number];
      const stream = await streamOf(source, 'parties');
      const recent = await read(source.cursorFrom!(stream, new Date(Date.now() - 60_000)));
      expect(latest(recent).has(String(id))).toBe(true);
      expect(await read(source.cursorFrom!(stream, new Date(Date.now() + 3_600_000)))).toEqual([]);
    });
  });

  test('complaints become tickets, through their states, with their customer', async () => {
    const [customer] = (await people.parties(1)) as [number];
    const values = { customer, type: system.complaintType, description: '箱子破损', reference: 'SO-9001' };
    let cursor = (await pagesOf(source, 'complaints', null)).at(-1)?.cursor ?? null;
    const id = await people.create('sale.complaint', values);
    const next = async () => {
      const pages = await pagesOf(source, 'complaints', cursor);
      cursor = pages.at(-1)!.cursor;
      return canonical(source, 'complaints', latest(pages).get(String(id))!);
    };
    expect(await next()).toEqual({
      externalId: String(id),
      subject: expect.stringMatching(/^Damaged \d+$/),
      status: 'OPEN',
      openedAt: expect.stringMatching(/Z$/),
      updatedAt: expect.stringMatching(/Z$/),
      orderExternalId: 'SO-9001',
      requester: { name: '王小明 0', phone: '+86 138 0013 8000' },
    });
    await people.call('model.sale.complaint.cancel', [[id]]);
    expect(await next()).toMatchObject({ status: 'CLOSED' });
    expect((await open({ complaints: false }).discover(never)).map(({ name }) => name)).toEqual(['parties']);
  });

  describe('trouble', () => {
    test.each<Trouble>(['UNAVAILABLE', 'THROTTLED', 'SILENT', 'ANSWER_LOST'])(
      '%s in the middle of a read may pass, and nothing is lost',
      async (trouble) => {
        const active = (await people.ids('party.party')).map(String);
        const disturbed = open({ timeoutSeconds: system.timeoutSeconds });
        const before: Page[] = [];
        proxy.fail(trouble, 7); // logged in, four looks for the newest change, one page of two calls
        const reading = async () => {
          for await (const page of disturbed.read(await streamOf(disturbed, 'parties'), null, never))
            before.push(page);
        };
        await expect(reading()).rejects.toThrow(RetriableError);
        expect(before).toHaveLength(1);
        proxy.heal();
        const rest = await read(before[0]!.cursor, open());
        expect([...latest([...before, ...rest]).keys()]).toEqual(expect.arrayContaining(active));
      },
    );

    test('a session that has ended is renewed, for all calls that are under way', async () => {
      const cursor = await endOf(source, 'parties');
      const old = proxy.lastAuthorization!;
      await people.endSession(old);
      const [id] = (await people.parties(1)) as [number];
      const pages = await Promise.all([read(cursor), read(cursor), read(cursor)]);
      for (const each of pages) expect(latest(each).has(String(id))).toBe(true);
      expect(proxy.lastAuthorization).not.toBe(old);
    });

    test('a password that is refused needs a person, who is told, but not the password', async () => {
      const wrong = open({ password: 'wrong-password-1' });
      expect(await wrong.check(never)).toEqual({ ok: false, message: 'Tryton refuses user and password.' });
      await expect(read(null, wrong)).rejects.toThrow(FatalError);
      expect(await source.check(never)).toEqual({ ok: true, message: expect.stringContaining('parties') });
    });

    test('a database that is not there is said to be so', async () => {
      const answer = await open({ database: 'nothing' }).check(never);
      expect(answer).toEqual({ ok: false, message: expect.stringMatching(/^common\.db\.login/) });
    });

    test('never more than four calls are under way at once', async () => {
      await Promise.all(Array.from({ length: 8 }, () => read(null)));
      expect(proxy.mostAtOnce).toBeLessThanOrEqual(4);
      expect(proxy.mostAtOnce).toBeGreaterThan(1);
    });
  });
}
