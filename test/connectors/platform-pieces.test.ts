import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { ExpiringToken, FatalError, parseExactJson, RetriableError } from '../../connectors/spi/index.ts';
import { never } from '../support/connectors/read-stream.ts';

const MINUTE = 60_000;
afterEach(() => void jest.restoreAllMocks());

describe('a token that ends', () => {
  const asked = (expiresInMs = 60 * MINUTE) => {
    let count = 0;
    const token = new ExpiringToken(async () => ({ value: `token ${++count}`, expiresInMs }));
    return { token, value: () => token.value(never), count: () => count };
  };
  const later = (ms: number) => {
    const at = Date.now() + ms;
    jest.spyOn(Date, 'now').mockReturnValue(at);
  };

  it('is asked for once, by whoever needs it first, until shortly before its end', async () => {
    const { value, count } = asked();
    expect(await Promise.all([value(), value(), value()])).toEqual(Array(3).fill('token 1'));
    later(58 * MINUTE);
    expect(await value()).toBe('token 1');
    later(1.5 * MINUTE);
    expect(await value()).toBe('token 2');
    expect(count()).toBe(2);
  });

  it('is asked for again when it is refused; that helps only if it was not new', async () => {
    const { token, value } = asked();
    expect(await token.refused(await value())).toBe(false);
    expect(await value()).toBe('token 2');
    later(2 * MINUTE);
    expect(await token.refused('token 2')).toBe(true);
    expect(await value()).toBe('token 3');
    expect(await token.refused('token 2')).toBe(true); // a call that was late to notice
    expect(await value()).toBe('token 3');
  });

  it('is asked for again after it could not be had', async () => {
    let isDown = true;
    const token = new ExpiringToken(async () => {
      if (isDown) throw new FatalError('down');
      return { value: 'good', expiresInMs: 60 * MINUTE };
    });
    await expect(token.value(never)).rejects.toThrow('down');
    isDown = false;
    expect(await token.value(never)).toBe('good');
  });
});

describe('exact JSON', () => {
  it('keeps what a number of JavaScript cannot hold, and identifiers, as text', () => {
    const text =
      '{"id":9223372036854775807,"tid":1234567890123456,"count":2,"price":129.50,"list":[null,true]}';
    expect(parseExactJson('It', text)).toEqual({
      id: '9223372036854775807',
      tid: '1234567890123456',
      count: 2,
      price: 129.5,
      list: [null, true],
    });
  });

  it('says that what is no JSON may pass, and does not quote it', () => {
    expect(() => parseExactJson('The gateway', '<html>secret</html>')).toThrow(RetriableError);
    expect(() => parseExactJson('The gateway', '<html>secret</html>')).toThrow(
      'The gateway answered what is no JSON.',
    );
  });
});
