import type { RoutingRule } from './rules.ts';

/**
 * The rules a new hub starts with; data, to be edited like any other. Money is in minor units of CNY.
 *
 * The density bound is the 6000 divisor itself: goods below 1,000,000 / 6000 = 166.7 kg/m³ are charged by volume. It is
 * asked of each line, because a dense line beside it can lift a parcel's density over the service's own minimum.
 */
export const starterRules: readonly RoutingRule[] = [
  {
    name: 'density guard for heavy cargo',
    when: 'carrier.kind == "HEAVY_CARGO" && densityKgPerM3(line) < 166.7',
    effect: 'EXCLUDE',
    message: 'Light, bulky goods may not use a heavy-cargo line.',
  },
  {
    name: 'same city prefers pickup',
    when: 'sameCity(order, node) && node.capabilities.pickup',
    effect: 'PREFER',
    weight: 300,
    message: 'In the customer’s city, with a counter to pick up at.',
  },
  {
    name: 'cold chain answers within 4 hours',
    when: 'order.lines.exists(l, l.temperatureClass in ["CHILLED", "FROZEN"])',
    effect: 'RESPOND_WITHIN',
    weight: 4,
  },
  {
    name: 'high value to review',
    when: 'order.valueMinor >= 1000000',
    effect: 'REVIEW',
    message: 'High value: 10,000 or more.',
  },
];
