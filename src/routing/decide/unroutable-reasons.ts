import type { DecisionContext } from './decision-context.ts';

/** Why there is no plan, as sentences for the person who will look at it. */
export function explainUnroutable({ facts, lookedAt, judge }: DecisionContext, proven: boolean): string[] {
  const short = facts.order.lines.flatMap(({ sku, quantity }, line) => {
    const able = lookedAt.reduce((sum, { units }) => sum + units[line]!, 0);
    if (able >= quantity) return [];
    const reasons = lookedAt.flatMap(({ node, excludedBy }) =>
      excludedBy[line] ? [`${node.code}: ${messageOf(excludedBy[line])}`] : [],
    );
    const because = reasons.length > 0 ? ` (${reasons.join('; ')})` : '';
    return [`${able} of ${quantity} units of ${sku} can be shipped${because}.`];
  });
  if (short.length > 0) return short;
  const most = facts.policy.maxShipments;
  const bound = `${most} ${most === 1 ? 'shipment' : 'shipments'}`;
  return proven
    ? [`The stock lies too scattered: no plan ships the order in at most ${bound}.`]
    : [`No plan with at most ${bound} was found before the search limit; there may be one.`];

  function messageOf(reason: string): string {
    const effects = ['EXCLUDE', 'REQUIRE', 'LIMIT'] as const;
    const rule = effects.flatMap((effect) => judge.rulesOf(effect)).find(({ name }) => name === reason);
    return rule?.message ?? reason;
  }
}
