import type { ASTNode } from '@marcbachmann/cel-js';
import { ruleEnvironment } from './rule-environment.ts';
import type { CarrierValue, LineValue, NodeValue, OrderValue } from './rule-environment.ts';
import { MAX_STEPS, countSteps, estimateSteps, isPart } from './rule-steps.ts';
import { engineExclusions, meaningOf, orderOfEffects, type RoutingRule, type RuleProblem } from './rules.ts';

/** The values that a condition is evaluated for. */
export interface RuleContext {
  order: OrderValue;
  now: Date;
  node?: NodeValue;
  line?: LineValue;
  carrier?: CarrierValue;
}

export interface CompiledRule extends RoutingRule {
  /** 0 where the effect has none. */
  readonly weight: number;
  /** Which of the variables the condition mentions: it is evaluated once for each of those. */
  readonly uses: { node: boolean; line: boolean; carrier: boolean };
  /** @throws whatever the condition runs into: an absent field, a division by zero. */
  evaluate(context: RuleContext): boolean;
}
export type CompiledRules = readonly CompiledRule[];

export type RuleCompilation =
  { ok: true; rules: CompiledRules } | { ok: false; problems: [RuleProblem, ...RuleProblem[]] };

/**
 * Checks and compiles a rule set. Every rule is looked at; of a condition the first mistake is told, as what follows
 * it is often its consequence.
 */
export function compileRules(rules: readonly RoutingRule[]): RuleCompilation {
  const problems = [...nameProblems(rules), ...rules.flatMap(weightProblems)];
  const compiled = rules.flatMap((rule) => {
    const result = compileCondition(rule);
    if (!('problem' in result)) return [result];
    problems.push(result.problem);
    return [];
  });
  const [first, ...rest] = problems;
  return first ? { ok: false, problems: [first, ...rest] } : { ok: true, rules: compiled };
}

function nameProblems(rules: readonly RoutingRule[]): RuleProblem[] {
  const engineNames: readonly string[] = engineExclusions;
  return rules.flatMap((rule, index) => {
    if (rule.name.trim() === '') return [atStart(rule, 'A rule needs a name.')];
    if (engineNames.includes(rule.name)) return [atStart(rule, `"${rule.name}" is a reason of the engine.`)];
    const earlier = rules.findIndex(({ name }) => name === rule.name);
    return earlier < index ? [atStart(rule, `Two rules are called "${rule.name}".`)] : [];
  });
}

function weightProblems(rule: RoutingRule): RuleProblem[] {
  const { effect, weight } = rule;
  if (!orderOfEffects.includes(effect)) return [atStart(rule, `There is no effect ${String(effect)}.`)];
  const allowed = meaningOf(effect).weight;
  const given = weight !== undefined && weight !== null;
  if (!allowed) return given ? [atStart(rule, `${effect} takes no weight.`)] : [];
  const { least, most, whole, unit } = allowed;
  if (!given) return [atStart(rule, `${effect} needs a weight: ${unit}.`)];
  if (weight >= least && weight <= most && weight !== 0 && (!whole || Number.isInteger(weight))) return [];
  return [
    atStart(
      rule,
      `The weight of ${effect} is ${whole ? 'whole ' : ''}${unit} from ${least} to ${most}${least < 0 ? ', not 0' : ''}; it is ${weight}.`,
    ),
  ];
}

function compileCondition(rule: RoutingRule): CompiledRule | { problem: RuleProblem } {
  try {
    const condition = ruleEnvironment.parse(rule.when);
    const checked = condition.check();
    if (!checked.valid) return { problem: problemOf(rule, checked.error) };
    if (checked.type !== 'bool') {
      const message = `A condition must be true or false (bool), this is ${checked.type}.`;
      return { problem: problemAt(rule, condition.ast.start, message) };
    }
    const parts = [...partsOf(condition.ast)];
    const forbidden = forbiddenPart(rule, parts);
    if (forbidden) return { problem: forbidden };
    if (estimateSteps(condition.ast) > MAX_STEPS)
      return {
        problem: problemAt(
          rule,
          condition.ast.start,
          `The condition may take more than ${MAX_STEPS} steps: nest fewer lists in each other.`,
        ),
      };
    const steps = countSteps(parts);
    const mentions = (name: string) => parts.some(({ op, args }) => op === 'id' && args === name);
    return {
      ...rule,
      weight: rule.weight ?? 0,
      uses: {
        node: mentions('node') || mentions('carrier'),
        line: mentions('line'),
        carrier: mentions('carrier'),
      },
      evaluate(context) {
        steps.restart();
        return condition({ ...context }) === true;
      },
    };
  } catch (error) {
    return { problem: problemOf(rule, error) };
  }
}

function forbiddenPart(rule: RoutingRule, parts: readonly ASTNode[]): RuleProblem | undefined {
  for (const part of parts) {
    // A backtracking pattern can hold the process for hours, and nothing could interrupt it.
    if ((part.op === 'rcall' || part.op === 'call') && part.args[0] === 'matches')
      return problemAt(
        rule,
        part.start,
        'matches() is not available: use startsWith, endsWith, contains or in.',
      );
    // Of a name that stands for what was made with itself, a few lines make more than any memory holds.
    if (part.op === 'rcall' && part.args[0] === 'bind')
      return problemAt(rule, part.start, 'cel.bind() is not available: write the expression out.');
    if (part.op === 'id' && part.args === 'carrier' && !meaningOf(rule.effect)?.carrier)
      return problemAt(
        rule,
        part.start,
        `${rule.effect} is about nodes: its condition cannot look at a carrier.`,
      );
  }
  return undefined;
}

/** The nodes of the syntax tree, outermost first. */
function* partsOf(part: ASTNode): Generator<ASTNode> {
  yield part;
  for (const below of [part.args].flat(2) as unknown[]) if (isPart(below)) yield* partsOf(below);
}

/** The library's errors name the range in the source and, without their drawing of it, a summary. */
function problemOf(rule: RoutingRule, error: unknown): RuleProblem {
  if (!(error instanceof Error)) throw error;
  const { summary, range } = error as Error & { summary?: string; range?: { start: number } };
  return problemAt(rule, range?.start ?? 0, summary ?? error.message);
}

function atStart(rule: RoutingRule, message: string): RuleProblem {
  return problemAt(rule, 0, message);
}

function problemAt(rule: RoutingRule, offset: number, message: string): RuleProblem {
  const before = rule.when.slice(0, offset);
  const line = before.split('\n').length;
  return { rule: rule.name, line, column: offset - (before.lastIndexOf('\n') + 1) + 1, message };
}
