/**
 * Facts → exclude → require: every node is looked at, and either it is out, for the order or for some of its lines,
 * with the reason, or it can ship so many units in such ways.
 */
import { createHash } from 'node:crypto';
import { nextDispatch } from './cost/node-calendar.ts';
import type { NodeFacts, RoutingInput } from './facts/routing-facts.ts';
import type { RuleEvaluator, RuleSubject } from './rules/rule-evaluator.ts';
import { arrival, lanesFrom, type Lane, type DeliveryOption } from './cost/delivery-options.ts';
import { distanceKm, sameCity } from './cost/geography.ts';
import type { EngineExclusion } from './rules/rules.ts';
import type { EvaluatedNode } from './cost/evaluated-node.ts';

export function evaluateNodes(input: RoutingInput, judge: RuleEvaluator): EvaluatedNode[] {
  const stock = table(input.stock, ({ units }) => units);
  const scarcity = table(input.scarcity ?? [], ({ minorPerUnit }) => minorPerUnit);
  return input.nodes.map((node) => {
    const of = (amounts: Map<string, number>) =>
      input.order.lines.map(({ sku }) => amounts.get(JSON.stringify([node.code, sku])) ?? 0);
    return lookAtNode(input, judge, node, of(stock), of(scarcity));
  });
}

function lookAtNode(
  input: RoutingInput,
  judge: RuleEvaluator,
  node: NodeFacts,
  stock: number[],
  scarcityMinor: number[],
): EvaluatedNode {
  const { lines } = input.order;
  const dispatch = nextDispatch(node.calendar, Date.parse(input.now));
  const reason = nodeExclusion(input, node, dispatch);
  if (reason !== undefined || dispatch === undefined) {
    const excludedBy = lines.map(() => reason ?? 'CALENDAR');
    return { node, excludedBy, units: lines.map(() => 0), scarcityMinor, offers: [] };
  }
  const excludedBy: (string | null)[] = lines.map((line, index) => {
    if (!node.capabilities.temperatureClasses.includes(line.temperatureClass)) return 'TEMPERATURE';
    return stock[index] === 0 ? 'NO_STOCK' : exclusionByRule(input, judge, { node, line });
  });
  const offers = deliveryOptions(input, judge, node, dispatch, excludedBy);
  excludedBy.forEach((known, line) => (excludedBy[line] = known ?? exclusionByOffers(offers, line)));
  const units = lines.map(({ quantity }, line) =>
    excludedBy[line] === null ? Math.min(quantity, stock[line]!) : 0,
  );
  return { node, excludedBy, units, scarcityMinor, offers: offers.filter(carriesSome(excludedBy)) };
}

/** The exclusion of the whole node, before any rule is evaluated. */
function nodeExclusion(
  { order, policy }: RoutingInput,
  node: NodeFacts,
  dispatch: number | undefined,
): EngineExclusion | undefined {
  const { capabilities, breaker, dailyCapacity, openOrders } = node;
  if (order.onlyNodes && !order.onlyNodes.includes(node.code)) return 'NOT_THE_FALLBACK';
  if (order.rejectedBy?.includes(node.code)) return 'REJECTED_THIS_ORDER';
  if (order.deliveryMethod === 'DELIVERY' && !capabilities.delivery) return 'NO_DELIVERY';
  if (order.deliveryMethod === 'PICKUP' && !capabilities.pickup) return 'NO_PICKUP';
  if (order.deliveryMethod === 'PICKUP' && !inPickupReach(node, order.destination, policy.pickupReachKm))
    return 'OUT_OF_PICKUP_REACH';
  if (breaker === 'OPEN') return 'BREAKER_OPEN';
  if (breaker === 'HALF_OPEN' && shareOf(order.id, node.code) >= policy.halfOpenShare)
    return 'BREAKER_HALF_OPEN';
  if (dispatch === undefined) return 'CALENDAR';
  return dailyCapacity !== null && openOrders >= dailyCapacity ? 'CAPACITY' : undefined;
}

function inPickupReach(
  node: NodeFacts,
  destination: RoutingInput['order']['destination'],
  reachKm: number,
): boolean {
  return sameCity(node, destination) || (distanceKm(node, destination) ?? Infinity) <= reachKm;
}

/** A number in [0, 1) that is the order's own for the node: the same orders probe a half-open node on a re-plan. */
function shareOf(orderId: string, nodeCode: string): number {
  const hash = createHash('sha256')
    .update(JSON.stringify([orderId, nodeCode]))
    .digest();
  return hash.readUInt32BE(0) / 2 ** 32;
}

/** EXCLUDE, REQUIRE and LIMIT that are not about carriers, or about the given one. */
function exclusionByRule(input: RoutingInput, judge: RuleEvaluator, subject: RuleSubject): string | null {
  const askedNow = ({ uses }: { uses: { carrier: boolean } }) =>
    uses.carrier === (subject.carrier !== undefined);
  for (const rule of judge.rulesOf('EXCLUDE').filter(askedNow))
    if (judge.conditionHolds(rule, subject)) return rule.name;
  for (const rule of judge.rulesOf('REQUIRE').filter(askedNow))
    if (!judge.conditionHolds(rule, subject)) return rule.name;
  for (const rule of judge.rulesOf('LIMIT').filter(askedNow)) {
    const use = input.limitUse?.find(
      (limit) => limit.rule === rule.name && limit.node === subject.node?.code,
    );
    if ((use?.openOrders ?? 0) >= rule.weight && judge.conditionHolds(rule, subject)) return rule.name;
  }
  return null;
}

function deliveryOptions(
  input: RoutingInput,
  judge: RuleEvaluator,
  node: NodeFacts,
  dispatch: number,
  excludedBy: readonly (string | null)[],
): DeliveryOption[] {
  const { order } = input;
  const preferences = (carrier: DeliveryOption['carrier']) =>
    judge.rulesOf('PREFER').flatMap((rule) => {
      const applies = order.lines.map(
        (line, index) =>
          excludedBy[index] === null &&
          judge.conditionHolds(rule, { node, line, ...(carrier ? { carrier } : {}) }),
      );
      return applies.includes(true) ? [{ rule: rule.name, weight: rule.weight, applies }] : [];
    });
  if (order.deliveryMethod === 'PICKUP') {
    // Ready at the cut-off by which it would have left. Rules about carriers have nothing to say here.
    const ready = arrival(order, dispatch, 0, 0);
    return [
      { carrier: null, ...ready, blockedBy: order.lines.map(() => null), preferences: preferences(null) },
    ];
  }
  return lanesFrom(node, order, input.carrierServices, dispatch).map(({ service, zone, ...schedule }) => {
    const carrier = { service, zone };
    const blockedBy = order.lines.map(
      (line, index) => excludedBy[index] ?? blockedOn(input, judge, node, carrier, line),
    );
    return { carrier, ...schedule, blockedBy, preferences: preferences(carrier) };
  });
}

function blockedOn(
  input: RoutingInput,
  judge: RuleEvaluator,
  node: NodeFacts,
  carrier: Pick<Lane, 'service' | 'zone'>,
  line: RoutingInput['order']['lines'][number],
): string | null {
  if (!carrier.service.temperatureClasses.includes(line.temperatureClass))
    return 'NO_CARRIER_SERVICE' satisfies EngineExclusion;
  return exclusionByRule(input, judge, { node, line, carrier });
}

/** Null where some offer takes the line; else the rule that left none, or that there is none. */
function exclusionByOffers(offers: readonly DeliveryOption[], line: number): string | null {
  const reasons = offers.map(({ blockedBy }) => blockedBy[line] ?? null);
  if (reasons.includes(null)) return null;
  return reasons.find((reason) => reason !== 'NO_CARRIER_SERVICE') ?? 'NO_CARRIER_SERVICE';
}

function carriesSome(excludedBy: readonly (string | null)[]) {
  return ({ blockedBy }: DeliveryOption) =>
    blockedBy.some((reason, line) => reason === null && excludedBy[line] === null);
}

/** Amounts by node and SKU, summed. */
function table<Row extends { node: string; sku: string }>(
  rows: readonly Row[],
  amount: (row: Row) => number,
) {
  const sums = new Map<string, number>();
  for (const row of rows) {
    const key = JSON.stringify([row.node, row.sku]);
    sums.set(key, (sums.get(key) ?? 0) + amount(row));
  }
  return sums;
}
