import type { DeliveryOption } from '../cost/delivery-options.ts';
import type { Bounds, PlanProblem } from './lower-bounds.ts';
import type { ParcelCandidate } from './parcel-candidates.ts';

/**
 * By rank: the sources that can stand in for this one, at no greater cost and with no worse a tie, in every plan that
 * has not got them. Chains have many stores that differ in nothing but their names; without this the sets of such
 * stores would all be looked at. A node that could send several parcels stands in for none: it may be in the plan
 * with another one already.
 */
export function dominatorsOf({ lines, sources }: PlanProblem, { shipment }: Bounds): ParcelCandidate[][] {
  const parcelsOf = new Map<unknown, number>();
  for (const { node } of sources) parcelsOf.set(node, (parcelsOf.get(node) ?? 0) + 1);
  const ways = sources.map(({ offers }) => waysOf(offers));
  const alike = Map.groupBy(sources, ({ rank }) => ways[rank]!);
  return sources.map((source) =>
    alike
      .get(ways[source.rank]!)!
      .filter((other) => other !== source && parcelsOf.get(other.node) === 1 && dominates(other, source)),
  );

  function dominates(a: ParcelCandidate, b: ParcelCandidate): boolean {
    const cheaper = b.node.handlingCostMinor - a.node.handlingCostMinor;
    if (cheaper < 0 || (cheaper === 0 && a.rank > b.rank)) return false;
    if (shipment[a.rank]! > shipment[b.rank]!) return false;
    return lines.every(
      (_, line) =>
        b.units[line] === 0 ||
        (a.units[line]! >= b.units[line]! &&
          a.scarcityMinor[line]! <= b.scarcityMinor[line]! &&
          a.offers.every((offer, index) => isAlike(offer, b.offers[index]!, line))),
    );
  }
}

/** The inputs of a parcel's price, apart from its lines. */
function waysOf(offers: readonly DeliveryOption[]): string {
  return JSON.stringify(
    offers.map(({ carrier, lateHours, preferences }) => [
      carrier && [carrier.service.code, carrier.service.zones.indexOf(carrier.zone)],
      lateHours,
      preferences.map(({ rule, weight }) => [rule, weight]),
    ]),
  );
}

function isAlike(a: DeliveryOption, b: DeliveryOption, line: number): boolean {
  return (
    (a.blockedBy[line] === null) === (b.blockedBy[line] === null) &&
    a.preferences.every(({ applies }, index) => applies[line] === b.preferences[index]!.applies[line])
  );
}
