import { HubError } from '../../platform/errors.ts';
import type { RoutingRuleInput } from './rule-set.types.ts';

const MAX_RULES = 200;
/** Characters of each text of a rule. */
const MAX_LENGTHS = { name: 100, when: 2_000, message: 500 } as const;

/** Checks how much a draft has to say, before any of it is read. @throws HubError TOO_MANY_LINES, TEXT_TOO_LONG */
export function checkRules(rules: readonly RoutingRuleInput[]): void {
  if (rules.length > MAX_RULES)
    throw new HubError('TOO_MANY_LINES', `A rule set has at most ${MAX_RULES} rules, not ${rules.length}.`, {
      max: MAX_RULES,
    });
  for (const [index, rule] of rules.entries())
    for (const [field, most] of Object.entries(MAX_LENGTHS) as [keyof typeof MAX_LENGTHS, number][]) {
      const { length } = rule[field] ?? '';
      const path = `rules[${index}].${field}`;
      if (length > most)
        throw new HubError('TEXT_TOO_LONG', `\`${path}\` may have ${most} characters, has ${length}.`, {
          path,
          max: most,
        });
    }
}
