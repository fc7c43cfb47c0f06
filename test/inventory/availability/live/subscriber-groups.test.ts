import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { atpVersion } from '../../../../src/inventory/model/atp-version.ts';
import { SubscriberGroups } from '../../../../src/inventory/availability/live/subscriber-groups.ts';
import type { AtpFeed, Follower } from '../../../../src/inventory/availability/live/atp-feed.ts';
import type { LiveUpdate } from '../../../../src/inventory/availability/live/latest-value-queue.ts';
import type { EventReceiver, EventRenderer } from '../../../../src/platform/api/shared-event-source.ts';
import { readingOf } from '../../../support/inventory/live-reading.ts';
import { balanceKeyString } from '../../../../src/inventory/model/balance-key.ts';

const placeOf = (sku: string) => ({ sku, pool: 'MAIN' });

/** A feed that reads what the test says, when the test says so. */
class ToldFeed implements Pick<AtpFeed, 'follow' | 'look'> {
  readonly followers = new Map<string, Set<Follower>>();
  readonly now = new Map<string, number>();
  private readonly held = new Set<string>();

  follow({ sku }: { sku: string }, follower: Follower): () => void {
    const followers = this.followers.get(sku) ?? new Set();
    this.followers.set(sku, followers.add(follower));
    if (this.held.has(sku)) follower.offer(readingOf(sku, this.now.get(sku) ?? 0));
    return () => {
      followers.delete(follower);
      if (followers.size > 0) return;
      this.followers.delete(sku);
      this.held.delete(sku);
    };
  }

  look({ sku }: { sku: string }): void {
    queueMicrotask(() => this.read(sku));
  }

  change(sku: string): void {
    this.now.set(sku, (this.now.get(sku) ?? 0) + 1);
    this.read(sku);
  }

  read(sku: string): void {
    if (!this.followers.has(sku)) return;
    const reading = readingOf(sku, this.now.get(sku) ?? 0);
    this.held.add(sku);
    for (const follower of this.followers.get(sku) ?? []) follower.offer(reading);
  }
}

/** A client, with a line that may be blocked. */
class Client implements EventReceiver {
  readonly got: LiveUpdate[] = [];
  ended = false;
  private waiting: (() => void)[] = [];
  private blocked = false;

  get ready(): boolean {
    return !this.blocked;
  }
  send(message: Buffer): void {
    this.got.push(JSON.parse(message.toString()) as LiveUpdate);
  }
  whenReady(go: () => void): void {
    this.waiting.push(go);
  }
  end(): void {
    this.ended = true;
  }
  block(): void {
    this.blocked = true;
  }
  unblock(): void {
    this.blocked = false;
    for (const go of this.waiting.splice(0)) go();
  }
}

/** Renders at once or later, and counts. */
function renderer(later: boolean) {
  const counted = { renders: 0 };
  const render: EventRenderer<LiveUpdate> = (update) => {
    counted.renders += 1;
    const message = Buffer.from(JSON.stringify(update));
    return later ? nextTurn(message) : message;
  };
  return { render, counted };
}

const settled = async () => {
  for (let turn = 0; turn < 20; turn++) await nextTurn();
};
const made = () => {
  const feed = new ToldFeed();
  return { feed, audiences: new SubscriberGroups(feed as unknown as AtpFeed) };
};
const NOTHING: ReadonlyMap<string, string> = new Map();

test('a thousand in step cost one rendering a change, and all get the same', async () => {
  const { feed, audiences } = made();
  const { render, counted } = renderer(true);
  const clients = Array.from({ length: 1_000 }, () => new Client());
  for (const client of clients) audiences.join(render, [placeOf('A')], NOTHING, client);
  for (let change = 0; change < 3; change++) {
    feed.change('A');
    await settled();
  }
  expect(counted.renders).toBe(3);
  for (const { got } of clients)
    expect(got.map(({ kind, reading, coalesced }) => [kind, reading.figures.onHand, coalesced])).toEqual([
      ['SNAPSHOT', 1, 0],
      ['CHANGE', 2, 0],
      ['CHANGE', 3, 0],
    ]);
});

test('who comes later is given what is held already: no reading of the database, and one rendering for all', async () => {
  const { feed, audiences } = made();
  const { render, counted } = renderer(false);
  audiences.join(render, [placeOf('A')], NOTHING, new Client());
  feed.change('A');
  await settled();
  const late = Array.from({ length: 100 }, () => new Client());
  for (const client of late) audiences.join(render, [placeOf('A')], NOTHING, client);
  await settled();
  expect(counted.renders).toBe(1); // it is the very snapshot that the first one got
  for (const { got } of late)
    expect(got).toMatchObject([{ kind: 'SNAPSHOT', reading: { figures: { onHand: 1 } } }]);
});

test('a slow one among them keeps one value a SKU and is told what it skipped; the others are not held up', async () => {
  const { feed, audiences } = made();
  const { render } = renderer(false);
  const [slow, healthy] = [new Client(), new Client()];
  for (const client of [slow, healthy]) audiences.join(render, [placeOf('A'), placeOf('B')], NOTHING, client);
  feed.change('A');
  feed.change('B');
  await settled();
  slow.block();
  for (let change = 0; change < 1_000; change++) {
    feed.change('A');
    await nextTurn();
  }
  expect(healthy.got).toHaveLength(1_002);
  expect(slow.got).toHaveLength(2);
  slow.unblock();
  await settled();
  expect(slow.got.slice(2)).toMatchObject([
    {
      kind: 'CHANGE',
      reading: { figures: { onHand: 1_001 } },
      previousVersion: atpVersion(1, null),
      coalesced: 999,
    },
  ]);
  feed.change('A');
  await settled();
  expect(slow.got.at(-1)).toEqual(healthy.got.at(-1)); // in step again
});

test('a client may know a newer version than this process: it is not told an older one', async () => {
  const { feed, audiences } = made();
  const { render } = renderer(false);
  audiences.join(render, [placeOf('A')], NOTHING, new Client());
  feed.change('A');
  await settled();
  const client = new Client();
  feed.now.set('A', 2); // committed by another process, whose signal has not come yet
  audiences.join(
    render,
    [placeOf('A')],
    new Map([[balanceKeyString('A', 'MAIN'), atpVersion(2, null)]]),
    client,
  );
  await settled();
  expect(client.got).toEqual([]);
  feed.change('A');
  await settled();
  expect(client.got).toMatchObject([{ kind: 'CHANGE', previousVersion: atpVersion(2, null), coalesced: 0 }]);
});

test('after a restore of the database a client with a version that never was is given a snapshot', async () => {
  const { feed, audiences } = made();
  const { render } = renderer(false);
  audiences.join(render, [placeOf('A')], NOTHING, new Client());
  feed.change('A');
  await settled();
  const client = new Client();
  audiences.join(
    render,
    [placeOf('A')],
    new Map([[balanceKeyString('A', 'MAIN'), atpVersion(9, null)]]),
    client,
  );
  await settled();
  expect(client.got).toMatchObject([{ kind: 'SNAPSHOT', previousVersion: atpVersion(9, null) }]);
});

test('nothing is kept of what nobody watches any more; the end of the feed is told to all', async () => {
  const { feed, audiences } = made();
  const { render } = renderer(false);
  const client = new Client();
  const leaves = [new Client(), client].map((each) =>
    audiences.join(render, [placeOf('A'), placeOf('B')], NOTHING, each),
  );
  leaves[0]!();
  expect([...feed.followers.keys()]).toEqual(['A', 'B']);
  for (const followers of feed.followers.values()) for (const follower of followers) follower.return();
  expect(client.ended).toBe(true);
  leaves[1]!();
  expect(feed.followers.size).toBe(0);
  expect((audiences as unknown as { halls: Map<unknown, unknown> }).halls.size).toBe(0);
});

const SKUS = ['A', 'B', 'C'];
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('change' as const), sku: fc.constantFrom(...SKUS) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('join' as const),
      skus: fc.uniqueArray(fc.constantFrom(...SKUS), { minLength: 1 }),
      resume: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('leave' as const), who: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('block' as const), who: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('unblock' as const), who: fc.nat(20) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('turn' as const) }) },
);

test('whoever comes, goes, lags and resumes: each is told in order, from what it had, and at last the newest', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.boolean(), async (steps, later) => {
      const { feed, audiences } = made();
      const { render } = renderer(later);
      const watching: {
        client: Client;
        skus: string[];
        resume: Map<string, string>;
        from: Map<string, number>;
        leave?: () => void;
      }[] = [];
      for (const one of steps) {
        if (one.do === 'change') feed.change(one.sku);
        else if (one.do === 'turn') await nextTurn();
        else if (one.do === 'join') {
          const client = new Client();
          const from = new Map(one.skus.map((sku) => [sku, feed.now.get(sku) ?? 0]));
          const resume = new Map(
            one.resume
              ? one.skus.map((sku) => [balanceKeyString(sku, 'MAIN'), atpVersion(from.get(sku)!, null)])
              : [],
          );
          const leave = audiences.join(render, one.skus.map(placeOf), resume, client);
          for (const sku of one.skus) feed.look({ sku });
          watching.push({ client, skus: one.skus, resume, from, leave });
        } else {
          const who = watching[one.who % Math.max(1, watching.length)];
          if (one.do === 'leave') {
            who?.leave?.();
            if (who) who.leave = undefined;
          } else who?.client[one.do]();
        }
      }
      for (const { client } of watching) client.unblock();
      await settled();
      for (const { client, skus, resume, from, leave } of watching)
        for (const sku of skus) {
          const told = client.got.filter(({ reading }) => reading.sku === sku);
          let known = resume.get(balanceKeyString(sku, 'MAIN')) ?? null;
          for (const [at, { kind, reading, previousVersion, coalesced }] of told.entries()) {
            expect(previousVersion).toBe(known);
            if (known !== null) expect(reading.version > known).toBe(true);
            if (at === 0 && resume.size === 0) expect(kind).toBe('SNAPSHOT');
            if (at > 0) expect(kind).toBe('CHANGE');
            // What was skipped is counted: versions of this feed have no holes.
            if (kind === 'CHANGE' && !later)
              expect(reading.figures.onHand).toBe(Number(known!.split('.')[0]) + 1 + coalesced);
            known = reading.version;
          }
          if (leave && (told.length > 0 || resume.size === 0))
            expect(told.at(-1)?.reading.figures.onHand).toBe(feed.now.get(sku) ?? 0);
          if (leave && told.length === 0) expect(from.get(sku)).toBe(feed.now.get(sku) ?? 0);
        }
      for (const { leave } of watching) leave?.();
      expect(feed.followers.size).toBe(0);
    }),
    { numRuns: 300 },
  );
});
