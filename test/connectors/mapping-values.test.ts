import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { addressPart, placeName } from '../../src/sync/mapping/addresses.ts';
import { parseDay, parseInstant } from '../../src/sync/mapping/dates.ts';
import { parseMoney } from '../../src/sync/mapping/money.ts';
import {
  parseDecimal,
  parseGrams,
  parseInteger,
  parseMillimetres,
} from '../../src/sync/mapping/quantities.ts';
import { identifier, key, textList } from '../../src/sync/mapping/texts.ts';
import { ValueError } from '../../src/sync/mapping/value-error.ts';

describe('money', () => {
  it.each([
    ['¥1,299.00', 129_900],
    ['1299元', 129_900],
    ['￥１，２９９．５', 129_950],
    ['1299', 129_900],
    [1299, 129_900],
    [0.1 + 0.2, 30],
    ['(5.00)', -500],
    ['-¥0.01', -1],
    ['−3', -300],
    ['1.25万', 1_250_000],
    ['RMB 12.5', 1250],
    ['12.500', 1250],
    ['', undefined],
    ['  ', undefined],
    [undefined, undefined],
    [null, undefined],
  ])('%p is %p fen', (text, minor) => expect(parseMoney(text)).toBe(minor));

  it.each(['1,29.00', '12.345', '免费', '1.2.3', '1e5', '--5', '99999999999999999'])('refuses %p', (text) =>
    expect(() => parseMoney(text)).toThrow(ValueError),
  );

  it('knows the digits of a currency', () => {
    expect(parseMoney('1,299', 'JPY')).toBe(1299);
    expect(parseMoney('1.299', 'KWD')).toBe(1299);
    expect(() => parseMoney('1.5', 'JPY')).toThrow('more decimals than JPY has');
    expect(() => parseMoney('1', 'yuan')).toThrow('not an ISO 4217');
  });

  it('reads back every amount it is shown, in every notation', () => {
    const amount = fc.integer({ min: -1_000_000_000_000, max: 1_000_000_000_000 });
    fc.assert(
      fc.property(amount, (minor) => {
        const digits = String(Math.abs(minor)).padStart(3, '0');
        const [whole, fraction] = [digits.slice(0, -2), digits.slice(-2)];
        const sign = minor < 0 ? '-' : '';
        const grouped = whole.replaceAll(/\B(?=(\d{3})+$)/g, ',');
        for (const text of [
          `${sign}${whole}.${fraction}`,
          `${sign}¥${grouped}.${fraction}`,
          `${sign}${whole}.${fraction}元`,
        ]) {
          expect(parseMoney(text)).toBe(minor);
        }
      }),
    );
  });

  it('gives a whole number, undefined or a ValueError for any text at all', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.double()), (input) => {
        const result = orValueError(() => parseMoney(input));
        expect(result === undefined || result === 'refused' || Number.isSafeInteger(result)).toBe(true);
      }),
    );
  });
});

describe('instants', () => {
  it.each([
    ['2026/11/3 14:05', '2026-11-03T06:05:00.000Z'],
    ['2026-11-03 14:05:09', '2026-11-03T06:05:09.000Z'],
    ['2026-11-03T14:05:09.5', '2026-11-03T06:05:09.500Z'],
    ['2026-11-03T14:05:00+08:00', '2026-11-03T06:05:00.000Z'],
    ['2026-11-03T06:05:00Z', '2026-11-03T06:05:00.000Z'],
    ['2026-11-03 01:05:00 -0500', '2026-11-03T06:05:00.000Z'],
    ['2026年11月3日', '2026-11-02T16:00:00.000Z'],
    ['2026年11月3日 14:05', '2026-11-03T06:05:00.000Z'],
    ['2026年11月3日 14时5分9秒', '2026-11-03T06:05:09.000Z'],
    ['2026年11月3日下午2:05', '2026-11-03T06:05:00.000Z'],
    ['2026/11/3 2:05 PM', '2026-11-03T06:05:00.000Z'],
    ['2026/11/3 12:05 AM', '2026-11-02T16:05:00.000Z'],
    ['２０２６／１１／３　１４：０５', '2026-11-03T06:05:00.000Z'],
    ['20261103', '2026-11-02T16:00:00.000Z'],
    ['20261103140500', '2026-11-03T06:05:00.000Z'],
    [46329.586805555555, '2026-11-03T06:05:00.000Z'],
    ['46329', '2026-11-02T16:00:00.000Z'],
    [1793685900, '2026-11-03T06:05:00.000Z'],
    ['1793685900000', '2026-11-03T06:05:00.000Z'],
    [new Date('2026-11-03T06:05:00Z'), '2026-11-03T06:05:00.000Z'],
    ['', undefined],
  ])('%p is %p', (text, iso) => expect(parseInstant(text)).toBe(iso));

  it.each([
    '2026/2/30',
    '2026-13-01',
    '11/3/2026',
    '2026/11/3 25:00',
    '昨天',
    '123',
    'NaN',
    '2026/11-3',
    '2026年13月1日',
  ])('refuses %p', (text) => expect(() => parseInstant(text)).toThrow(ValueError));

  it('takes another zone, with its summer time', () => {
    expect(parseInstant('2026-07-01 12:00', 'Europe/Berlin')).toBe('2026-07-01T10:00:00.000Z');
    expect(parseInstant('2026-12-01 12:00', 'Europe/Berlin')).toBe('2026-12-01T11:00:00.000Z');
    expect(() => parseInstant('2026-12-01 12:00', 'Mars/Base')).toThrow('"Mars/Base" is not a time zone');
  });

  it('reads back every minute it is shown, in every notation', () => {
    const minute = fc.integer({ min: Date.UTC(1995, 0, 1) / 60_000, max: Date.UTC(2090, 0, 1) / 60_000 });
    fc.assert(
      fc.property(minute, (at) => {
        const wall = new Date(at * 60_000 + 8 * 3_600_000);
        const [y, m, d] = [wall.getUTCFullYear(), wall.getUTCMonth() + 1, wall.getUTCDate()];
        const time = wall.toISOString().slice(11, 16);
        const serial = (wall.getTime() - Date.UTC(1899, 11, 30)) / 86_400_000;
        const expected = new Date(at * 60_000).toISOString();
        for (const shown of [
          `${y}/${m}/${d} ${time}`,
          `${y}年${m}月${d}日 ${time}`,
          `${wall.toISOString().slice(0, 16)}+08:00`,
          serial,
        ]) {
          expect(parseInstant(shown)).toBe(expected);
        }
        expect(parseDay(expected)).toBe(wall.toISOString().slice(0, 10));
      }),
    );
  });

  it('gives an instant, undefined or a ValueError for any text at all', () => {
    const digits = fc.string({ unit: fc.constantFrom(...'0123456789-/:年月日 T.'), maxLength: 24 });
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.double(), digits), (input) => {
        const result = orValueError(() => parseInstant(input));
        expect(
          result === undefined || result === 'refused' || !Number.isNaN(Date.parse(String(result))),
        ).toBe(true);
      }),
    );
  });
});

describe('days', () => {
  it.each([
    ['2026年11月3日', '2026-11-03'],
    ['2026/11/3 23:59', '2026-11-03'],
    ['2026-11-03T20:00:00Z', '2026-11-04'],
    ['46329', '2026-11-03'],
    ['', undefined],
  ])('%p is %p', (text, day) => expect(parseDay(text)).toBe(day));
});

describe('quantities', () => {
  it('reads numbers with units', () => {
    expect(['3', '3件', '1,200 个', '2.0', '-1', 4, ''].map(parseInteger)).toEqual([
      3,
      3,
      1200,
      2,
      -1,
      4,
      undefined,
    ]);
    expect(['31.23', 7, '-0.5°'].map(parseDecimal)).toEqual([31.23, 7, -0.5]);
    expect(['650g', '0.65kg', '1.3斤', '１.４公斤', '380'].map((one) => parseGrams(one))).toEqual([
      650, 650, 650, 1400, 380,
    ]);
    expect(parseMillimetres('30cm')).toBe(300);
    expect(parseMillimetres('30', 'cm')).toBe(300);
    expect(parseMillimetres('0.3米')).toBe(300);
  });

  it('refuses what is not a quantity', () => {
    for (const text of ['若干', '1.5件', '3-4']) expect(() => parseInteger(text)).toThrow(ValueError);
    expect(() => parseGrams('3颗')).toThrow('cannot read "3颗" as a weight');
  });
});

describe('texts', () => {
  it('refuses identifiers a spreadsheet has spoilt', () => {
    expect(identifier(' 6920188888000000011 ')).toBe('6920188888000000011');
    expect(identifier(288_000_000_011)).toBe('288000000011');
    expect(() => identifier('6.92019E+18')).toThrow('lost digits in a spreadsheet');
    expect(() => identifier(6_920_188_888_000_000_000)).toThrow('lost digits in a spreadsheet');
    expect(key('A', ' ')).toBeUndefined();
    expect(key('A', 1)).toBe('A-1');
  });

  it('takes lists and addresses apart', () => {
    expect(textList('13800138000、138 0013 8000', '', undefined, '13800138000')).toEqual([
      '13800138000',
      '138 0013 8000',
    ]);
    expect(addressParts('浙江省杭州市西湖区文三路1号城市花园')).toEqual([
      '浙江',
      '杭州',
      '西湖区',
      '文三路1号城市花园',
    ]);
    expect(addressParts('浙江杭州市西湖区文三路1号')).toEqual(['浙江', '杭州', '西湖区', '文三路1号']);
    expect(addressParts('上海市浦东新区世纪大道8号')).toEqual(['上海', '上海', '浦东新区', '世纪大道8号']);
    expect(addressParts('新疆维吾尔自治区 伊犁哈萨克自治州 伊宁市 解放路2号')).toEqual([
      '新疆',
      '伊犁哈萨克自治州',
      '伊宁市',
      '解放路2号',
    ]);
    expect(addressParts('')).toEqual([undefined, undefined, undefined, undefined]);
    expect(['杭州市', '杭州', '广西壮族自治区', '', '津市'].map(placeName)).toEqual([
      '杭州',
      '杭州',
      '广西',
      undefined,
      '津市',
    ]);
  });
});

function orValueError<T>(read: () => T): T | 'refused' {
  try {
    return read();
  } catch (error) {
    if (error instanceof ValueError) return 'refused';
    throw error;
  }
}

function addressParts(address: string): (string | undefined)[] {
  return ['province', 'city', 'district', 'street'].map((part) => addressPart(address, part));
}
