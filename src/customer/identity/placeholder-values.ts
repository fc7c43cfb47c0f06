/** Values that people and systems write where they know nothing. Such a value says nothing about who somebody is. */
const FILLER_WORDS = new Set(
  [
    'null none nil undefined unknown anonymous anon nobody guest test n/a na no - -- . ? noreply no-reply donotreply',
    '匿名 匿名用户 未知 无 没有 暂无 游客 访客 空',
  ]
    .join(' ')
    .split(' '),
);

/** Marks that a source puts over what it does not want to show: "138****1234", "张**". */
export const MASK = /[*•●※]/;

const SAME_DIGIT_RUN = 8;
const SEQUENCE_RUN = 9;

/** Folded for comparison: full-width to half-width, case, outer space. */
export function folded(text: string): string {
  return text.normalize('NFKC').trim().toLowerCase();
}

/** Whether a text stands for "nothing": empty, zeros only, a word such as "null" or "匿名". */
export function isPlaceholder(text: string): boolean {
  const plain = folded(text);
  return plain === '' || /^0+$/.test(plain) || FILLER_WORDS.has(plain);
}

/**
 * Whether digits look typed to get past a form: eight times the same ("13000000000"), or nine in sequence
 * ("12345678901", "98765432100"). Shorter runs occur in real numbers.
 */
export function isPlaceholderNumber(digits: string): boolean {
  return (
    longestRun(digits, 0) >= SAME_DIGIT_RUN ||
    longestRun(digits, 1) >= SEQUENCE_RUN ||
    longestRun(digits, 9) >= SEQUENCE_RUN
  );
}

/** Length of the longest run in which each digit is the one before plus `step`, modulo 10. */
function longestRun(digits: string, step: number): number {
  let longest = 0;
  let run = 0;
  let previous = NaN;
  for (const digit of digits) {
    run = Number(digit) === (previous + step) % 10 ? run + 1 : 1;
    longest = Math.max(longest, run);
    previous = Number(digit);
  }
  return longest;
}
