import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  addUnits,
  ceilDivide,
  chargeableGrams,
  densityKgPerM3,
  emptyParcel,
  isDenseEnough,
} from '../../../../src/routing/decide/cost/chargeable-weight.ts';
import {
  compiled,
  input,
  line,
  node,
  order,
  rule,
  service,
  zone,
} from '../../../support/routing/fixtures.ts';
import { decideRoute } from '../../../../src/routing/index.ts';

const dhlExpress = { volumetricDivisor: 5000, roundingGrams: 500 };
const sfInternational = { volumetricDivisor: 6000, roundingGrams: 500 };
const box = (lengthCm: number, widthCm: number, heightCm: number, weightGrams: number, quantity = 1) =>
  addUnits(
    emptyParcel,
    line({ lengthMm: lengthCm * 10, widthMm: widthCm * 10, heightMm: heightCm * 10, weightGrams }),
    quantity,
  );

describe('chargeable weight', () => {
  test.each([
    [
      'volumetric, DHL Express: 40 × 40 × 40 / 5000 = 12.8 → 13.0',
      box(40, 40, 40, 5_000),
      dhlExpress,
      13_000,
    ],
    [
      'the same parcel, SF International: / 6000 = 10.67 → 11.0',
      box(40, 40, 40, 5_000),
      sfInternational,
      11_000,
    ],
    ['actual weight above volumetric: 20.1 → 20.5', box(40, 40, 40, 20_100), dhlExpress, 20_500],
    ['exactly on a step stays: 50 × 40 × 30 / 5000 = 12.0', box(50, 40, 30, 12_000), dhlExpress, 12_000],
    ['a gram above the step is the next one', box(50, 40, 30, 12_001), dhlExpress, 12_500],
    ['units are summed before rounding: 3 × 0.2 kg = 0.6 → 1.0', box(5, 5, 5, 200, 3), dhlExpress, 1_000],
    ['nothing known weighs nothing', emptyParcel, dhlExpress, 0],
  ])('%s', (_name, parcel, carrier, expected) => {
    expect(chargeableGrams(parcel, carrier)).toBe(expected);
  });

  test('agrees with exact arithmetic for all sizes and rounding steps', () => {
    const whole = (most: number) => fc.integer({ min: 1, max: most });
    fc.assert(
      fc.property(
        whole(3_000_000),
        whole(8_000_000_000),
        whole(9_999),
        whole(5_000),
        (grams, mm3, divisor, step) => {
          const parcel = { grams, mm3, sizeUnknown: false };
          const up = (a: bigint, b: bigint) => (a + b - 1n) / b;
          const actual = up(BigInt(grams), BigInt(step));
          const volumetric = up(BigInt(mm3), BigInt(divisor) * BigInt(step));
          const expected = (actual > volumetric ? actual : volumetric) * BigInt(step);
          expect(BigInt(chargeableGrams(parcel, { volumetricDivisor: divisor, roundingGrams: step }))).toBe(
            expected,
          );
        },
      ),
    );
  });

  test('division rounds up exactly where floating point is off: 4503599627370497 / 3', () => {
    expect(ceilDivide(4_503_599_627_370_497, 3)).toBe(1_501_199_875_790_166);
    expect(ceilDivide(9, 3)).toBe(3);
  });
});

describe('the light bulky parcel incident', () => {
  const pillow = line({ sku: 'PILLOW', weightGrams: 1_200, lengthMm: 700, widthMm: 500, heightMm: 300 });
  const anvil = line({ sku: 'ANVIL', weightGrams: 40_000, lengthMm: 300, widthMm: 200, heightMm: 200 });
  const heavy = service('HEAVY', {
    kind: 'HEAVY_CARGO',
    minDensityKgPerM3: 167,
    zones: [zone({ baseMinor: 1, perStepMinor: 0 })],
  });
  const depot = node('DEPOT', {
    capabilities: { temperatureClasses: ['AMBIENT'], pickup: false, delivery: true, heavyCargo: true },
  });
  const carrierFor = (...lines: (typeof pillow)[]) =>
    decideRoute(
      input({ order: order({ lines }), nodes: [depot], carrierServices: [heavy, service('YTO')] }),
      compiled(),
    ).shipments.map(({ carrierService }) => carrierService);

  test('11 kg/m³ may not use the heavy-cargo service, however cheap it is', () => {
    expect(densityKgPerM3(addUnits(emptyParcel, pillow, 1))).toBeCloseTo(11.43, 2);
    expect(carrierFor(pillow)).toEqual(['YTO']);
  });
  test('3,333 kg/m³ may', () => expect(carrierFor(anvil)).toEqual(['HEAVY']));
  test('a parcel on the threshold may, a gram below it not', () => {
    const parcel = (grams: number) => ({ grams, mm3: 1_000_000_000, sizeUnknown: false });
    expect(isDenseEnough(parcel(167_000), heavy)).toBe(true);
    expect(isDenseEnough(parcel(166_999), heavy)).toBe(false);
  });
  test('an unknown size counts as light', () => {
    expect(carrierFor({ ...anvil, heightMm: 0 })).toEqual(['YTO']);
    expect(densityKgPerM3(addUnits(emptyParcel, { ...anvil, heightMm: 0 }, 1))).toBe(0);
  });
  test('a node without the equipment does not get the service', () => {
    const outcome = decideRoute(
      input({ order: order({ lines: [anvil] }), nodes: [node('SMALL')], carrierServices: [heavy] }),
      compiled(rule({ name: 'never', when: 'false' })),
    );
    expect(outcome.candidates).toMatchObject([{ node: 'SMALL', excludedBy: 'NO_CARRIER_SERVICE' }]);
  });
});
