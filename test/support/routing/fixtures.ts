import {
  compileRules,
  defaultPolicy,
  type CarrierServiceFacts,
  type CompiledRules,
  type LineFacts,
  type NodeFacts,
  type OrderFacts,
  type RoutingInput,
  type RoutingRule,
  type ZoneFacts,
} from '../../../src/routing/index.ts';

/** A Monday, 10:00 in Shanghai. */
export const NOW = '2026-11-23T02:00:00.000Z';

export function line(given: Partial<LineFacts> = {}): LineFacts {
  return {
    sku: 'MUG',
    quantity: 1,
    weightGrams: 400,
    lengthMm: 100,
    widthMm: 100,
    heightMm: 120,
    temperatureClass: 'AMBIENT',
    ...given,
  };
}

export function order(given: Partial<OrderFacts> = {}): OrderFacts {
  return {
    id: 'order-1',
    channel: 'DOUYIN',
    placedAt: '2026-11-23T01:55:00.000Z',
    promisedBy: null,
    valueMinor: 9_900,
    currency: 'CNY',
    priority: 0,
    deliveryMethod: 'DELIVERY',
    destination: { province: 'Zhejiang', city: 'Hangzhou', latitude: 30.27, longitude: 120.15 },
    lines: [line()],
    ...given,
  };
}

export function node(code: string, given: Partial<NodeFacts> = {}): NodeFacts {
  return {
    code,
    kind: 'WAREHOUSE',
    city: 'Shanghai',
    province: 'Shanghai',
    latitude: 31.23,
    longitude: 121.47,
    pool: 'EAST',
    capabilities: { temperatureClasses: ['AMBIENT'], pickup: false, delivery: true },
    dailyCapacity: null,
    openOrders: 0,
    calendar: {
      timeZone: 'Asia/Shanghai',
      workingWeekdays: [1, 2, 3, 4, 5, 6],
      holidays: [],
      cutOff: '16:00',
    },
    fallbackNode: null,
    breaker: 'CLOSED',
    handlingCostMinor: 100,
    ...given,
  };
}

export function zone(given: Partial<ZoneFacts> = {}): ZoneFacts {
  return {
    match: 'ANY',
    baseMinor: 800,
    baseGrams: 1000,
    perStepMinor: 100,
    transitDaysP50: 2,
    transitDaysP90: 3,
    ...given,
  };
}

export function service(code: string, given: Partial<CarrierServiceFacts> = {}): CarrierServiceFacts {
  return {
    code,
    kind: 'STANDARD',
    fromNodes: null,
    zones: [zone()],
    stepGrams: 500,
    volumetricDivisor: 6000,
    roundingGrams: 500,
    minDensityKgPerM3: null,
    temperatureClasses: ['AMBIENT'],
    currency: 'CNY',
    ...given,
  };
}

/** Two nodes that have everything, one carrier. */
export function input(given: Partial<RoutingInput> = {}): RoutingInput {
  const nodes = given.nodes ?? [node('SH1'), node('HZ1', { city: 'Hangzhou', province: 'Zhejiang' })];
  const placed = given.order ?? order();
  return {
    now: NOW,
    order: placed,
    nodes,
    stock: nodes.flatMap(({ code }) => placed.lines.map(({ sku }) => ({ node: code, sku, units: 100 }))),
    carrierServices: [service('YTO')],
    policy: { ...defaultPolicy },
    ...given,
  };
}

export function rule(given: Partial<RoutingRule>): RoutingRule {
  return { name: 'rule', when: 'true', effect: 'EXCLUDE', ...given };
}

/** @throws the problems, which a test that compiles its own rules does not expect */
export function compiled(...rules: readonly RoutingRule[]): CompiledRules {
  const result = compileRules(rules);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.rules;
}
