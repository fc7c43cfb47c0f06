import { plainText } from './plain-text.ts';
import { ValueError } from './value-error.ts';

const ADDRESS =
  /^(?<province>[^\s,]{2,8}?(?:省|自治区)|(?:北京|上海|天津|重庆)市?)?[\s,]*(?<city>[^\s,]{1,10}?(?:市|自治州|地区|盟))?[\s,]*(?<district>[^\s,]{1,10}?(?:新区|区|县|旗|市))?[\s,]*(?<street>.*)$/;

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
  return values.find((value) => value !== null && value !== undefined && plainText(value) !== '' && !isBlank(value));
}

function isBlank(value: unknown): boolean {
  return typeof value === 'string' && value.trim() === '';
}

/**
 * One part of a Chinese address in one cell, e.g. "浙江省杭州市西湖区文三路1号": `province`, `city`, `district` or
 * `street`. Undefined when the address does not name it. Of 北京, 上海, 天津 and 重庆 the province is the city.
 */
export function addressPart(value: unknown, part: string): string | undefined {
  const groups = ADDRESS.exec(plainText(value) ?? '')?.groups;
  const found = groups?.[part];
  if (part === 'city' && !found && /^(北京|上海|天津|重庆)/.test(groups?.['province'] ?? '')) {
    return groups?.['province'];
  }
  return found === '' ? undefined : found;
}
