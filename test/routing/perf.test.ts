import { test } from '@jest/globals';
import { decideRoute, starterRules } from '../../src/routing/index.ts';
import { compiled, input, line, node, order, service, zone } from './fixtures.ts';
const rules = compiled(...starterRules);
for (const [n, l, q, units, s] of [
  [20, 100, 2, 5, 5],
  [20, 100, 3, 3, 10],
  [50, 100, 3, 3, 10],
  [20, 30, 3, 3, 10],
  [3, 1, 1, 5, 3],
  [500, 3, 2, 2, 5],
] as const)
  test(`${n} ${l} ${q}`, () => {
    const lines = Array.from({ length: l }, (_, i) =>
      line({ sku: `S${i}`, quantity: q, weightGrams: 300 + 150 * (i % 7) }),
    );
    const nodes = Array.from({ length: n }, (_, i) =>
      node(`N${i}`, {
        city: i % 5 ? 'Shanghai' : 'Hangzhou',
        province: i % 5 ? 'Shanghai' : 'Zhejiang',
        handlingCostMinor: 100 + ((i * 37) % 90),
      }),
    );
    const services = Array.from({ length: s }, (_, i) =>
      service(`C${i}`, {
        zones: [
          zone({ match: 'SAME_PROVINCE', baseMinor: 500 + i * 31, perStepMinor: 90 - i * 5 }),
          zone({ baseMinor: 900 + i * 31, perStepMinor: 190 - i * 5 }),
        ],
      }),
    );
    let seed = 7;
    const rnd = (m: number) => (seed = (seed * 48271) % 2147483647) % m;
    const stock = nodes.flatMap(({ code }, i) =>
      lines.map(({ sku }) => ({
        node: code,
        sku,
        units: i % 2 ? Math.max(units - 1, rnd(units + 2)) : rnd(units + 1),
      })),
    );
    const given = input({ nodes, order: order({ lines }), carrierServices: services, stock });
    const times: number[] = [];
    let o;
    for (let i = 0; i < 4; i++) {
      const t = performance.now();
      o = decideRoute(given, rules);
      times.push(Math.round((performance.now() - t) * 10) / 10);
    }
    console.log(
      n,
      l,
      q,
      units,
      times.join(' '),
      o!.outcome,
      o!.method,
      o!.costMinor,
      o!.lowerBoundMinor,
      o!.unconstrainedCostMinor,
      o!.shipments.length,
      o!.reasons[0]?.slice(0, 80),
    );
  });
