import { afterEach, expect, test } from '@jest/globals';
import { KeyExpiryWatcher } from '../../src/access/key-expiry-watcher.ts';
import type { KeyRow } from '../../src/access/read-keys.ts';
import { createLogger } from '../../src/platform/process/log.ts';
import { until } from '../support/until.ts';

const NEVER_MS = 2_000_000_000;

let watch: KeyExpiryWatcher;
afterEach(() => watch.close());

/** A watch over keys that are as `states` says, a bus that says what the test wants, and what was asked and told. */
function watching(states: Record<string, Partial<KeyRow>>, sweepMs = NEVER_MS) {
  const asked: string[][] = [];
  const told: string[] = [];
  let failing = false;
  const bus = { onKeys: (_prefixes: readonly string[]) => {}, onGap: () => {} };
  watch = new KeyExpiryWatcher(
    async (prefixes) => {
      asked.push([...prefixes]);
      if (failing) throw new Error('no database');
      return prefixes.flatMap((prefix) =>
        states[prefix] ? [{ state: 'GOOD', msLeft: null, ...states[prefix], prefix } as KeyRow] : [],
      );
    },
    {
      publish: () => undefined,
      subscribe: (_topic, onKeys, onGap) => (Object.assign(bus, { onKeys, onGap }), () => undefined),
      close: async () => undefined,
    },
    'keys',
    createLogger('silent'),
    sweepMs,
  );
  const open = (prefix: string) => watch.watch(prefix, (why) => told.push(`${prefix} ${why}`));
  return { states, asked, told, bus, open, fail: (fails: boolean) => (failing = fails) };
}

test('however many work with a key, it is asked for once, and all are told by a signal, once', async () => {
  const { states, asked, told, bus, open } = watching({ a: {}, b: {} });
  const closers = Array.from({ length: 100 }, () => open('a'));
  open('b');
  expect(asked).toEqual([['a'], ['b']]);
  closers[0]!();
  states.a = { state: 'REVOKED' };
  bus.onKeys(['a', 'c']);
  await until(() => told.length > 0);
  bus.onKeys(['a']);
  expect(asked).toEqual([['a'], ['b'], ['a']]);
  expect(told).toEqual(Array.from({ length: 99 }, () => 'a REVOKED'));
});

test('a gap has all looked at, in one statement; a key that is gone is as good as revoked', async () => {
  const { states, asked, told, bus, open } = watching({ a: {}, b: {} });
  open('a');
  open('b');
  delete states.b;
  bus.onGap();
  await until(() => told.length > 0);
  expect(asked.at(-1)).toEqual(['a', 'b']);
  expect(told).toEqual(['b REVOKED']);
});

test('an expiry is told at its instant, and not while the database says that it is not yet', async () => {
  const { states, asked, told, open } = watching({ a: { msLeft: 20 } });
  open('a');
  await until(() => asked.length > 2); // its clock is behind ours
  expect(told).toEqual([]);
  states.a = { state: 'EXPIRED', msLeft: 0 };
  await until(() => told.length > 0);
  expect(told).toEqual(['a EXPIRED']);
});

test('what could not be asked is asked again', async () => {
  const { states, told, bus, open, fail } = watching({ a: {} }, 10);
  open('a');
  fail(true);
  states.a = { state: 'REVOKED' };
  bus.onKeys(['a']);
  await new Promise(setImmediate);
  expect(told).toEqual([]);
  fail(false);
  await until(() => told.length > 0);
});

test('nothing is asked for a key with which nobody works any more', async () => {
  const { asked, bus, open } = watching({ a: {} });
  open('a')();
  bus.onKeys(['a']);
  bus.onGap();
  expect(asked).toEqual([['a']]);
});
