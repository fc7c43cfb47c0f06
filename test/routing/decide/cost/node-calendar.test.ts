import { describe, expect, test } from '@jest/globals';
import { nextDispatch } from '../../../../src/routing/decide/cost/node-calendar.ts';
import type { CalendarFacts } from '../../../../src/routing/index.ts';

const shanghai: CalendarFacts = {
  timeZone: 'Asia/Shanghai',
  workingWeekdays: [1, 2, 3, 4, 5],
  holidays: ['2026-10-01', '2026-10-02', '2026-10-05', '2026-10-06', '2026-10-07'],
  extraWorkdays: ['2026-10-10'],
  cutOff: '16:00',
};
const dispatch = (calendar: CalendarFacts, now: string) => {
  const at = nextDispatch(calendar, Date.parse(now));
  return at === undefined ? undefined : new Date(at).toISOString();
};

describe('when work leaves a node', () => {
  test.each([
    ['before the cut-off: today', '2026-11-23T07:59:59Z', '2026-11-23T08:00:00.000Z'],
    ['at the cut-off: tomorrow', '2026-11-23T08:00:00Z', '2026-11-24T08:00:00.000Z'],
    ['the local day counts, not the UTC day', '2026-11-23T23:00:00Z', '2026-11-24T08:00:00.000Z'],
    ['Friday evening: Monday', '2026-11-20T09:00:00Z', '2026-11-23T08:00:00.000Z'],
    ['over National Day', '2026-09-30T09:00:00Z', '2026-10-08T08:00:00.000Z'],
    ['a make-up Saturday is a working day', '2026-10-09T09:00:00Z', '2026-10-10T08:00:00.000Z'],
  ])('%s', (_name, now, expected) => expect(dispatch(shanghai, now)).toBe(expected));

  test('the offset of the day of dispatch counts, not that of today', () => {
    const berlin = { timeZone: 'Europe/Berlin', workingWeekdays: [1], holidays: [], cutOff: '12:00' };
    expect(dispatch(berlin, '2026-10-24T10:00:00Z')).toBe('2026-10-26T11:00:00.000Z'); // winter time from the 25th
    expect(dispatch(berlin, '2026-03-28T10:00:00Z')).toBe('2026-03-30T10:00:00.000Z'); // summer time from the 29th
  });

  test('a time that the spring change skips becomes one beside it', () => {
    const berlin = { timeZone: 'Europe/Berlin', workingWeekdays: [7], holidays: [], cutOff: '02:30' };
    expect(dispatch(berlin, '2026-03-28T10:00:00Z')).toMatch(/^2026-03-29T0[01]:30/);
  });

  test('a node that never opens', () => {
    expect(
      dispatch({ ...shanghai, workingWeekdays: [], extraWorkdays: [] }, '2026-11-23T00:00:00Z'),
    ).toBeUndefined();
  });
});
