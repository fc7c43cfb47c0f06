import { isSafeNumber, parse } from 'lossless-json';
import { RetriableError } from './errors.ts';

/**
 * Parses the answer of a source without spoiling what JavaScript's numbers cannot hold: numbers of more than 15 digits
 * become the text that stood there, so that an order id of 19 digits stays the id it is.
 * @param where names the call, for the error
 * @throws RetriableError where it is no JSON: as a rule a proxy's page for people, which passes
 */
export function parseExactJson(where: string, text: string): unknown {
  try {
    return parse(text, null, (digits) => (isExact(digits) ? Number(digits) : digits));
  } catch {
    throw new RetriableError(`${where} answered what is no JSON.`);
  }
}

/** Longer ones are identifiers, and mappings take them as text only. */
function isExact(digits: string): boolean {
  return isSafeNumber(digits) && Math.abs(Number(digits)) < 1e15;
}
