import type { CompiledRule, CompiledRules } from './compile-rules.ts';
import type {
  CarrierServiceFacts,
  LineFacts,
  NodeFacts,
  RoutingInput,
  ZoneFacts,
} from '../facts/routing-facts.ts';
import { carrierValue, lineValue, nodeValue, orderValue } from './rule-environment.ts';
import type { LineValue, NodeValue } from './rule-environment.ts';
import { meaningOf, type RuleEffect } from './rules.ts';

/** The node, line and carrier that a rule is evaluated against; a rule sees of it what its condition mentions. */
export interface RuleSubject {
  node?: NodeFacts;
  line?: LineFacts;
  carrier?: { service: CarrierServiceFacts; zone: ZoneFacts };
}

/** A rule that had a say: it matched (REQUIRE: was not met) or its condition could not be evaluated. */
export interface RuleEvaluation {
  rule: string;
  effect: RuleEffect;
  result: 'MATCHED' | 'UNMET' | 'FAILED';
  node: string | null;
  sku: string | null;
  carrier: string | null;
  error: string | null;
}

/** Answers whether a rule's condition holds, each question once, and keeps for the trace what mattered. */
export interface RuleEvaluator {
  rulesOf(effect: RuleEffect): CompiledRules;
  conditionHolds(rule: CompiledRule, subject: RuleSubject): boolean;
  evaluations(): RuleEvaluation[];
}

export function createRuleEvaluator(input: RoutingInput, rules: CompiledRules): RuleEvaluator {
  const values = ruleValues(input);
  const answers = new Map<string, boolean>();
  const evaluations: RuleEvaluation[] = [];

  function ask(rule: CompiledRule, subject: RuleSubject): boolean {
    let error: string | null = null;
    let holds: boolean;
    try {
      holds = rule.evaluate(values(subject));
    } catch (thrown) {
      holds = meaningOf(rule.effect).whenItFails;
      error = summaryOf(thrown);
    }
    const mattered = holds !== (rule.effect === 'REQUIRE');
    if (error !== null || mattered) evaluations.push(evaluationOf(rule, subject, error));
    return holds;
  }

  return {
    rulesOf: (effect) => rules.filter((rule) => rule.effect === effect),
    conditionHolds(rule, given) {
      if (rule.uses.carrier && !given.carrier) return false; // a pickup: nothing of it is true of a carrier
      const subject = referencedSubject(rule, given);
      const key = JSON.stringify([
        rule.name,
        subject.node?.code,
        subject.line?.sku,
        subject.carrier?.service.code,
      ]);
      const known = answers.get(key);
      if (known !== undefined) return known;
      const answer = ask(rule, subject);
      answers.set(key, answer);
      return answer;
    },
    evaluations: () => evaluations,
  };
}

function referencedSubject({ uses }: CompiledRule, { node, line, carrier }: RuleSubject): RuleSubject {
  return {
    ...(uses.node && node ? { node } : {}),
    ...(uses.line && line ? { line } : {}),
    ...(uses.carrier && carrier ? { carrier } : {}),
  };
}

function evaluationOf(rule: CompiledRule, subject: RuleSubject, error: string | null): RuleEvaluation {
  const unmet = rule.effect === 'REQUIRE';
  return {
    rule: rule.name,
    effect: rule.effect,
    result: error !== null ? 'FAILED' : unmet ? 'UNMET' : 'MATCHED',
    node: subject.node?.code ?? null,
    sku: subject.line?.sku ?? null,
    carrier: subject.carrier?.service.code ?? null,
    error,
  };
}

/** The subjects as CEL sees them; nodes and lines are converted once a decision. */
function ruleValues(input: RoutingInput) {
  const base = { order: orderValue(input.order), now: new Date(input.now) };
  const nodes = new Map<NodeFacts, NodeValue>();
  const lines = new Map<LineFacts, LineValue>();
  return ({ node, line, carrier }: RuleSubject) => ({
    ...base,
    ...(node ? { node: keep(nodes, node, () => nodeValue(node)) } : {}),
    ...(line ? { line: keep(lines, line, () => lineValue(line)) } : {}),
    ...(carrier ? { carrier: carrierValue(carrier.service, carrier.zone) } : {}),
  });
}

function keep<Key, Value>(known: Map<Key, Value>, key: Key, make: () => Value): Value {
  const value = known.get(key) ?? make();
  known.set(key, value);
  return value;
}

/** The first line: below it the library draws the source. */
function summaryOf(thrown: unknown): string {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return message.split('\n', 1)[0] ?? '';
}
