/** The same numbers in every run: a linear congruential generator, 0 ≤ n < 1. */
export function numbers(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const PLACES = [
  ['上海', '上海'],
  ['杭州', '浙江'],
  ['宁波', '浙江'],
  ['广州', '广东'],
  ['深圳', '广东'],
  ['成都', '四川'],
  ['北京', '北京'],
  ['武汉', '湖北'],
];
const nodeCode = (index) => `N${String(index).padStart(2, '0')}`;
const skuCode = (index) => `G${String(index).padStart(4, '0')}`;
export const pick = (next, list) => list[Math.floor(next() * list.length)];

/** Nodes of a chain as records: warehouses and stores that differ in place and handling cost. */
export function nodesOf(count, next) {
  return Array.from({ length: count }, (_, index) => {
    const [city, province] = PLACES[index % PLACES.length];
    return {
      code: nodeCode(index),
      kind: index % 7 === 0 ? 'WAREHOUSE' : 'STORE',
      city,
      province,
      handlingCostMinor: pick(next, [50, 100, 100, 150]),
    };
  });
}

/** Goods of 100 g to 2 kg. */
export function skusOf(count, next) {
  return Array.from({ length: count }, (_, index) => ({
    code: skuCode(index),
    weightGrams: 100 + Math.floor(next() * 1_900),
    lengthMm: 80 + Math.floor(next() * 200),
    widthMm: 80 + Math.floor(next() * 150),
    heightMm: 50 + Math.floor(next() * 150),
  }));
}

/** Services as the facts of a decision have them: by zone cheaper near, dearer and flatter the heavier. */
export function servicesOf(currency) {
  const zone = (match, baseMinor, perStepMinor, p50, p90) => ({
    match,
    baseMinor,
    baseGrams: 1_000,
    perStepMinor,
    transitDaysP50: p50,
    transitDaysP90: p90,
  });
  const service = (code, kind, zones) => ({
    code,
    kind,
    fromNodes: null,
    zones,
    stepGrams: 500,
    volumetricDivisor: 6_000,
    roundingGrams: 500,
    minDensityKgPerM3: null,
    temperatureClasses: ['AMBIENT'],
    currency,
  });
  return [
    service('LAND', 'STANDARD', [
      zone('SAME_CITY', 600, 60, 1, 1),
      zone('SAME_PROVINCE', 800, 90, 1, 2),
      zone('ANY', 1_100, 180, 2, 4),
    ]),
    service('AIR', 'EXPRESS', [
      zone('SAME_CITY', 900, 80, 0.5, 1),
      zone('SAME_PROVINCE', 1_200, 120, 1, 1),
      zone('ANY', 1_800, 260, 1, 2),
    ]),
    service('BULK', 'STANDARD', [zone('ANY', 3_000, 70, 4, 6)]),
  ];
}

/** Lines of one order: different goods, so many units of each. */
export function linesOf(skus, lines, units, next) {
  const chosen = new Set();
  while (chosen.size < lines) chosen.add(Math.floor(next() * skus.length));
  return [...chosen].map((index) => ({ sku: skus[index], quantity: units }));
}
