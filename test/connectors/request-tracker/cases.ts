import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { requestTrackerConnector } from '../../../connectors/request-tracker/connector.ts';
import {
  FatalError,
  PushRefused,
  RetriableError,
  type Cursor,
  type RawPush,
  type Source,
} from '../../../connectors/spi/index.ts';
import { until } from '../../support/until.ts';
import { startFaultProxy, type FaultProxy, type Trouble } from '../../support/connectors/fault-proxy.ts';
import type { PushReceiver } from '../../support/connectors/push-receiver.ts';
import {
  canonical,
  endOf,
  latest,
  never,
  pagesOf,
  readWithKill,
  streamOf,
} from '../../support/connectors/reading-source.ts';
import { Tracker } from './tracker.ts';

/** A running Request Tracker, or what stands for it. */
export interface TrackerUnderTest {
  url: string;
  token: string;
  /** Gets what the Scrip posts. */
  receiver: PushReceiver;
  webhookSecret: string;
  /** What it always answers within. */
  timeoutSeconds: number;
  stop(): Promise<void>;
}

/** What must hold of the connector, whatever it speaks to. */
export function trackerCases(start: () => Promise<TrackerUnderTest>): void {
  let system: TrackerUnderTest;
  let tracker: Tracker;
  let proxy: FaultProxy;
  let config: Record<string, unknown>;
  let source: Source;
  const open = (change = {}) => requestTrackerConnector.open({ ...config, ...change });
  const read = (cursor: Cursor | null, from = source) => pagesOf(from, 'tickets', cursor);
  const statusOf = async (id: string, pages: Awaited<ReturnType<typeof read>>) =>
    ((await canonical(source, 'tickets', latest(pages).get(id)!)) as { status: string }).status;

  beforeAll(async () => {
    system = await start();
    tracker = new Tracker(system.url, system.token);
    for (let have = await tracker.total(); have < 205; have++) await tracker.create(`old ${have}`);
  }, 600_000);
  afterAll(() => system?.stop());
  beforeEach(async () => {
    proxy = await startFaultProxy(system.url);
    config = { url: proxy.url, token: system.token, webhookSecret: system.webhookSecret };
    source = open();
  });
  afterEach(() => proxy.stop());

  describe('reading', () => {
    test('everything is read, over pages whose size the system caps in silence', async () => {
      expect((await tracker.page({ per_page: '500' })).per_page).toBe(100);
      const pages = await read(null);
      expect(pages.length).toBeGreaterThan(2);
      const ids = pages.flatMap(({ records }) => records.map(({ id }) => id));
      expect(new Set(ids).size).toBeGreaterThanOrEqual(await tracker.total());
    });

    test('a ticket becomes what the hub understands, the phone as it was typed', async () => {
      const email = await tracker.person('xm');
      const cursor = await endOf(source, 'tickets');
      const id = await tracker.create('退货申请', email, { OrderNo: 'SO-9001', Channel: 'douyin' });
      const found = latest(await read(cursor)).get(id)!;
      expect(await canonical(source, 'tickets', found)).toEqual({
        externalId: id,
        subject: '退货申请',
        status: 'OPEN',
        openedAt: expect.stringMatching(/Z$/),
        updatedAt: expect.stringMatching(/Z$/),
        channel: 'douyin',
        orderExternalId: 'SO-9001',
        requester: { name: '王小明', email, phone: '138 0013 8000' },
      });
    });

    test('what changes within one second is read, each change once it is there; then nothing more', async () => {
      const id = await tracker.create('quick');
      let cursor = await endOf(source, 'tickets');
      for (const status of ['open', 'stalled', 'resolved']) {
        await tracker.change(id, { Status: status });
        const pages = await read(cursor);
        expect(latest(pages).get(id)!.data.Status).toBe(status);
        cursor = pages.at(-1)!.cursor;
      }
      const before = proxy.calls;
      expect(await read(cursor)).toEqual([]);
      expect(proxy.calls - before).toBeLessThanOrEqual(3);
    });

    test('deleted and merged tickets are told of as closed, in a read and when read back', async () => {
      const email = await tracker.person('xm');
      const [deleted, merged, survivor] = [
        await tracker.create('to be deleted', email),
        await tracker.create('to be merged', email),
        await tracker.create('survivor', email),
      ];
      const cursor = await endOf(source, 'tickets');
      await tracker.change(deleted, { Status: 'deleted' });
      await tracker.change(merged, { MergeInto: Number(survivor) });
      const pages = await read(cursor);
      expect(await statusOf(deleted, pages)).toBe('CLOSED');
      expect(await statusOf(merged, pages)).toBe('CLOSED');
      expect(await statusOf(survivor, pages)).toBe('OPEN');
      expect(await canonical(source, 'tickets', latest(pages).get(deleted)!)).toMatchObject({
        subject: 'to be deleted',
        requester: { email, phone: '138 0013 8000' },
      });
      const stream = await streamOf(source, 'tickets');
      const back = await source.webhook!.readBack(stream, [deleted, merged, survivor, '99999999'], never);
      expect(back.map(({ id }) => id).sort()).toEqual([deleted, merged, survivor].sort());
    });

    test('a hub that is killed goes on from its cursor, and what was changed meanwhile is read as it is', async () => {
      const first = await tracker.create('changed while all is read');
      const pages = await readWithKill(requestTrackerConnector, config, 'tickets', () =>
        tracker.change(first, { Status: 'stalled' }),
      );
      expect(latest(pages).size).toBeGreaterThanOrEqual(await tracker.total());
      expect(latest(pages).get(first)!.data.Status).toBe('stalled');
    });

    test('only what has changed since an instant is read, whatever the time zone of the user', async () => {
      const since = new Date();
      const id = await tracker.create('after the instant');
      const stream = await streamOf(source, 'tickets');
      const ids = [
        ...latest(await read(source.cursorFrom!(stream, new Date(since.getTime() - 1000)))).keys(),
      ];
      expect(ids).toContain(id);
      expect(await read(source.cursorFrom!(stream, new Date(Date.now() + 3_600_000)))).toEqual([]);
    });
  });

  describe('trouble', () => {
    test.each<Trouble>(['UNAVAILABLE', 'THROTTLED', 'SILENT', 'ANSWER_LOST'])(
      '%s in the middle of a read may pass, and nothing is lost',
      async (trouble) => {
        const total = await tracker.total();
        const disturbed = open({ timeoutSeconds: system.timeoutSeconds });
        const before: Awaited<ReturnType<typeof read>> = [];
        proxy.fail(trouble, 2);
        const reading = async () => {
          for await (const page of disturbed.read(await streamOf(disturbed, 'tickets'), null, never))
            before.push(page);
        };
        await expect(reading()).rejects.toThrow(RetriableError);
        expect(before).toHaveLength(1);
        proxy.heal();
        const rest = await read(before[0]!.cursor, open());
        expect(latest([...before, ...rest]).size).toBeGreaterThanOrEqual(total);
      },
    );

    test('trouble that passes soon is not even noticed', async () => {
      proxy.fail('UNAVAILABLE', 1, 2);
      expect(latest(await read(null)).size).toBeGreaterThanOrEqual(await tracker.total());
    });

    test('a token that is refused needs a person, who is told, but not the token', async () => {
      const wrong = open({ token: '1-14-wrong-token' });
      expect(await wrong.check(never)).toEqual({ ok: false, message: expect.stringContaining('401') });
      const failure = await read(null, wrong).catch((error: unknown) => error as Error);
      expect(failure).toBeInstanceOf(FatalError);
      expect(JSON.stringify([failure, (failure as Error).message])).not.toContain('wrong-token');
      expect(await source.check(never)).toEqual({
        ok: true,
        message: expect.stringMatching(/^Request Tracker 5/),
      });
    });

    test('never more than four calls are under way at once', async () => {
      const stream = await streamOf(source, 'tickets');
      const ids = (await read(null))[0]!.records.slice(0, 12).map(({ id }) => id);
      await Promise.all(ids.map((id) => source.webhook!.readBack(stream, [id], never)));
      expect(proxy.mostAtOnce).toBeLessThanOrEqual(4);
      expect(proxy.mostAtOnce).toBeGreaterThan(1);
    });
  });

  describe('messages to customers', () => {
    const told = { idempotencyKey: 'order-9001-late', text: '您的包裹已发出 📦' };

    test('a message that is told twice is one reply', async () => {
      const ticketExternalId = await tracker.create('where is it');
      const first = await source.messages!.pushMessage({ ...told, ticketExternalId }, never);
      const again = await open().messages!.pushMessage({ ...told, ticketExternalId }, never);
      expect(again).toEqual(first);
      const replies = await tracker.messages(ticketExternalId, 'Correspond');
      expect(replies).toEqual([expect.stringMatching(/^您的包裹已发出 📦\n\nRef\. OW[0-9a-f]{20}\s*$/u)]);
    });

    test('a message whose answer was lost is looked for before it is told again', async () => {
      const ticketExternalId = await tracker.create('lost answer');
      proxy.fail('ANSWER_LOST', 2, 1); // the ticket and its messages are looked at, then it is written
      await source.messages!.pushMessage({ ...told, ticketExternalId }, never);
      expect(await tracker.messages(ticketExternalId, 'Correspond')).toHaveLength(1);
    });

    test('another message is another reply, and comments are seen by staff only', async () => {
      const ticketExternalId = await tracker.create('two');
      await source.messages!.pushMessage({ ...told, ticketExternalId }, never);
      await source.messages!.pushMessage({ ...told, idempotencyKey: 'other', ticketExternalId }, never);
      expect(await tracker.messages(ticketExternalId, 'Correspond')).toHaveLength(2);
      const staff = open({ messagesAs: 'COMMENT' }).messages!;
      await staff.pushMessage({ idempotencyKey: 'third', text: 'call back', ticketExternalId }, never);
      expect(await tracker.messages(ticketExternalId, 'Comment')).toHaveLength(1);
    });

    test('a message to a merged ticket stands, once, in the one that it was merged into', async () => {
      const [merged, survivor] = [await tracker.create('merged'), await tracker.create('into')];
      await tracker.change(merged, { MergeInto: Number(survivor) });
      for (let round = 0; round < 2; round++)
        await source.messages!.pushMessage({ ...told, ticketExternalId: merged }, never);
      expect(await tracker.messages(survivor, 'Correspond')).toHaveLength(1);
    });

    test.each([
      ['no ticket', {}, 'must name its ticket'],
      ['what is no id', { ticketExternalId: '1/history' }, 'its ids are numbers'],
      ['a ticket that is not there', { ticketExternalId: '99999999' }, 'There is no ticket'],
    ])('a message to %s needs a person', async (_what, to, sentence) => {
      const failure = source.messages!.pushMessage({ ...told, ...to }, never);
      await expect(failure).rejects.toThrow(sentence);
      await expect(failure).rejects.toThrow(FatalError);
    });
  });

  describe('pushes', () => {
    const ticketOf = (push: RawPush) =>
      (JSON.parse(Buffer.from(push.body).toString()) as { ticket: number }).ticket;
    const pushesOf = (id: string) => system.receiver.pushes.filter((push) => ticketOf(push) === Number(id));

    test('each change is pushed, signed; in whatever order pushes come, what is read back is how it is', async () => {
      const id = await tracker.create('pushed');
      await tracker.change(id, { Status: 'open' });
      await tracker.change(id, { Status: 'resolved' });
      await until(() => pushesOf(id).length >= 3);
      const stream = await streamOf(source, 'tickets');
      for (const push of pushesOf(id).toReversed()) {
        const { hints } = await source.webhook!.receive(push);
        expect(hints).toEqual([{ pushId: expect.any(String), stream: 'tickets', recordIds: [id] }]);
        const [record] = await source.webhook!.readBack(stream, hints[0]!.recordIds, never);
        expect(record!.data.Status).toBe('resolved');
      }
      const pushIds = await Promise.all(
        pushesOf(id).map(async (push) => (await source.webhook!.receive(push)).hints[0]!.pushId),
      );
      expect(new Set(pushIds).size).toBe(pushIds.length);
    });

    test('what was pushed to a hub that was down is lost, and read all the same', async () => {
      const id = await tracker.create('the hub is down');
      const cursor = await endOf(source, 'tickets');
      system.receiver.isUp = false;
      await tracker.change(id, { Status: 'resolved' });
      system.receiver.isUp = true;
      await tracker.create('the hub is up');
      expect(await statusOf(id, await read(cursor))).toBe('SOLVED');
    });

    test('a push that another has signed, or nobody, is refused', async () => {
      const id = await tracker.create('signed');
      await until(() => pushesOf(id).length > 0);
      const push = pushesOf(id)[0]!;
      const other = open({ webhookSecret: 'another-secret-0123456789' });
      await expect(other.webhook!.receive(push)).rejects.toThrow(PushRefused);
      await expect(source.webhook!.receive({ ...push, headers: {} })).rejects.toThrow(PushRefused);
      expect(open({ webhookSecret: undefined }).webhook).toBeUndefined();
    });
  });
}
