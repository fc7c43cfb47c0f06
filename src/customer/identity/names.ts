import { folded, isPlaceholder, MASK } from './placeholder-values.ts';

/** A name as far as it can be compared. */
export interface ComparableName {
  /** Folded; of a masked name the shown start and end around one `*`. */
  text: string;
  masked: boolean;
  script: 'HAN' | 'OTHER';
}

const HONORIFIC = /^(\p{Script=Han}{1,2})(?:先生|女士|小姐|太太|老师)$/u;
const HAN = /\p{Script=Han}/u;
const MASK_RUN = /[*•●※某]+/gu;

/** Folds case, width, spaces and the order of Latin words; null when the name says nothing. */
export function comparableName(raw: string | null | undefined): ComparableName | null {
  if (!raw || isPlaceholder(raw)) return null;
  const plain = folded(raw);
  const han = HAN.test(plain);
  const text = han
    ? plain.replace(/\s+/g, '').replace(HONORIFIC, '$1*').replace(MASK_RUN, '*')
    : latin(plain);
  if (text.replaceAll('*', '') === '') return null;
  return { text, masked: text.includes('*'), script: han ? 'HAN' : 'OTHER' };
}

/**
 * Whether two names may be of one person. Names of different scripts cannot be compared ("张伟", "Zhang Wei"), so
 * they do not contradict each other.
 */
export function mayBeOnePerson(a: ComparableName, b: ComparableName): boolean {
  return a.script !== b.script || a.text === b.text || ((a.masked || b.masked) && fitsMask(a.text, b.text));
}

/** Whether a masked name shows nothing that `full` has not. */
export function isMaskOf(masked: ComparableName, full: ComparableName): boolean {
  return masked.script === full.script && fitsMask(masked.text, full.text);
}

/** The name as a person would read it is hidden in part. */
export function isMaskedName(raw: string): boolean {
  return MASK.test(raw.normalize('NFKC'));
}

function latin(plain: string): string {
  if (MASK.test(plain)) return plain.replace(/\s+/g, ' ').replace(MASK_RUN, '*');
  return plain
    .split(/[\s,]+/)
    .filter((word) => word !== '')
    .sort()
    .join(' ');
}

/** Both shown starts and both shown ends agree as far as both are shown. */
function fitsMask(a: string, b: string): boolean {
  const [startA, endA] = shownParts(a);
  const [startB, endB] = shownParts(b);
  return (
    (startA.startsWith(startB) || startB.startsWith(startA)) && (endA.endsWith(endB) || endB.endsWith(endA))
  );
}

function shownParts(text: string): [start: string, end: string] {
  const first = text.indexOf('*');
  return first < 0 ? [text, text] : [text.slice(0, first), text.slice(text.lastIndexOf('*') + 1)];
}
