import { engineVersion, type RoutingOutcome } from '../decide/outcome.ts';
import type { DecisionRow } from '../store/decision-store.ts';
import type { Decider } from '../workers/decision-pool.ts';
import { rulesFor } from './decide-order.ts';
import type { RuleSetRow } from '../store/rule-set-store.ts';

/**
 * Decides a stored decision again from its stored inputs. One of an earlier engine is compared in all but the version:
 * most are the same, and where one is not, the difference names both engines.
 * @returns the path of the first part of the outcome that differs, e.g. `shipments.0.node`; undefined when none does
 */
export async function replay(
  decision: DecisionRow,
  ruleSet: RuleSetRow,
  decider: Decider,
): Promise<string | undefined> {
  const stored = decision.outcome;
  const job = { input: decision.input, ...rulesFor(decision, ruleSet) };
  const { outcome } = await decider.decide(job);
  const again = { ...outcome, unconstrainedCostMinor: stored.unconstrainedCostMinor };
  // A side figure, which engine 1 stored with each decision. Null there: it was left open.
  if (stored.unconstrainedCostMinor !== null)
    again.unconstrainedCostMinor = (await decider.unconstrainedCost(job)) ?? stored.unconstrainedCostMinor;
  const isOfThisEngine = stored.engineVersion === engineVersion;
  const difference = firstDifference(
    asJson(stored),
    asJson(isOfThisEngine ? again : { ...again, engineVersion: stored.engineVersion }),
    '',
  );
  return difference === undefined || isOfThisEngine
    ? difference
    : `engine changed from ${stored.engineVersion} to ${engineVersion}: ${difference}`;
}

/** As the database has it: without undefined properties. */
function asJson(outcome: RoutingOutcome): unknown {
  return JSON.parse(JSON.stringify(outcome));
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
