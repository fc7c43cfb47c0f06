import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { linesOfParcel } from '../../../src/routing/shipments/parcel-lines.ts';

const order = [
  { externalId: '1', sku: 'MUG', quantity: 2 },
  { externalId: '2', sku: 'LAMP', quantity: 1 },
  { externalId: '3', sku: 'MUG', quantity: 3 },
];

describe('which lines a parcel is of', () => {
  test('lines of one SKU are filled in their order, after what left before', () => {
    expect(linesOfParcel(order, [], [{ sku: 'MUG', quantity: 3 }])).toEqual([
      { orderLineExternalId: '1', quantity: 2 },
      { orderLineExternalId: '3', quantity: 1 },
    ]);
    const before = [{ sku: 'MUG', quantity: 3 }];
    const units = [
      { sku: 'MUG', quantity: 2 },
      { sku: 'LAMP', quantity: 1 },
    ];
    expect(linesOfParcel(order, before, units)).toEqual([
      { orderLineExternalId: '2', quantity: 1 },
      { orderLineExternalId: '3', quantity: 2 },
    ]);
  });

  test('units that the order does not have are of no line', () => {
    expect(linesOfParcel(order, [], [{ sku: 'ICE', quantity: 1 }])).toEqual([]);
    expect(linesOfParcel(order, [], [{ sku: 'LAMP', quantity: 4 }])).toEqual([
      { orderLineExternalId: '2', quantity: 1 },
    ]);
  });

  test('however an order is cut into parcels, they come to its lines', () => {
    const cut = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 5, maxLength: 5 });
    fc.assert(
      fc.property(cut, (sizes) => {
        const told = new Map<string, number>();
        let gone = 0;
        for (const size of sizes) {
          const quantity = Math.min(size, 5 - gone);
          const before = [{ sku: 'MUG', quantity: gone }];
          for (const line of linesOfParcel(order, before, [{ sku: 'MUG', quantity }]))
            told.set(line.orderLineExternalId, (told.get(line.orderLineExternalId) ?? 0) + line.quantity);
          gone += quantity;
        }
        expect(Object.fromEntries(told)).toEqual({ 1: 2, 3: 3 });
      }),
    );
  });
});
