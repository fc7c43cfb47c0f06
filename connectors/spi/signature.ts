import { createHash, timingSafeEqual } from 'node:crypto';
import { PushRefused } from './webhook.ts';

/**
 * Compares in a time that tells nothing about where they differ.
 * @param given as it stands in the header named `header`
 * @throws PushRefused
 */
export function mustBeSigned(header: string, given: string | undefined, expected: string): void {
  const [one, other] = [Buffer.from(given ?? ''), Buffer.from(expected)];
  if (one.length !== other.length || !timingSafeEqual(one, other))
    throw new PushRefused(`${header} is not that of the body.`);
}

/**
 * How Youzan signs its pushes, and Douyin shop by a public SDK: MD5 of the app's key, the bytes of the body and the app's
 * secret. @returns lower-case hex
 */
export function eventSign(appKey: string, body: Uint8Array, secret: string): string {
  return createHash('md5').update(appKey).update(body).update(secret).digest('hex');
}
