import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { parseNatsAddress } from '../../../src/platform/process/nats-address.ts';
import { readSignal, writeSignal } from '../../../src/platform/bus/signal.ts';

test('a signal arrives whole, in payloads that are not too large', () => {
  const keys = fc.array(fc.string({ maxLength: 40, unit: 'grapheme' }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(keys, fc.integer({ min: 300, max: 2_000 }), (sent, maxBytes) => {
      const payloads = writeSignal({ origin: 'o', topic: 't', keys: sent }, maxBytes);
      const read = payloads.map((payload) => readSignal(payload)!);
      expect(read.flatMap((signal) => signal.keys)).toEqual(sent);
      for (const [index, payload] of payloads.entries())
        expect(Buffer.byteLength(payload) <= maxBytes || read[index]!.keys!.length === 1).toBe(true);
    }),
  );
  expect(readSignal(writeSignal({ origin: 'o', topic: 't', keys: null }, 300)[0]!)).toMatchObject({
    keys: null,
  });
});

test.each([
  ['nats://a', { servers: ['a:4222'], tls: false, user: undefined, subject: 'orderweave.changes' }],
  [
    'tls://hub:p%40ss@a:5222/shop-1, tls://hub:p%40ss@b/shop-1',
    {
      servers: ['a:5222', 'b:4222'],
      tls: true,
      user: 'hub',
      password: 'p@ss',
      token: undefined,
      subject: 'shop-1.changes',
    },
  ],
  ['nats://s3cret@[::1]:4222', { servers: ['[::1]:4222'], user: undefined, token: 's3cret' }],
])('HUB_BUS_URL=%s', (text, address) => {
  expect(parseNatsAddress(text)).toMatchObject(address);
});
