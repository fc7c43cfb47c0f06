import fc from 'fast-check';
import {
  defaultPolicy,
  type CarrierServiceFacts,
  type NodeFacts,
  type RoutingInput,
  type RoutingRule,
  type TemperatureClass,
} from '../../../src/routing/index.ts';
import { line, node, NOW, order, service, zone } from './fixtures.ts';

export interface Size {
  nodes: number;
  lines: number;
  quantity: number;
}
export const small: Size = { nodes: 3, lines: 3, quantity: 3 };

/** A rule that the reference can read without CEL: it holds for these codes, null standing for any. */
export interface SimpleRule {
  effect: 'EXCLUDE' | 'PREFER';
  node: string | null;
  sku: string | null;
  carrier: string | null;
  weight: number;
}
export interface Instance {
  input: RoutingInput;
  simpleRules: SimpleRule[];
}

const whole = (min: number, max: number) => fc.integer({ min, max });
const nullable = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null, freq: 2 });
const classes: TemperatureClass[] = ['AMBIENT', 'CHILLED', 'FROZEN'];
const someClasses = fc.subarray(classes, { minLength: 1 });
const mostClasses = fc.oneof({ weight: 3, arbitrary: fc.constant(classes) }, someClasses);
/** Mostly one class: mixed orders are the rarer case. */
const someClass = fc.oneof({ weight: 3, arbitrary: fc.constant(classes[0]!) }, fc.constantFrom(...classes));
const city = fc.constantFrom('Hangzhou', 'Ningbo', 'Shanghai');
const place = city.map((name) => ({ city: name, province: name === 'Shanghai' ? 'Shanghai' : 'Zhejiang' }));

const someNode = fc.record({
  place,
  temperatureClasses: mostClasses,
  heavyCargo: fc.boolean(),
  handlingCostMinor: fc.constantFrom(0, 100, 350),
  cutOff: fc.constantFrom('01:00', '02:30', '20:00'),
});

function nodeOf(code: string, given: typeof someNode extends fc.Arbitrary<infer T> ? T : never): NodeFacts {
  return node(code, {
    ...given.place,
    capabilities: {
      temperatureClasses: given.temperatureClasses,
      pickup: true,
      delivery: true,
      heavyCargo: given.heavyCargo,
    },
    calendar: { timeZone: 'UTC', workingWeekdays: [1, 2, 3, 4, 5, 6, 7], holidays: [], cutOff: given.cutOff },
    handlingCostMinor: given.handlingCostMinor,
  });
}

const someZone = fc
  .record({
    match: fc.constantFrom('SAME_CITY' as const, 'SAME_PROVINCE' as const, 'ANY' as const),
    baseMinor: fc.constantFrom(300, 500, 800),
    baseGrams: fc.constantFrom(0, 500, 1000),
    perStepMinor: fc.constantFrom(0, 70, 200),
    transitDaysP90: fc.constantFrom(1, 2.5, 4),
  })
  .map((given) => zone({ ...given, transitDaysP50: given.transitDaysP90 / 2 }));

const anyZone = someZone.map((given) => ({ ...given, match: 'ANY' as const }));

const someService = fc.record({
  kind: fc.constantFrom('STANDARD' as const, 'EXPRESS' as const, 'COLD' as const, 'HEAVY_CARGO' as const),
  zones: fc.oneof(fc.tuple(someZone), fc.tuple(someZone, anyZone)),
  stepGrams: fc.constantFrom(500, 1000),
  volumetricDivisor: fc.constantFrom(5000, 6000),
  minDensityKgPerM3: fc.constantFrom(null, null, 167),
  temperatureClasses: mostClasses,
});

const someLine = fc.record({
  weightGrams: fc.constantFrom(100, 400, 1500),
  lengthMm: fc.constantFrom(0, 100, 400),
  temperatureClass: someClass,
});

/** A random decision: prices of few values, so that ties are frequent; stock short enough for splits. */
export function instances(size: Size): fc.Arbitrary<Instance> {
  const base = fc.record({
    nodes: fc.array(someNode, { minLength: 2, maxLength: size.nodes }),
    services: fc.array(someService, { minLength: 1, maxLength: 3 }),
    lines: fc.array(fc.tuple(someLine, whole(1, size.quantity)), { minLength: 1, maxLength: size.lines }),
    destination: place,
    orderId: whole(0, 1_000_000),
    promiseInDays: nullable(whole(1, 4)),
    pickup: fc.constantFrom(false, false, true),
    maxShipments: fc.constantFrom(1, 2, 3, 3),
    splitPenaltyMinor: fc.constantFrom(0, 100, 500),
    latenessMinorPerHour: fc.constantFrom(0, 5, 50),
  });
  return base.chain((given) => {
    const nodes = given.nodes.map((facts, index) => nodeOf(`N${index + 1}`, facts));
    const carrierServices: CarrierServiceFacts[] = given.services.map((facts, index) =>
      service(`C${index + 1}`, facts),
    );
    const lines = given.lines.map(([facts, quantity], index) =>
      line({ ...facts, sku: `S${index + 1}`, quantity }),
    );
    const codes = <T extends { code: string }>(of: T[]) => fc.constantFrom(...of.map(({ code }) => code));
    const simpleRule = fc.record({
      effect: fc.constantFrom('PREFER' as const, 'PREFER' as const, 'EXCLUDE' as const),
      node: fc.option(codes(nodes), { nil: null, freq: 5 }),
      sku: nullable(fc.constantFrom(...lines.map(({ sku }) => sku))),
      carrier: given.pickup ? fc.constant(null) : nullable(codes(carrierServices)),
      weight: fc.constantFrom(-250, -1, 100, 333),
    });
    const perLine = <T>(value: fc.Arbitrary<T>) =>
      fc.array(value, { minLength: nodes.length * lines.length, maxLength: nodes.length * lines.length });
    return fc
      .record({
        units: perLine(whole(0, size.quantity)),
        scarce: perLine(fc.constantFrom(0, 0, 0, 60)),
        simpleRules: fc.array(simpleRule, { maxLength: 2 }),
      })
      .map(({ units, scarce, simpleRules }) => {
        const pairs = nodes.flatMap(({ code }) => lines.map(({ sku }) => ({ node: code, sku })));
        const input: RoutingInput = {
          now: NOW,
          order: order({
            id: `order-${given.orderId}`,
            lines,
            deliveryMethod: given.pickup ? 'PICKUP' : 'DELIVERY',
            destination: given.destination,
            promisedBy:
              given.promiseInDays === null
                ? null
                : new Date(Date.parse(NOW) + given.promiseInDays * 86_400_000).toISOString(),
          }),
          nodes,
          carrierServices,
          stock: pairs.map((pair, index) => ({ ...pair, units: units[index]! })),
          scarcity: pairs.map((pair, index) => ({ ...pair, minorPerUnit: scarce[index]! })),
          policy: {
            ...defaultPolicy,
            maxShipments: given.maxShipments,
            splitPenaltyMinor: given.splitPenaltyMinor,
            latenessMinorPerHour: given.latenessMinorPerHour,
          },
        };
        return { input, simpleRules };
      });
  });
}

/** The simple rules in CEL. */
export function rulesOf(simpleRules: readonly SimpleRule[]): RoutingRule[] {
  return simpleRules.map(({ effect, node: nodeCode, sku, carrier, weight }, index) => ({
    name: `rule ${index}`,
    effect,
    when: [
      nodeCode === null ? 'true' : `node.code == "${nodeCode}"`,
      sku === null ? 'true' : `line.sku == "${sku}"`,
      carrier === null ? 'true' : `carrier.code == "${carrier}"`,
    ].join(' && '),
    ...(effect === 'PREFER' ? { weight } : {}),
  }));
}
