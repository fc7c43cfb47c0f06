/** Routing rules as data: a condition in CEL over order, line, node, carrier and now, and its effect. */
export const RuleEffect = {
  EXCLUDE: 'EXCLUDE',
  REQUIRE: 'REQUIRE',
  PREFER: 'PREFER',
  LIMIT: 'LIMIT',
  RESPOND_WITHIN: 'RESPOND_WITHIN',
  REVIEW: 'REVIEW',
} as const;
export type RuleEffect = keyof typeof RuleEffect;

export interface RoutingRule {
  name: string;
  when: string;
  effect: RuleEffect;
  /** PREFER: minor units; LIMIT: open orders; RESPOND_WITHIN: hours. The others have none. */
  weight?: number | null;
  /** Why, for people: shown as the reason of a review or an unroutable order. */
  message?: string | null;
}

/** A mistake in a rule; line and column of `when` count from 1, columns in UTF-16 units as editors do. */
export interface RuleProblem {
  rule: string;
  line: number;
  column: number;
  message: string;
}

interface EffectMeaning {
  /** The range of a weight; undefined: the effect takes none. */
  weight?: { least: number; most: number; whole: boolean; unit: string };
  /** May the condition look at a carrier? */
  carrier: boolean;
  /** The result of a condition that cannot be evaluated. */
  whenItFails: boolean;
}

/**
 * The effects in the order in which they act.
 *
 * - EXCLUDE: node, line or carrier where the condition holds is out. REQUIRE: where it does not hold is out. Both act
 *   on what they mention: with `carrier` on that service, with `line` on that line, else on the whole node.
 * - LIMIT: out where the condition holds and the node has `weight` or more open orders of this rule.
 * - PREFER: the order costs up to `weight` minor units less, by the share of its units that ship so. Per share, so that
 *   a split cannot earn it twice; negative to avoid.
 * - RESPOND_WITHIN: a planned shipment for which it holds must be answered within `weight` hours; the shortest counts.
 * - REVIEW: a plan for one of whose shipments it holds goes to a person.
 *
 * A condition that fails counts as not holding, but for EXCLUDE as holding; either way EXCLUDE and REQUIRE then keep
 * the goods where they are. An order held back is seen at once; frozen goods on the wrong line come back spoilt.
 */
const effects = {
  EXCLUDE: { carrier: true, whenItFails: true },
  REQUIRE: { carrier: true, whenItFails: false },
  LIMIT: {
    weight: { least: 1, most: 1_000_000, whole: true, unit: 'open orders' },
    carrier: false,
    whenItFails: false,
  },
  PREFER: {
    weight: { least: -10_000_000, most: 10_000_000, whole: true, unit: 'minor units' },
    carrier: true,
    whenItFails: false,
  },
  RESPOND_WITHIN: {
    weight: { least: 0.25, most: 720, whole: false, unit: 'hours' },
    carrier: true,
    whenItFails: false,
  },
  REVIEW: { carrier: true, whenItFails: false },
} as const satisfies Record<RuleEffect, EffectMeaning>;

export const orderOfEffects = Object.keys(effects) as RuleEffect[];

export function meaningOf(effect: RuleEffect): EffectMeaning {
  return effects[effect];
}

/** Why the engine itself excludes a node or a line; rules may not take these names. */
export const engineExclusions = [
  'NOT_THE_FALLBACK',
  'REJECTED_THIS_ORDER',
  'NO_DELIVERY',
  'NO_PICKUP',
  'OUT_OF_PICKUP_REACH',
  'BREAKER_OPEN',
  'BREAKER_HALF_OPEN',
  'CALENDAR',
  'CAPACITY',
  'TEMPERATURE',
  'NO_STOCK',
  'NO_CARRIER_SERVICE',
] as const;
export type EngineExclusion = (typeof engineExclusions)[number];
