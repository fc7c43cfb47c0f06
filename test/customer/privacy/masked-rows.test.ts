import { expect, test } from '@jest/globals';
import { maskReason, maskRow } from '../../../src/customer/privacy/masked-rows.ts';

const ROW = JSON.stringify({
  订单号: 'SO-1001',
  收货人: '林晓雨',
  手机: '138 1234 5678',
  数字手机: 13812345678,
  email: 'Xiaoyu.Lin@example.com',
  地址: '上海市徐汇区漕溪北路 88 号 "A" 座',
  邮编: '200030',
  备注: '请按门铃',
  sku: 'HOODIE-BLK-M',
  quantity: 2,
  单价: '129.00',
  日期: '2026-11-30 10:00:00',
  空: '',
  无: null,
});

test('a row shows its fields, codes, days and small numbers, and nothing of a person', () => {
  expect(JSON.parse(maskRow(ROW))).toEqual({
    订单号: '***',
    收货人: '***',
    手机: '+86****5678',
    数字手机: '***',
    email: 'x***@example.com',
    地址: '***',
    邮编: '***',
    备注: '***',
    sku: 'HOODIE-BLK-M',
    quantity: 2,
    单价: '129.00',
    日期: '2026-11-30 10:00:00',
    空: '',
    无: null,
  });
});

test('a row that is cut off anywhere shows nothing more', () => {
  for (let length = 1; length <= ROW.length; length += 1)
    expect(maskRow(ROW.slice(0, length))).not.toMatch(/林|晓|13812|138 1234|iaoyu|上海|漕溪|门铃|200030/);
});

test('text that is no JSON shows nothing', () => {
  expect(maskRow('林晓雨,13812345678')).toBe('***');
});

test('phones and addresses that are names of fields are masked too', () => {
  expect(maskRow('{"13812345678":1,"a@example.com":2}')).toBe('{"+86****5678":1,"a***@example.com":2}');
});

test.each([
  ['buyer.phone: must be a phone, was "138 1234 5678"', 'buyer.phone: must be a phone, was "***"'],
  ['Order state 林晓雨 does not exist.', 'Order state *** does not exist.'],
  ['cannot read "请按门铃" as a date', 'cannot read "***" as a date'],
  ['was "上海市徐汇区漕溪北路 88 号 \\"A…', 'was "***"'],
  ['the call to +86 138-1234-5678 failed', 'the call to *** failed'],
  ['no mail for someone.else@example.org', 'no mail for ***'],
  ['quantity: must be >= 1, was -1', 'quantity: must be >= 1, was -1'],
  ['quantity: "0" is too small', 'quantity: "0" is too small'],
  ['line 2 sku: is missing', 'line 2 sku: is missing'],
])('of a reason the quoted values are masked: %s', (reason, shown) => {
  expect(maskReason(reason, ROW)).toBe(shown);
});
