import type { NodeFacts } from '../facts/routing-facts.ts';
import type { DeliveryOption } from './delivery-options.ts';

export interface EvaluatedNode {
  node: NodeFacts;
  /** By line: why the node may not ship it (an EngineExclusion or a rule's name), null where it may. */
  excludedBy: (string | null)[];
  /** By line: units it can ship; 0 where excluded. */
  units: number[];
  /** By line: price of a scarce unit. */
  scarcityMinor: number[];
  offers: DeliveryOption[];
}
