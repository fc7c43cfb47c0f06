import fc from 'fast-check';
import { defaultPolicy, type RoutingInput } from '../../../src/routing/index.ts';
import { line, node, NOW, order, service, zone } from './fixtures.ts';

/** How large a decision is, and how hard: few holders of a line, or many ways that cost the same. */
export interface LargeSize {
  nodes: number;
  lines: number;
  units: number;
  services: number;
  maxShipments: number;
}

const cities = ['Hangzhou', 'Ningbo', 'Shanghai', 'Chengdu'];
const places = cities.map((city) => ({
  city,
  province: city === 'Shanghai' ? 'Shanghai' : city === 'Chengdu' ? 'Sichuan' : 'Zhejiang',
}));

/** A random decision of that size; stock dense or sparse, goods all alike or not, stores all alike or not. */
export function largeInputs(size: LargeSize): fc.Arbitrary<RoutingInput> {
  return fc
    .record({
      seed: fc.integer(),
      density: fc.constantFrom(0.1, 0.3, 0.6, 0.9, 1),
      most: fc.constantFrom(1, 0.4, 1.2, 3),
      alike: fc.boolean(),
      mixed: fc.constantFrom(false, false, true),
      promised: fc.boolean(),
    })
    .map(({ seed, density, most, alike, mixed, promised }) => {
      const next = numbers(seed);
      const one = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)]!;
      const classes = mixed ? (['AMBIENT', 'CHILLED', 'FROZEN'] as const) : (['AMBIENT'] as const);
      const lines = Array.from({ length: size.lines }, (_, index) =>
        line({
          sku: `S${index}`,
          quantity: size.units,
          temperatureClass: one(classes),
          ...(alike ? {} : { weightGrams: 100 + Math.floor(next() * 2_000), lengthMm: one([0, 100, 400]) }),
        }),
      );
      const nodes = Array.from({ length: size.nodes }, (_, index) =>
        node(`N${index}`, {
          ...(alike ? places[0]! : one(places)),
          handlingCostMinor: alike ? 100 : one([0, 100, 350]),
          capabilities: { temperatureClasses: [...classes], pickup: false, delivery: true },
        }),
      );
      const carrierServices = Array.from({ length: size.services }, (_, index) =>
        service(`C${index}`, {
          zones: [
            zone({ match: 'SAME_PROVINCE', baseMinor: 400 + 50 * index, perStepMinor: one([0, 40, 70]) }),
            zone({ baseMinor: 700 + 90 * index, perStepMinor: one([60, 100, 200]), transitDaysP90: 5 }),
          ],
          temperatureClasses: [...classes],
        }),
      );
      const stock = nodes.flatMap(({ code }) =>
        lines.flatMap(({ sku }) =>
          next() < density
            ? [{ node: code, sku, units: 1 + Math.floor((alike ? 0.9 : next()) * most * size.units) }]
            : [],
        ),
      );
      return {
        now: NOW,
        order: order({ lines, promisedBy: promised ? '2026-11-26T02:00:00.000Z' : null }),
        nodes,
        carrierServices,
        stock,
        policy: { ...defaultPolicy, maxShipments: size.maxShipments },
      };
    });
}

/** The same numbers for the same seed, 0 ≤ n < 1. */
function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
