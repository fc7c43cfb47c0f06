import { describe, expect, test } from '@jest/globals';
import {
  channelUserIdentity,
  emailIdentity,
  IdentityKind,
  identityQuery,
  phoneIdentity,
} from '../../../src/customer/identity/identity.ts';

describe('a phone', () => {
  test.each([
    ['13912345670', '+8613912345670'],
    ['139 1234 5670', '+8613912345670'],
    ['139-1234-5670', '+8613912345670'],
    ['+86 139 1234 5670', '+8613912345670'],
    ['＋８６　１３９１２３４５６７０', '+8613912345670'],
    ['008613912345670', '+8613912345670'],
    ['8613912345670', '+8613912345670'],
    ['(+86)13912345670', '+8613912345670'],
    ['13800138000', '+8613800138000'],
    ['010-6552 9988', '+861065529988'],
    ['+44 20 7946 0958', '+442079460958'],
    ['+44 (0)20 7946 0958', '+442079460958'],
    ['+1 (415) 555-2671', '+14155552671'],
  ])('%s is %s and belongs to a person', (raw, value) => {
    expect(phoneIdentity(raw)).toEqual({ kind: IdentityKind.PHONE, value, scope: '', strong: true });
  });

  test.each([
    '',
    '0',
    '00000000000',
    'null',
    'None',
    'anonymous',
    'n/a',
    '无',
    '13000000000',
    '13888888888',
    '12345678901',
    '13123456789',
    '138****1234',
    '95338',
    'hello',
    '123',
    '13912345670 / 13912345671',
    '1'.repeat(300),
  ])('%p is none', (raw) => {
    expect(phoneIdentity(raw)).toBeNull();
  });

  test.each(['400-811-1111', '4008111111', '800-820-8820'])('the hotline %s links nobody', (raw) => {
    expect(phoneIdentity(raw)?.strong ?? false).toBe(false);
  });

  test.each(['17012345670转8812', '17012345670-8812', '17012345670 ext. 8812'])(
    'the relay number %s is not the number of a person',
    (raw) => expect(phoneIdentity(raw)?.strong ?? false).toBe(false),
  );
});

describe('an e-mail address', () => {
  test.each([
    ['Zhang.Wei@Example.COM', 'zhang.wei@example.com'],
    ['  ｚｗ＠example.com ', 'zw@example.com'],
    ['mailto:a+b@example.co.uk', 'a+b@example.co.uk'],
  ])('%s is %s', (raw, value) => expect(emailIdentity(raw)?.value).toBe(value));

  test.each([
    '',
    'null',
    'a@b',
    'a b@example.com',
    'z***@example.com',
    'none@example.com',
    'no-reply@example.com',
    '@x.cn',
  ])('%p is none', (raw) => expect(emailIdentity(raw)).toBeNull());
});

describe('a channel user id', () => {
  test('is scoped by its channel and keeps its case', () => {
    expect(channelUserIdentity(' oAbC-1 ', 'wechat')).toMatchObject({ value: 'oAbC-1', scope: 'wechat' });
  });
  test.each(['', '0', '000', 'null', 'anonymous', '匿名', 'a**b'])('%p is none', (raw) =>
    expect(channelUserIdentity(raw, 'douyin')).toBeNull(),
  );
});

test('a query may leave the channel open', () => {
  expect(identityQuery(IdentityKind.CHANNEL_USER, 'u1')).toEqual({ kind: 'CHANNEL_USER', value: 'u1' });
  expect(identityQuery(IdentityKind.CHANNEL_USER, 'u1', 'jd')).toEqual({
    kind: 'CHANNEL_USER',
    value: 'u1',
    scope: 'jd',
  });
  expect(identityQuery(IdentityKind.EXTERNAL, 'C-1', 'jd')).toEqual({ kind: 'EXTERNAL', value: 'C-1' });
});
