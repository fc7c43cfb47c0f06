import type { Expression } from 'jsonata';

/** The steps that one evaluation of an expression may use: parts of it evaluated, each as often as it repeats them. */
const MAX_STEPS = 100_000;
/** The most that a value may hold meanwhile: entries of a list, characters of a text. */
export const MAX_ENTRIES = 100_000;
const MAX_CHARACTERS = 1_000_000;

/** The frame of one evaluation, as JSONata hands it to its hooks. */
interface Frame {
  base: { steps?: number };
}

/**
 * Ends evaluations that take too many steps or make too much, by the hooks that JSONata has for it. Steps, not time: the
 * same row is mapped or refused the same on every machine.
 */
export function boundSteps(expression: Expression): void {
  assign(expression, 'jsonata.__evaluate_entry', (_part, _input, { base }) => {
    base.steps = (base.steps ?? 0) + 1;
    if (base.steps > MAX_STEPS) throw new RangeError(`the expression takes more than ${MAX_STEPS} steps`);
  });
  assign(expression, 'jsonata.__evaluate_exit', (_part, _input, _frame, result) => {
    if (
      typeof result === 'string'
        ? result.length > MAX_CHARACTERS
        : Array.isArray(result) && result.length > MAX_ENTRIES
    )
      throw new RangeError('a text or list of the expression grows too long');
  });
}

type Hook = (part: unknown, input: unknown, frame: Frame, result?: unknown) => void;

/** Its types know names only. */
function assign(expression: Expression, hook: string, call: Hook): void {
  expression.assign(Symbol.for(hook) as unknown as string, call);
}
