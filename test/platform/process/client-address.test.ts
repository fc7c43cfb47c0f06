import { expect, test } from '@jest/globals';
import type { IncomingMessage } from 'node:http';
import { clientAddressBehind, isNetwork, networkOf } from '../../../src/platform/process/client-address.ts';

const request = (remoteAddress: string, forwarded?: string) =>
  ({ socket: { remoteAddress }, headers: { 'x-forwarded-for': forwarded } }) as unknown as IncomingMessage;

test.each([
  ['203.0.113.7', '203.0.113.7'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
  ['2001:db8:1:3::9', '2001:db8:1:3::/64'],
  ['no address', 'no address'],
])('%s is counted as %s', (address, counted) => {
  expect(networkOf(address)).toBe(counted);
});

test.each<[string, string[], string, string | undefined, string]>([
  ['nobody is trusted', [], '10.0.0.1', '203.0.113.7', '10.0.0.1'],
  ['the proxy is trusted', ['10.0.0.0/8'], '10.0.0.1', '203.0.113.7', '203.0.113.7'],
  ['another sends it', ['10.0.0.0/8'], '198.51.100.1', '203.0.113.7', '198.51.100.1'],
  ['the client wrote one itself', ['10.0.0.0/8'], '10.0.0.1', '1.1.1.1, 203.0.113.7', '203.0.113.7'],
  ['two proxies', ['10.0.0.0/8'], '10.0.0.1', '203.0.113.7, 10.0.0.2', '203.0.113.7'],
  ['the proxy has sent none', ['10.0.0.0/8'], '10.0.0.1', undefined, '10.0.0.1'],
  ['a proxy of IPv6', ['fd00::/8'], 'fd00::1', '2001:db8::1', '2001:db8::/64'],
])('the address where %s', (_what, trusted, socket, forwarded, expected) => {
  expect(clientAddressBehind(trusted)(request(socket, forwarded))).toBe(expected);
});

test('networks are told from what is none', () => {
  expect(['10.0.0.0/8', '10.0.0.1', 'fd00::/8', '::1'].filter(isNetwork)).toHaveLength(4);
  expect(['10.0.0.0/33', 'nginx', '', '10.0.0.0/'].filter(isNetwork)).toEqual([]);
});
