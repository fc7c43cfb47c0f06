import type { LineFacts } from '../facts/routing-facts.ts';
import type { EvaluatedNode } from '../cost/evaluated-node.ts';

/**
 * A parcel that a node could send: some of the order's temperature classes together. Frozen and ambient goods of one
 * node may have no service in common and then travel apart, as two shipments.
 */
export interface ParcelCandidate extends EvaluatedNode {
  /** By line: may it lie in this parcel? */
  carries: boolean[];
  /** Bits of the temperature classes, each of which the parcel must hold; sources of a node may not share one. */
  classes: number;
  /** Place in the order by node and classes, which breaks ties between plans. */
  rank: number;
}

/** Every parcel that could leave some node, in a fixed order. */
export function parcelCandidates(
  lines: readonly LineFacts[],
  lookedAt: readonly EvaluatedNode[],
): ParcelCandidate[] {
  const classNames = [...new Set(lines.map(({ temperatureClass }) => temperatureClass))].sort();
  const classOf = lines.map(({ temperatureClass }) => 1 << classNames.indexOf(temperatureClass));
  const sources: ParcelCandidate[] = [];
  for (const at of lookedAt)
    for (let classes = 1; classes < 1 << classNames.length; classes++) {
      const carries = classOf.map((bit) => (classes & bit) !== 0);
      const units = at.units.map((available, line) => (carries[line] ? available : 0));
      const held = classOf.reduce((bits, bit, line) => (units[line]! > 0 ? bits | bit : bits), 0);
      if (held === classes) sources.push({ ...at, units, carries, classes, rank: sources.length });
    }
  return sources;
}

/** Whether both could be parcels of one plan. */
export function compatible(a: ParcelCandidate, b: ParcelCandidate): boolean {
  return a.node !== b.node || (a.classes & b.classes) === 0;
}
