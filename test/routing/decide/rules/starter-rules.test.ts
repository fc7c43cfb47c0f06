import { describe, expect, test } from '@jest/globals';
import { decideRoute, starterRules, type RoutingInput } from '../../../../src/routing/index.ts';
import { compiled, input, line, node, order, service, zone } from '../../../support/routing/fixtures.ts';

/** The outcome without and with one of the rules. */
function change(name: string, given: Partial<RoutingInput>) {
  const chosen = starterRules.filter((one) => one.name === name);
  expect(chosen).toHaveLength(1);
  return {
    before: decideRoute(input(given), compiled()),
    after: decideRoute(input(given), compiled(...chosen)),
  };
}

describe('each starter rule changes a plan', () => {
  test('same city prefers pickup: a store in the city wins over a slightly cheaper warehouse elsewhere', () => {
    const store = node('STORE', {
      kind: 'STORE',
      city: 'Hangzhou',
      province: 'Zhejiang',
      handlingCostMinor: 350,
      capabilities: { temperatureClasses: ['AMBIENT'], pickup: true, delivery: true },
    });
    const { before, after } = change('same city prefers pickup', { nodes: [node('HUB'), store] });
    expect(before.shipments).toMatchObject([{ node: 'HUB', costMinor: 900 }]);
    expect(after.shipments).toMatchObject([{ node: 'STORE', costMinor: 850 }]);
  });

  test('cold chain answers within 4 hours', () => {
    const cold = {
      order: order({ lines: [line({ temperatureClass: 'CHILLED' })] }),
      nodes: [
        node('COLD', { capabilities: { temperatureClasses: ['CHILLED'], pickup: false, delivery: true } }),
      ],
      carrierServices: [service('SF-COLD', { kind: 'COLD', temperatureClasses: ['CHILLED'] })],
    } satisfies Partial<RoutingInput>;
    const { before, after } = change('cold chain answers within 4 hours', cold);
    expect(before.shipments).toMatchObject([{ respondBy: null }]);
    expect(after.shipments).toMatchObject([{ respondBy: '2026-11-23T06:00:00.000Z' }]);
    expect(change('cold chain answers within 4 hours', {}).after.shipments).toMatchObject([
      { respondBy: null },
    ]);
  });

  test('density guard: a light line cannot hide in a dense parcel', () => {
    const depot = node('DEPOT', {
      capabilities: { temperatureClasses: ['AMBIENT'], pickup: false, delivery: true, heavyCargo: true },
    });
    const heavy = service('HEAVY', {
      kind: 'HEAVY_CARGO',
      minDensityKgPerM3: 167,
      zones: [zone({ baseMinor: 100, perStepMinor: 1 })],
    });
    const pillow = line({ sku: 'PILLOW', weightGrams: 1_200, lengthMm: 700, widthMm: 500, heightMm: 300 });
    const anvil = line({ sku: 'ANVIL', weightGrams: 40_000, lengthMm: 300, widthMm: 200, heightMm: 200 });
    const { before, after } = change('density guard for heavy cargo', {
      nodes: [depot],
      order: order({ lines: [pillow, anvil] }),
      carrierServices: [heavy, service('YTO')],
    });
    expect(before.shipments).toMatchObject([{ carrierService: 'HEAVY' }]); // 351 kg/m³ together
    expect(after.shipments).toMatchObject([{ carrierService: 'YTO' }]);
  });

  test('high value to review', () => {
    const at = (valueMinor: number) => change('high value to review', { order: order({ valueMinor }) });
    expect(at(1_000_000).before.outcome).toBe('PLANNED');
    expect(at(1_000_000).after).toMatchObject({
      outcome: 'NEEDS_REVIEW',
      reasons: ['High value: 10,000 or more.'],
    });
    expect(at(999_999).after.outcome).toBe('PLANNED');
  });
});
