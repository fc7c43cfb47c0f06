import { BREAK, visit, type DocumentNode } from 'graphql';
import { limits } from './query-limits.ts';

/**
 * Why an operation's texts cannot be kept as they were sent, or undefined: PostgreSQL has no NUL character, half of a
 * surrogate pair would be stored as another character, and no text of the API needs to be long. Asked before anything is
 * executed, on both transports: of a document once, before it is admitted, of its variables with every request.
 */
export function unstorableLiteral(document: DocumentNode): string | undefined {
  let found: string | undefined;
  visit(document, {
    StringValue({ value, loc }) {
      found = complaint(value, `The text in line ${loc?.startToken.line}, column ${loc?.startToken.column}`);
      return found === undefined ? undefined : BREAK;
    },
  });
  return found;
}

/** A list of what is still to be looked at instead of recursion: what is sent may be nested beyond the stack. */
export function unstorableVariable(variables: unknown): string | undefined {
  if (!hasUnstorableText(variables)) return undefined;
  const left: { at: string; value: unknown }[] = [{ at: '$', value: variables }];
  for (let next = left.pop(); next; next = left.pop()) {
    const { at, value } = next;
    const found = typeof value === 'string' ? complaint(value, `\`${at}\``) : undefined;
    if (found !== undefined) return found;
    if (value === null || typeof value !== 'object') continue;
    if (isLargeObject(value))
      return `\`${at}\` has more than ${limits.objectFields} fields, or more than ${limits.objectCharacters} characters in them.`;
    for (const [name, part] of Object.entries(value))
      left.push({
        at: Array.isArray(value) ? `${at}[${name}]` : `${at}${at === '$' ? '' : '.'}${name}`,
        value: part,
      });
  }
  return undefined;
}

/** Without account of where, which only what is refused needs. */
function hasUnstorableText(variables: unknown): boolean {
  const left: unknown[] = [variables];
  while (left.length > 0) {
    const value = left.pop();
    if (typeof value === 'string') {
      if (isUnstorable(value)) return true;
    } else if (typeof value === 'object' && value !== null) {
      if (isLargeObject(value)) return true;
      for (const part of Object.values(value)) left.push(part);
    }
  }
  return false;
}

function isUnstorable(text: string): boolean {
  return text.length > limits.textCharacters || text.includes('\u0000') || !text.isWellFormed();
}

/** An input object that is wrong is told whole, once for each thing that is wrong with it. */
function isLargeObject(value: object): boolean {
  if (Array.isArray(value)) return false;
  const names = Object.keys(value);
  if (names.length > limits.objectFields) return true;
  let characters = 0;
  for (const name of names) {
    const part = (value as Record<string, unknown>)[name];
    characters += name.length + (typeof part === 'string' ? part.length : 0);
  }
  return characters > limits.objectCharacters;
}

function complaint(text: string, where: string): string | undefined {
  if (text.length > limits.textCharacters)
    return `${where} has ${text.length} characters; at most ${limits.textCharacters} are allowed.`;
  if (text.includes('\u0000')) return `${where} has a NUL character (U+0000); leave it out.`;
  if (!text.isWellFormed()) return `${where} has half of a surrogate pair; send whole Unicode characters.`;
  return undefined;
}
