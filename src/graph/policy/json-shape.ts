import { limits } from './query-limits.ts';

/** Shorter texts cannot hold enough to be worth a look. */
const SMALL_CHARACTERS = 16_384;
const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const [OPEN_BRACKET, CLOSE_BRACKET, OPEN_BRACE, CLOSE_BRACE] = [0x5b, 0x5d, 0x7b, 0x7d];

/**
 * Says why a JSON text has a shape that is not parsed, or undefined: a megabyte of brackets becomes half a million
 * objects, which cost a hundred times what the text does. Texts within strings are passed over, and what is no JSON is
 * left to the parser.
 */
export function excessiveShape(text: string): string | undefined {
  if (text.length <= SMALL_CHARACTERS) return undefined;
  let [depth, values] = [0, 1];
  for (let at = 0; at < text.length; at++) {
    const character = text.charCodeAt(at);
    if (character === QUOTE) {
      at = endOfString(text, at);
      if (at < 0) return undefined;
    } else if (character === OPEN_BRACKET || character === OPEN_BRACE) {
      values += 1;
      depth += 1;
      if (depth > limits.jsonDepth) return `The JSON is nested deeper than ${limits.jsonDepth} levels.`;
    } else if (character === COMMA) values += 1;
    else if (character === CLOSE_BRACKET || character === CLOSE_BRACE) depth -= 1;
    if (values > limits.jsonValues) return `The JSON has more than ${limits.jsonValues} values.`;
  }
  return undefined;
}

/** The place of the quote that ends the string begun at `start`; -1 if none does. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end > 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end;
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes += 1;
  return backslashes % 2 === 1;
}
