import { expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { KeyCounts } from '../../../connectors/files/key-counts.ts';

it('counts as a map does, whatever the keys', () => {
  const key = fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 2 ** 31 - 1 }));
  fc.assert(
    fc.property(fc.array(key, { maxLength: 3_000, size: 'max' }), (keys) => {
      const counts = new KeyCounts();
      const expected = new Map<number, number>();
      for (const each of keys) {
        counts.add(each, 1);
        expected.set(each, (expected.get(each) ?? 0) + 1);
      }
      for (const [each, count] of expected) expect(counts.get(each)).toBe(count);
      expect(counts.size).toBe(expected.size);
      for (const each of keys) counts.add(each, -1);
      for (const each of expected.keys()) expect(counts.get(each)).toBe(0);
      expect(counts.get(2 ** 31 - 1)).toBe(0);
    }),
    { numRuns: 30 },
  );
});
