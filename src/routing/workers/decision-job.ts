import { performance } from 'node:perf_hooks';
import { decideRoute, unconstrainedCostMinor } from '../decide/decide-route.ts';
import type { RoutingInput } from '../decide/facts/routing-facts.ts';
import type { RoutingOutcome } from '../decide/outcome.ts';
import { compileRules, type CompiledRules } from '../decide/rules/compile-rules.ts';
import type { RoutingRule } from '../decide/rules/rules.ts';

/** A request to a worker, as values that can be sent to it. */
export interface DecisionJob {
  question: 'DECIDE' | 'UNCONSTRAINED_COST';
  input: RoutingInput;
  /** Rules never change under their id. */
  ruleSetId: string;
  rules: readonly RoutingRule[];
}

export interface JobAnswer {
  /** Of DECIDE. */
  outcome?: RoutingOutcome;
  /** Of UNCONSTRAINED_COST, minor units; null where there is no plan, or none is proved to be the cheapest. */
  costMinor?: number | null;
  durationMs: number;
}

/** Answers a job. @throws Error for rules that do not compile; RangeError for facts that contradict themselves */
export function runDecisionJob({ question, input, ruleSetId, rules }: DecisionJob): JobAnswer {
  const started = performance.now();
  const compiled = compiledOf(ruleSetId, rules);
  const answer =
    question === 'DECIDE'
      ? { outcome: decideRoute(input, compiled) }
      : { costMinor: unconstrainedCostMinor(input, compiled) };
  return { ...answer, durationMs: performance.now() - started };
}

/** Compiling takes milliseconds. */
const MAX_COMPILED = 100;
const compiledById = new Map<string, CompiledRules>();

function compiledOf(id: string, rules: readonly RoutingRule[]): CompiledRules {
  const known = compiledById.get(id);
  if (known) return known;
  const compiled = compileRules(rules);
  if (!compiled.ok) throw new Error(`rule set ${id} does not compile: ${JSON.stringify(compiled.problems)}`);
  if (compiledById.size >= MAX_COMPILED) compiledById.clear();
  compiledById.set(id, compiled.rules);
  return compiled.rules;
}
