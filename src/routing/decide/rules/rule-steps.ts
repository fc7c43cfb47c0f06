import type { ASTNode } from '@marcbachmann/cel-js';

/** The steps that one evaluation of a condition may use: parts of it evaluated, each as often as lists repeat it. */
export const MAX_STEPS = 100_000;
/** The most that a value may hold while a condition is evaluated: entries of a list, characters of a text. */
const MAX_ENTRIES = 10_000;
const MAX_CHARACTERS = 100_000;

/** How many entries a list counts as that only the order knows, e.g. its lines. */
const LIST_OF_AN_ORDER = 100;
/** The methods that evaluate their last arguments once for each entry of a list. */
const MACROS: ReadonlySet<unknown> = new Set(['map', 'filter', 'all', 'exists', 'exists_one']);

/** Sizes of lists, by the name that a macro gives to each of their entries. */
type Entries = ReadonlyMap<string, number>;
const NONE: Entries = new Map();

export function isPart(value: unknown): value is ASTNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value;
}

/** How many steps a condition takes at most, by the lists that it writes out and what an order is assumed to have. */
export function estimateSteps(part: ASTNode, entries: Entries = NONE): number {
  const macro = macroOf(part);
  if (!macro) return below(part).reduce((total, each) => total + estimateSteps(each, entries), 1);
  const inner = new Map(entries).set(macro.name, sizeOfEntries(macro.list, entries));
  const once = macro.bodies.reduce((total, body) => total + estimateSteps(body, inner), 1);
  return 1 + estimateSteps(macro.list, entries) + sizeOf(macro.list, entries) * once;
}

/** Counts the steps of a checked condition as it is evaluated, so that no order makes it endless: no clock is asked. */
export function countSteps(parts: readonly ASTNode[]): { restart: () => void } {
  let steps = 0;
  for (const part of parts) {
    const node = part as unknown as Evaluated;
    const { evaluate } = node.meta;
    if (!evaluate) continue;
    node.setMeta('evaluate', (...given) => {
      steps += 1;
      if (steps > MAX_STEPS) throw new RangeError(`The condition takes more than ${MAX_STEPS} steps`);
      return bounded(evaluate(...given));
    });
  }
  return { restart: () => (steps = 0) };
}

/** The part of a parsed condition that the library's types leave out: how it is evaluated. */
interface Evaluated {
  meta: { evaluate?: (...given: unknown[]) => unknown };
  setMeta(name: 'evaluate', value: (...given: unknown[]) => unknown): unknown;
}

function bounded(value: unknown): unknown {
  if (
    Array.isArray(value)
      ? value.length > MAX_ENTRIES
      : typeof value === 'string' && value.length > MAX_CHARACTERS
  )
    throw new RangeError('A list or text of the condition grows too long');
  return value;
}

interface Macro {
  method: string;
  list: ASTNode;
  /** That of an entry. */
  name: string;
  bodies: readonly ASTNode[];
}

function macroOf(part: ASTNode): Macro | undefined {
  if (part.op !== 'rcall' || !MACROS.has(part.args[0])) return undefined;
  const [method, list, given] = part.args as unknown as [string, ASTNode, readonly ASTNode[]];
  const [entry, ...bodies] = given;
  return entry?.op === 'id' ? { method, list, name: String(entry.args), bodies } : undefined;
}

function below(part: ASTNode): ASTNode[] {
  return ([part.args].flat(2) as unknown[]).filter(isPart);
}

function sizeOf(part: ASTNode, entries: Entries): number {
  const macro = macroOf(part);
  if (macro) return sizeOf(macro.list, entries);
  if (part.op === 'list') return below(part).length;
  if (part.op === '+') return below(part).reduce((total, each) => total + sizeOf(each, entries), 0);
  if (part.op === '?:')
    return Math.max(
      ...below(part)
        .slice(1)
        .map((each) => sizeOf(each, entries)),
    );
  if (part.op === 'id') return entries.get(String(part.args)) ?? LIST_OF_AN_ORDER;
  return LIST_OF_AN_ORDER;
}

/** The size of each entry, where the entries are lists. */
function sizeOfEntries(part: ASTNode, entries: Entries): number {
  const macro = macroOf(part);
  if (macro?.method === 'map') {
    const inner = new Map(entries).set(macro.name, sizeOfEntries(macro.list, entries));
    return Math.max(...macro.bodies.slice(-1).map((body) => sizeOf(body, inner)));
  }
  if (macro) return sizeOfEntries(macro.list, entries);
  if (part.op === 'list') return Math.max(0, ...below(part).map((each) => sizeOf(each, entries)));
  if (part.op === '+') return Math.max(0, ...below(part).map((each) => sizeOfEntries(each, entries)));
  return LIST_OF_AN_ORDER;
}
