import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { checks, type ConformanceKit, type SourceBed } from '../../connectors/spi/conformance/index.ts';
import { FatalError } from '../../connectors/spi/index.ts';
import { mappingTools } from '../../src/sync/mapping/mapping-tools.ts';
import { packageRoot } from '../../src/platform/process/package-root.ts';

/** Every connector that has a kit, beside it or in its tests, keeps the rules of the contract. */
const root = packageRoot();
const kits = ['connectors', 'test/connectors'].flatMap((folder) =>
  readdirSync(path.join(root, folder))
    .map((name) => path.join(root, folder, name, 'conformance.ts'))
    .filter((file) => existsSync(file)),
);

describe.each(kits.map((file) => [path.basename(path.dirname(file)), file]))('%s', (_name, file) => {
  let kit: ConformanceKit;
  beforeAll(async () => {
    kit = ((await import(file)) as { default: ConformanceKit }).default;
  });
  // At once, each with a server of its own: failures are waited for with growing pauses.
  test.concurrent.each(checks.map((check) => [check.name, check] as const))(
    '%s',
    async (_rule, check) => {
      const bed = await kit.start();
      try {
        if (!check.concerns || check.concerns(kit, bed)) await check.run(kit, bed, mappingTools);
      } finally {
        await bed.stop();
      }
    },
    30_000,
  );
});

/** A connector that keeps the rules, bent in one way at a time, must be convicted. */
describe('the suite convicts', () => {
  let good: ConformanceKit;
  beforeAll(async () => {
    const file = path.join(root, 'connectors/sample-api/conformance.ts');
    good = ((await import(file)) as { default: ConformanceKit }).default;
  });
  type Bent = ReturnType<ConformanceKit['connector']['open']>;
  const bend = (change: (source: Bent) => Partial<Bent>): ConformanceKit => ({
    ...good,
    connector: {
      ...good.connector,
      open(config) {
        const source = good.connector.open(config);
        return { ...source, ...change(source) };
      },
    },
  });
  async function* withoutLast(pages: ReturnType<Bent['read']>): ReturnType<Bent['read']> {
    for await (const page of pages) yield { ...page, records: page.records.slice(0, -1) };
  }
  async function* sameCursor(pages: ReturnType<Bent['read']>): ReturnType<Bent['read']> {
    for await (const page of pages) yield { ...page, cursor: { since: '2999-01-01T00:00:00Z', id: '' } };
  }
  const cases: [string, (source: Bent) => Partial<Bent>][] = [
    ['records that are left out', ({ read }) => ({ read: (...args) => withoutLast(read(...args)) })],
    ['a cursor that skips', ({ read }) => ({ read: (...args) => sameCursor(read(...args)) })],
    [
      'errors of its own',
      ({ read }) => ({
        async *read(...args) {
          try {
            yield* read(...args);
          } catch {
            throw new TypeError('oops');
          }
        },
      }),
    ],
    [
      'a secret in an error',
      ({ read }) => ({
        async *read(...args) {
          try {
            yield* read(...args);
          } catch {
            throw new FatalError('sample-key-0123456789 is refused');
          }
        },
      }),
    ],
    ['a check that throws', () => ({ check: () => Promise.reject(new FatalError('no')) })],
    [
      'pushes that nobody has signed',
      () => ({
        webhook: {
          receive: async () => ({ hints: [{ pushId: '1', stream: 'people', recordIds: [] }] }),
          readBack: async () => [],
        },
      }),
    ],
  ];
  test.concurrent.each(cases)(
    '%s',
    async (_what, change) => {
      const kit = bend(change);
      let broken = 0;
      for (const check of checks) {
        const bed: SourceBed = await kit.start();
        await check
          .run(kit, bed, mappingTools)
          .catch(() => (broken += check.concerns?.(kit, bed) === false ? 0 : 1));
        await bed.stop();
      }
      expect(broken).toBeGreaterThan(0);
    },
    60_000,
  );
});

describe('a connector that was just made', () => {
  const name = `made-${process.pid}`;
  const folder = path.join(root, 'connectors', name);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('has everything that the sample has, under its own name', async () => {
    const child = spawn(process.execPath, ['scripts/new-connector.mjs', name], { cwd: root });
    const [code] = (await once(child, 'exit')) as [number];
    expect(code).toBe(0);
    expect(readdirSync(folder).sort()).toEqual(readdirSync(path.join(root, 'connectors/sample-api')).sort());
    const { default: kit } = (await import(path.join(folder, 'conformance.ts'))) as {
      default: ConformanceKit;
    };
    expect(kit.connector.spec.id).toBe(name);
    for (const check of checks.slice(0, 6)) {
      const bed = await kit.start();
      await check.run(kit, bed, mappingTools).finally(() => bed.stop());
    }
    const again = spawn(process.execPath, ['scripts/new-connector.mjs', name], { cwd: root });
    expect(((await once(again, 'exit')) as [number])[0]).toBe(2);
  }, 30_000);
});
