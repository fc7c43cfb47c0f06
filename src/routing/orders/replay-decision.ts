import { decideRoute } from '../decide/decide-route.ts';
import type { DecisionRow } from '../store/decision-store.ts';
import { rulesFor } from './route-order.ts';
import { compiledRulesOf, type RuleSetRow } from '../store/rule-set-store.ts';

/**
 * Decides a stored decision again from its stored inputs.
 * @returns the path of the first part of the outcome that differs, e.g. `shipments.0.node`; undefined when none does
 */
export function replay(decision: DecisionRow, ruleSet: RuleSetRow): string | undefined {
  const again = decideRoute(decision.input, rulesFor(decision, compiledRulesOf(ruleSet)));
  return firstDifference(decision.outcome, again, '');
}

function firstDifference(stored: unknown, again: unknown, path: string): string | undefined {
  if (Object.is(stored, again)) return undefined;
  const both = [stored, again];
  if (both.some((value) => typeof value !== 'object' || value === null)) return path || 'outcome';
  const [a, b] = both as [Record<string, unknown>, Record<string, unknown>];
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
  for (const name of names) {
    const found = firstDifference(a[name], b[name], path ? `${path}.${name}` : name);
    if (found !== undefined) return found;
  }
  return undefined;
}
