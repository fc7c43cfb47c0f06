import { MASKED, maskContact } from '../identity/personal-masks.ts';

/**
 * Fields of which a code is shown. Sources name their fields as they like, so everything else that is text may be of a
 * person: a list of what to hide would miss the next source's.
 */
const CODES = new Set(
  `sku quantity qty currency state status kind type channel stream carrier orderExternalId orderLineExternalId
   ticketExternalId trackingNumber`
    .split(/\s+/)
    .map((name) => name.toLowerCase()),
);
const CODE = /^[\w.:#/-]{1,64}$/;
const DAY_OR_TIME = /^\d{4}([-/.])\d{1,2}\1\d{1,2}(?:[T ]\d{1,2}:[\d:.]+ ?(?:Z|[+-]\d\d:?\d\d)?)?$/;
/** Larger whole numbers may be phones, postal codes or numbers of documents. */
const SMALL_NUMBER = /^[+-]?(?:\d{1,4}|\d{1,7}\.\d{1,4})$/;

/** A string, complete or cut off, with the colon that makes it a name; or a number. */
const TOKEN = /"((?:[^"\\]|\\.)*)("(\s*:)?|\\?$)|-?\d[\d.eE+-]*/g;
const QUOTED = /"(?:[^"\\]|\\.)*(?:"|$)/g;
const EMAIL = /[^\s"',:;<>()]+@[^\s"',:;<>()]+/g;
const DIGITS = /\+?\d[\d\s()./:-]{3,}\d/g;

/**
 * A row of a source, or what a source was to be told, for a key that may not see personal data: its names of fields,
 * days, small numbers and codes; phones and addresses of e-mail as customers show them; of other texts nothing.
 * @param payload JSON, of which the end may be cut off
 */
export function maskRow(payload: string): string {
  if (!/^\s*[[{"]/.test(payload)) return MASKED;
  let field = '';
  return payload.replace(TOKEN, (token, text: string | undefined, _end, colon: string | undefined) => {
    if (text === undefined) return shownValue(field, token) === token ? token : `"${MASKED}"`;
    const value = unescaped(text);
    if (colon === undefined) return JSON.stringify(shownValue(field, value));
    field = value;
    return `${JSON.stringify(maskContact(value) ?? value)}${colon}`;
  });
}

/** Why a row was refused, without the values that it quotes. */
export function maskReason(reason: string, payload: string): string {
  const known = hiddenValues(payload).reduce((text, value) => text.replaceAll(value, MASKED), reason);
  return known
    .replace(QUOTED, (quoted) => (isPlain(unescaped(quoted.slice(1, -1))) ? quoted : `"${MASKED}"`))
    .replace(EMAIL, MASKED)
    .replace(DIGITS, (digits) => (isPlain(digits) ? digits : MASKED));
}

/** The texts of a row that are not shown, longest first: one may be a part of another. */
function hiddenValues(payload: string): string[] {
  const values: string[] = [];
  let field = '';
  for (const [token, text, , colon] of payload.matchAll(TOKEN)) {
    const value = text === undefined ? token : unescaped(text);
    if (colon !== undefined) field = value;
    else if (value.length > 1 && shownValue(field, value) !== value) values.push(value);
  }
  return values.sort((a, b) => b.length - a.length);
}

function shownValue(field: string, value: string): string {
  const contact = maskContact(value);
  if (contact !== undefined) return contact;
  return value === '' || isPlain(value) || (CODES.has(field.toLowerCase()) && CODE.test(value))
    ? value
    : MASKED;
}

function isPlain(value: string): boolean {
  return DAY_OR_TIME.test(value) || SMALL_NUMBER.test(value) || value === MASKED;
}

function unescaped(text: string): string {
  try {
    return JSON.parse(`"${text}"`) as string;
  } catch {
    return text; // cut off within an escape
  }
}
