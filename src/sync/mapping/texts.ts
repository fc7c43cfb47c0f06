import { plainText } from './plain-text.ts';
import { ValueError } from './value-error.ts';

/** The trimmed text, half-width; undefined for blank. */
export function text(value: unknown): string | undefined {
  return plainText(value);
}

/**
 * An identifier as text. A spreadsheet that showed it as a number may have destroyed it, and then two orders
 * could become one: such a value is refused.
 * @throws ValueError for scientific notation and for numbers beyond 15 digits.
 */
export function identifier(value: unknown): string | undefined {
  const id = plainText(value);
  if (id === undefined) return undefined;
  if (/^\d(?:\.\d+)?E\+\d+$/i.test(id) || (typeof value === 'number' && Math.abs(value) >= 1e15)) {
    throw new ValueError(`"${id}" lost digits in a spreadsheet; format the column as text and export again`);
  }
  return id;
}

/** Identifiers joined by "-" to one; undefined when any of them is blank: half a key names the wrong thing. */
export function key(...values: unknown[]): string | undefined {
  const parts = values.map(identifier);
  return parts.includes(undefined) ? undefined : parts.join('-');
}

/** Everything in the given cells that is separated by 、 , ; / or spaces between numbers, without repeats. */
export function textList(...values: unknown[]): string[] {
  const parts = values
    .flat()
    .flatMap((value) => (plainText(value) ?? '').split(/[、,;/|\n]+/))
    .map((part) => part.trim());
  return [...new Set(parts.filter((part) => part !== ''))];
}

/** The first of the cells that is not blank. */
export function firstOf(...values: unknown[]): unknown {
  return values.find((value) => value !== null && value !== undefined && String(value).trim() !== '');
}
