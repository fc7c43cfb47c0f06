import { expect, test } from '@jest/globals';
import { applyUpdate, EMPTY_BOARD, shownTerms, sumOfTerms } from '../../console/src/board/live-atp.ts';
import type { AtpUpdate } from '../../client/live-atp/index.ts';

const update = (version: string, quantity: number, kind: AtpUpdate['kind'] = 'CHANGE'): AtpUpdate => ({
  kind,
  coalesced: 0,
  previousVersion: null,
  atp: {
    sku: { code: 'A' },
    channel: null,
    quantity,
    version,
    asOf: '2026-11-22T00:00:00Z',
    terms: [
      { kind: 'ON_HAND', quantity: quantity + 3 },
      { kind: 'HELD', quantity: -3 },
      { kind: 'CONFIRMED', quantity: 0 },
    ],
  },
});

test('a snapshot has no direction; later versions move up and down', () => {
  const first = applyUpdate(EMPTY_BOARD, update('001', 5, 'SNAPSHOT'));
  expect(first.get('A')).toMatchObject({ moved: undefined, atp: { quantity: 5 } });
  const fallen = applyUpdate(first, update('002', 4));
  expect(fallen.get('A')).toMatchObject({ moved: 'down', atp: { quantity: 4 } });
  expect(applyUpdate(fallen, update('003', 9)).get('A')).toMatchObject({ moved: 'up' });
});

test('an equation shows stock on hand and every term that is not nothing', () => {
  const { terms } = update('001', 0).atp;
  expect(sumOfTerms(terms)).toBe(0);
  expect(shownTerms(terms).map(({ kind }) => kind)).toEqual(['ON_HAND', 'HELD']);
});
