import { describe, expect, test } from '@jest/globals';
import { canonicalJson } from '../../../src/platform/api/idempotency.ts';
import {
  decideRoute,
  defaultPolicy,
  engineVersion,
  unconstrainedCostMinor,
  type RoutingInput,
} from '../../../src/routing/index.ts';
import {
  compiled,
  input,
  line,
  node,
  NOW,
  order,
  rule,
  service,
  zone,
} from '../../support/routing/fixtures.ts';

const none = compiled();
const decide = (given: Partial<RoutingInput>, rules = none) => decideRoute(input(given), rules);
const unconstrained = (given: Partial<RoutingInput>) => unconstrainedCostMinor(input(given), none);
const nodesOf = ({ shipments }: { shipments: { node: string }[] }) =>
  shipments.map((shipment) => shipment.node);

describe('a plan', () => {
  test('names node, carrier, times and every term of its cost', () => {
    const outcome = decide({ nodes: [node('SH1', { fallbackNode: 'SH2' })] });
    expect(outcome).toEqual({
      outcome: 'PLANNED',
      reasons: [],
      engineVersion,
      method: 'EXACT',
      currency: 'CNY',
      shipments: [
        {
          node: 'SH1',
          method: 'DELIVERY',
          carrierService: 'YTO',
          respondBy: null,
          fallbackNode: 'SH2',
          lines: [{ sku: 'MUG', quantity: 1 }],
          chargeableWeightGrams: 500,
          costMinor: 900,
          terms: [
            { name: 'FREIGHT', value: 800, weight: 1 },
            { name: 'HANDLING', value: 100, weight: 1 },
          ],
          promisedBy: '2026-11-26T08:00:00.000Z', // today's cut-off, 16:00 in Shanghai, and 3 days
          estimatedArrival: '2026-11-25T08:00:00.000Z',
          lateHours: 0,
          countsTowards: [],
        },
      ],
      costMinor: 900,
      splitPenaltyMinor: 0,
      lowerBoundMinor: 900,
      unconstrainedCostMinor: null,
      candidates: [
        {
          node: 'SH1',
          sku: null,
          excludedBy: null,
          score: 900,
          terms: [
            { name: 'FREIGHT', value: 800, weight: 1 },
            { name: 'HANDLING', value: 100, weight: 1 },
          ],
        },
      ],
      evaluations: [],
    });
  });

  test('two lines of one SKU do not share the same unit', () => {
    const outcome = decide({
      order: order({ lines: [line(), line()] }),
      nodes: [node('SH1')],
      stock: [{ node: 'SH1', sku: 'MUG', units: 1 }],
    });
    expect(outcome.reasons).toEqual(['1 of 2 units of MUG can be shipped.']);
  });

  test('units of a line are split where no node has them all, and the penalty is a part of the cost', () => {
    const facts = {
      order: order({ lines: [line({ quantity: 3 })] }),
      stock: [
        { node: 'SH1', sku: 'MUG', units: 2 },
        { node: 'HZ1', sku: 'MUG', units: 2 },
      ],
    };
    expect(decide(facts)).toMatchObject({
      outcome: 'PLANNED',
      costMinor: 2 * 900 + 500,
      splitPenaltyMinor: 500,
    });
    expect(unconstrained(facts)).toBe(2 * 900);
  });

  test('ties go to fewer shipments, then to the earlier node, then to the earlier service', () => {
    const outcome = decide({ carrierServices: [service('B'), service('A')] });
    expect(outcome.shipments).toMatchObject([{ node: 'HZ1', carrierService: 'A' }]);
  });

  test('lateness against the promise outweighs cheaper freight', () => {
    const slow = service('SLOW', { zones: [zone({ baseMinor: 500, transitDaysP50: 4, transitDaysP90: 6 })] });
    const fast = service('FAST', {
      zones: [zone({ baseMinor: 2_000, transitDaysP50: 1, transitDaysP90: 1 })],
    });
    const carrierServices = [slow, fast];
    expect(decide({ carrierServices }).shipments).toMatchObject([{ carrierService: 'SLOW' }]);
    const promised = order({ promisedBy: '2026-11-24T07:30:00.000Z' });
    const outcome = decide({ carrierServices, order: promised });
    expect(outcome.shipments).toMatchObject([
      { carrierService: 'FAST', lateHours: 1, costMinor: 2_000 + 100 + 100 },
    ]);
    expect(unconstrained({ carrierServices, order: promised })).toBe(600);
  });

  test('a scarce unit is taken where it is worth less elsewhere', () => {
    expect(nodesOf(decide({}))).toEqual(['HZ1']);
    expect(nodesOf(decide({ scarcity: [{ node: 'HZ1', sku: 'MUG', minorPerUnit: 1 }] }))).toEqual(['SH1']);
  });

  test('goods of one node that no service takes together travel apart', () => {
    const outcome = decide({
      order: order({ lines: [line(), line({ sku: 'ICE', temperatureClass: 'FROZEN' })] }),
      nodes: [
        node('SH1', {
          capabilities: { temperatureClasses: ['AMBIENT', 'FROZEN'], pickup: false, delivery: true },
        }),
      ],
      carrierServices: [service('YTO'), service('COLD', { kind: 'COLD', temperatureClasses: ['FROZEN'] })],
    });
    expect(outcome.shipments.map(({ node: code, carrierService }) => [code, carrierService])).toEqual([
      ['SH1', 'YTO'],
      ['SH1', 'COLD'],
    ]);
  });

  test('the most telling zone counts, whatever the order of the zones; other currencies are no offer', () => {
    const zones = [zone({ baseMinor: 700 }), zone({ match: ['浙江省'], baseMinor: 600 })];
    const carrierServices = [
      service('EUR', { currency: 'EUR', zones: [zone({ baseMinor: 1 })] }),
      service('YTO', { zones }),
    ];
    const destination = { province: '浙江', city: '杭州' };
    expect(decide({ carrierServices, order: order({ destination }) }).costMinor).toBe(700);
    const east = node('HZ2', { province: '浙江省', city: '杭州市' });
    const near = [...zones, zone({ match: 'SAME_CITY', baseMinor: 900 })];
    expect(
      decide({
        carrierServices: [service('YTO', { zones: near })],
        nodes: [east],
        order: order({ destination }),
      }).costMinor,
    ).toBe(1_000);
  });
});

describe('pickup', () => {
  const store = (code: string, given = {}) =>
    node(code, {
      kind: 'STORE',
      ...given,
      capabilities: { temperatureClasses: ['AMBIENT'], pickup: true, delivery: false },
    });
  const nodes = [
    store('FAR'),
    node('NO'),
    store('CITY', { city: 'Hangzhou', province: 'Zhejiang', handlingCostMinor: 250 }),
    store('NEAR', {
      city: 'Shaoxing',
      province: 'Zhejiang',
      latitude: 30.1,
      longitude: 120.3,
      handlingCostMinor: 260,
    }),
  ];
  const outcome = decide({ nodes, order: order({ deliveryMethod: 'PICKUP' }) });

  test('costs handling only, has no carrier and is ready at the cut-off', () => {
    expect(outcome).toMatchObject({
      outcome: 'PLANNED',
      costMinor: 250,
      shipments: [
        {
          node: 'CITY',
          method: 'PICKUP',
          carrierService: null,
          estimatedArrival: '2026-11-23T08:00:00.000Z',
        },
      ],
    });
  });
  test('needs a counter in reach', () => {
    expect(outcome.candidates.map(({ node: code, excludedBy }) => [code, excludedBy])).toEqual([
      ['CITY', null],
      ['FAR', 'OUT_OF_PICKUP_REACH'],
      ['NEAR', null],
      ['NO', 'NO_PICKUP'],
    ]);
  });
  test('rules about carriers do not concern it', () => {
    const rules = compiled(
      rule({ name: 'r', effect: 'REQUIRE', when: 'carrier.code == "SF"' }),
      rule({ name: 'v', effect: 'REVIEW', when: 'carrier.code != "SF"' }),
    );
    const again = decide({ nodes, order: order({ deliveryMethod: 'PICKUP' }) }, rules);
    expect(again).toMatchObject({ outcome: 'PLANNED', evaluations: [] });
  });
});

describe('why a node is out', () => {
  test.each([
    [
      'NO_DELIVERY',
      { capabilities: { temperatureClasses: ['AMBIENT' as const], pickup: true, delivery: false } },
    ],
    ['BREAKER_OPEN', { breaker: 'OPEN' as const }],
    ['CAPACITY', { dailyCapacity: 40, openOrders: 40 }],
    [
      'TEMPERATURE',
      { capabilities: { temperatureClasses: ['FROZEN' as const], pickup: true, delivery: true } },
    ],
    [
      'CALENDAR',
      { calendar: { timeZone: 'Asia/Shanghai', workingWeekdays: [], holidays: [], cutOff: '16:00' } },
    ],
  ])('%s', (reason, given) => {
    const outcome = decide({ nodes: [node('SH1', given)] });
    expect(outcome.candidates).toMatchObject([{ node: 'SH1', sku: null, excludedBy: reason, score: null }]);
    expect(outcome).toMatchObject({
      outcome: 'UNROUTABLE',
      costMinor: null,
      reasons: [`0 of 1 units of MUG can be shipped (SH1: ${reason}).`],
    });
  });

  test('per line, where it differs', () => {
    const outcome = decide({
      order: order({ lines: [line(), line({ sku: 'ICE', temperatureClass: 'FROZEN' })] }),
      nodes: [node('SH1')],
    });
    expect(outcome.candidates).toMatchObject([
      { node: 'SH1', sku: null, excludedBy: null, score: 900 },
      { node: 'SH1', sku: 'ICE', excludedBy: 'TEMPERATURE', score: null },
    ]);
  });

  test('NO_STOCK and NO_CARRIER_SERVICE', () => {
    expect(decide({ nodes: [node('SH1')], stock: [] }).candidates).toMatchObject([
      { excludedBy: 'NO_STOCK' },
    ]);
    expect(decide({ nodes: [node('SH1')], carrierServices: [] }).candidates).toMatchObject([
      { excludedBy: 'NO_CARRIER_SERVICE' },
    ]);
  });

  test('a half-open node gets 5 % of the orders, always the same ones', () => {
    const gets = (id: number) =>
      decide({ nodes: [node('SH1', { breaker: 'HALF_OPEN' })], order: order({ id: `order-${id}` }) })
        .outcome === 'PLANNED';
    const first = Array.from({ length: 2_000 }, (_, id) => gets(id));
    expect(first.filter(Boolean).length).toBeGreaterThan(70);
    expect(first.filter(Boolean).length).toBeLessThan(130);
    expect(Array.from({ length: 200 }, (_, id) => gets(id))).toEqual(first.slice(0, 200));
  });

  test('stock that lies too scattered', () => {
    const codes = ['A', 'B', 'C'];
    const facts = {
      order: order({ lines: [line({ quantity: 3 })] }),
      nodes: codes.map((code) => node(code)),
      stock: codes.map((code) => ({ node: code, sku: 'MUG', units: 1 })),
      policy: { ...defaultPolicy, maxShipments: 2 },
    };
    expect(decide(facts).reasons).toEqual([
      'The stock lies too scattered: no plan ships the order in at most 2 shipments.',
    ]);
    expect(unconstrained(facts)).toBe(2_700);
  });
});

describe('a large order', () => {
  const codes = Array.from({ length: 12 }, (_, index) => `N${String(index).padStart(2, '0')}`);
  const lines = ['A', 'B', 'C', 'D'].map((sku, index) =>
    line({ sku, quantity: 90, weightGrams: 210 + 37 * index }),
  );
  const large = input({
    order: order({ lines }),
    nodes: codes.map((code, index) => node(code, { handlingCostMinor: 100 + index })),
    stock: codes.flatMap((code, at) =>
      lines.map(({ sku }, index) => ({ node: code, sku, units: 31 + ((at * 7 + index * 5) % 29) })),
    ),
    carrierServices: [
      service('X', { zones: [zone({ perStepMinor: 37 })] }),
      service('Y', { zones: [zone({ baseMinor: 500, perStepMinor: 41 })] }),
    ],
  });
  test('gets the best plan that was found in time and its gap, the same each time', () => {
    const outcome = decideRoute(large, none);
    expect(outcome).toMatchObject({ outcome: 'PLANNED', method: 'BOUNDED' });
    expect(outcome.lowerBoundMinor).toBeLessThan(outcome.costMinor!);
    expect(outcome.lowerBoundMinor).toBeGreaterThan(outcome.costMinor! * 0.9);
    expect(canonicalJson(decideRoute(large, none))).toBe(canonicalJson(outcome));
  });
});

describe('facts that contradict themselves are the caller’s defect', () => {
  test.each([
    ['no lines', { order: order({ lines: [] }) }, /has no lines/],
    ['a fraction of a unit', { order: order({ lines: [line({ quantity: 0.5 })] }) }, /MUG quantity/],
    ['two weights of one SKU', { order: order({ lines: [line(), line({ weightGrams: 1 })] }) }, /differ/],
    ['a node twice', { nodes: [node('A'), node('A')] }, /Two facts for node A/],
    ['no divisor', { carrierServices: [service('X', { volumetricDivisor: 0 })] }, /volumetricDivisor/],
    ['no time', { now: 'now' }, /now is no instant/],
  ])('%s', (_name, given, message) => expect(() => decide(given)).toThrow(message));
  test('the input is left as it was', () => {
    const given = input({ nodes: [node('B'), node('A')] });
    const before = canonicalJson(given);
    decideRoute(given, none);
    expect(canonicalJson(given)).toBe(before);
    expect(given.now).toBe(NOW);
  });
});
