/**
 * The reference for the planner: tries every assignment of units to nodes and every way of putting a node's units into
 * parcels by temperature class, and knows no bound. Written from semantics.md §3 without the planner's code.
 */
import type { CarrierServiceFacts, LineFacts, NodeFacts, RoutingInput } from '../../../src/routing/index.ts';
import type { SimpleRule } from './random-input.ts';

/** Cost of the cheapest plan, undefined where there is none. */
export function bruteForceMinor(
  input: RoutingInput,
  rules: readonly SimpleRule[],
  free: { unconstrained: boolean } = { unconstrained: false },
): number | undefined {
  const { order, nodes, policy } = input;
  const penalty = free.unconstrained ? 0 : policy.splitPenaltyMinor;
  const most = free.unconstrained ? Infinity : policy.maxShipments;
  const late = free.unconstrained ? 0 : policy.latenessMinorPerHour;
  let best: number | undefined;
  for (const assignment of assignments(input)) {
    let plans = [{ minor: 0, shipments: 0 }];
    nodes.forEach((node, index) => {
      const ways = parcelWays(order.lines, assignment[index]!).map((parcels) => ({
        minor: parcels.reduce((sum, parcel) => sum + parcelMinor(input, rules, node, parcel, late), 0),
        shipments: parcels.length,
      }));
      plans = plans.flatMap((plan) =>
        ways.map((way) => ({ minor: plan.minor + way.minor, shipments: plan.shipments + way.shipments })),
      );
    });
    for (const { minor, shipments } of plans) {
      const total = minor + (shipments - 1) * penalty;
      if (shipments <= most && total < (best ?? Infinity)) best = total;
    }
  }
  return best;
}

/** [node][line]: units, summing up to the order and within stock. */
function* assignments({ order, nodes, stock }: RoutingInput): Generator<number[][]> {
  const units = (node: string, sku: string) =>
    stock.find((row) => row.node === node && row.sku === sku)?.units ?? 0;
  const perLine = order.lines.map((line) =>
    [...compositions(line.quantity, nodes.length)].filter((split) =>
      split.every((quantity, index) => quantity <= units(nodes[index]!.code, line.sku)),
    ),
  );
  const combine = function* (line: number, chosen: number[][]): Generator<number[][]> {
    if (line === perLine.length) yield nodes.map((_, index) => chosen.map((split) => split[index]!));
    else for (const split of perLine[line]!) yield* combine(line + 1, [...chosen, split]);
  };
  yield* combine(0, []);
}

function* compositions(total: number, parts: number): Generator<number[]> {
  if (parts === 1) yield [total];
  else
    for (let first = 0; first <= total; first++)
      for (const rest of compositions(total - first, parts - 1)) yield [first, ...rest];
}

/** All partitions of a node's units into parcels that keep a temperature class together. */
function parcelWays(lines: LineFacts[], units: number[]): number[][][] {
  const used = [
    ...new Set(lines.filter((_, index) => units[index]! > 0).map((line) => line.temperatureClass)),
  ];
  let partitions: string[][][] = [[]];
  for (const name of used)
    partitions = partitions.flatMap((groups) => [
      [...groups, [name]],
      ...groups.map((_, at) => groups.map((group, index) => (index === at ? [...group, name] : group))),
    ]);
  return partitions.map((groups) =>
    groups.map((group) =>
      units.map((quantity, index) => (group.includes(lines[index]!.temperatureClass) ? quantity : 0)),
    ),
  );
}

function parcelMinor(
  input: RoutingInput,
  rules: readonly SimpleRule[],
  node: NodeFacts,
  units: number[],
  latePerHour: number,
): number {
  const { order } = input;
  const inside = order.lines
    .map((line, index) => ({ line, quantity: units[index]! }))
    .filter(({ quantity }) => quantity);
  const fits = (classes: string[]) => inside.every(({ line }) => classes.includes(line.temperatureClass));
  if (!fits(node.capabilities.temperatureClasses)) return Infinity;
  const ways = order.deliveryMethod === 'PICKUP' ? [null] : input.carrierServices;
  const prices = ways.map((carrier) => {
    const holds = (rule: SimpleRule, sku: string) =>
      (rule.node ?? node.code) === node.code &&
      (rule.sku ?? sku) === sku &&
      (rule.carrier ?? carrier?.code) === carrier?.code;
    if (inside.some(({ line }) => rules.some((rule) => rule.effect === 'EXCLUDE' && holds(rule, line.sku))))
      return Infinity;
    if (carrier && !fits(carrier.temperatureClasses)) return Infinity;
    const preferred = rules
      .filter(({ effect }) => effect === 'PREFER')
      .map((rule) => {
        const matching = inside
          .filter(({ line }) => holds(rule, line.sku))
          .reduce((sum, { quantity }) => sum + quantity, 0);
        const all = order.lines.reduce((sum, { quantity }) => sum + quantity, 0);
        return Math.floor((rule.weight * matching) / all);
      })
      .reduce((sum, value) => sum + value, 0);
    return wayMinor(input, node, carrier, inside, latePerHour) - preferred;
  });
  const scarce = inside.reduce((sum, { line, quantity }) => {
    const price =
      input.scarcity?.find((row) => row.node === node.code && row.sku === line.sku)?.minorPerUnit ?? 0;
    return sum + price * quantity;
  }, 0);
  return Math.min(...prices) + scarce + node.handlingCostMinor;
}

function wayMinor(
  { order, now }: RoutingInput,
  node: NodeFacts,
  carrier: CarrierServiceFacts | null,
  inside: { line: LineFacts; quantity: number }[],
  latePerHour: number,
): number {
  const today = Date.parse(`${now.slice(0, 10)}T${node.calendar.cutOff}:00Z`);
  const leaves = today > Date.parse(now) ? today : today + 86_400_000;
  const lateFor = (days: number) => {
    const by = order.promisedBy === null ? Infinity : Date.parse(order.promisedBy);
    return Math.max(0, Math.ceil((leaves + days * 86_400_000 - by) / 3_600_000)) * latePerHour;
  };
  if (!carrier) return lateFor(0);
  if (carrier.kind === 'HEAVY_CARGO' && !node.capabilities.heavyCargo) return Infinity;
  const zones = (['SAME_CITY', 'SAME_PROVINCE', 'ANY'] as const).map((match) => {
    const reached = {
      SAME_CITY: node.city === order.destination.city,
      SAME_PROVINCE: node.province === order.destination.province,
      ANY: true,
    };
    return reached[match] ? carrier.zones.find((zone) => zone.match === match) : undefined;
  });
  const zone = zones.find((found) => found !== undefined);
  if (!zone) return Infinity;
  const sum = (of: (line: LineFacts) => number) =>
    inside.reduce((total, { line, quantity }) => total + BigInt(of(line)) * BigInt(quantity), 0n);
  const grams = sum((line) => line.weightGrams);
  const mm3 = sum((line) => line.lengthMm * line.widthMm * line.heightMm);
  const sizeless = inside.some(({ line }) => line.lengthMm * line.widthMm * line.heightMm === 0);
  const density = carrier.minDensityKgPerM3;
  if (density !== null && (sizeless || grams * 1_000_000n < BigInt(density) * mm3)) return Infinity;
  const up = (a: bigint, b: bigint) => (a + b - 1n) / b;
  const rounding = BigInt(carrier.roundingGrams);
  const byWeight = up(grams, rounding) * rounding;
  const byVolume = up(mm3, BigInt(carrier.volumetricDivisor) * rounding) * rounding;
  const beyond = (byWeight > byVolume ? byWeight : byVolume) - BigInt(zone.baseGrams);
  const steps = beyond > 0n ? Number(up(beyond, BigInt(carrier.stepGrams))) : 0;
  return zone.baseMinor + steps * zone.perStepMinor + lateFor(zone.transitDaysP90);
}
