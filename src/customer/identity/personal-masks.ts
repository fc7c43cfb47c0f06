import { emailIdentity, phoneIdentity } from './identity.ts';

const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });

/** A value of which nothing is shown. */
export const MASKED = '***';

export function maskName(name: string): string {
  return `${charactersOf(name).slice(0, 1).join('')}**`;
}

/** Enough to recognise what one knows already, too little to learn it. */
export function maskIdentity(value: string, kind: string): string {
  if (kind === 'EMAIL')
    return `${charactersOf(value).slice(0, 1).join('')}***${value.slice(value.indexOf('@'))}`;
  const shown = kind === 'PHONE' ? { first: 3, last: 4 } : { first: 0, last: 2 };
  return masked(value, shown, kind === 'PHONE' ? '****' : MASKED);
}

/** A phone or an e-mail address in any notation, masked; undefined for what is neither. */
export function maskContact(text: string): string | undefined {
  const email = emailIdentity(text);
  if (email) return maskIdentity(email.value, 'EMAIL');
  const phone = phoneIdentity(text);
  return phone ? maskIdentity(phone.value, 'PHONE') : undefined;
}

/** The first and last characters about a mask; of a value that would be shown by half or more, none. */
function masked(value: string, { first, last }: { first: number; last: number }, mask: string): string {
  const characters = charactersOf(value);
  if (characters.length < 2 * (first + last)) return mask;
  return `${characters.slice(0, first).join('')}${mask}${characters.slice(-last).join('')}`;
}

/** Characters as people see them: never half of one. */
function charactersOf(text: string): string[] {
  return Array.from(graphemes.segment(text), ({ segment }) => segment);
}
