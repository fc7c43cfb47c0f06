import { timingSafeEqual } from 'node:crypto';
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
