import type { CarrierServiceRecord } from '../../spi/records.ts';
import type { BrokenRow } from './manifest.ts';
import { linesSink } from './sinks.ts';

type Zone = CarrierServiceRecord['zones'][number];

/** Provinces that are near most of the sample's nodes: a zone of their own in many price lists. */
const NEAR = ['江苏', '浙江', '上海', '安徽'];

function zone(
  match: Zone['match'],
  baseMinor: number,
  perStepMinor: number,
  transitDaysP50: number,
  transitDaysP90: number,
): Zone {
  return { match, baseMinor, baseGrams: 1000, perStepMinor, transitDaysP50, transitDaysP90 };
}

/** Price lists of invented carriers, as their export writes them. */
const SERVICES = [
  {
    code: 'SWIFT-STD',
    type: 'standard',
    zones: [
      zone('SAME_CITY', 900, 150, 0.5, 1),
      zone('SAME_PROVINCE', 1000, 200, 1, 1.5),
      zone(NEAR, 1100, 250, 1.2, 2),
      zone('ANY', 1500, 450, 2, 3),
    ],
    step_grams: 1000,
    volumetric_divisor: 6000,
    rounding_grams: 100,
    temperature: ['AMBIENT'],
    currency: 'CNY',
  },
  {
    code: 'ECONO-STD',
    type: 'standard',
    zones: [zone('SAME_PROVINCE', 600, 100, 1.5, 2.5), zone('ANY', 800, 250, 3.5, 6)],
    step_grams: 1000,
    volumetric_divisor: 8000,
    rounding_grams: 1000,
    temperature: ['AMBIENT'],
    currency: 'CNY',
  },
  {
    code: 'SWIFT-AIR',
    type: 'express',
    zones: [zone('SAME_PROVINCE', 1800, 500, 0.5, 1), zone('ANY', 2600, 1100, 1, 1.5)],
    step_grams: 500,
    volumetric_divisor: 5000,
    rounding_grams: 500,
    temperature: ['AMBIENT'],
    currency: 'CNY',
  },
  {
    code: 'FROST-COLD',
    type: 'cold',
    from_nodes: ['WH-SHA', 'WH-CAN', 'WH-CTU', 'WH-PEK', 'ST-SHA-JA', 'ST-HGH-XH', 'ST-CAN-TH', 'ST-CTU-JJ'],
    zones: [
      zone('SAME_CITY', 1800, 300, 0.4, 0.8),
      zone('SAME_PROVINCE', 2400, 450, 0.8, 1.2),
      zone('ANY', 3600, 900, 1.5, 2.2),
    ],
    step_grams: 1000,
    volumetric_divisor: 6000,
    rounding_grams: 500,
    temperature: ['CHILLED', 'FROZEN'],
    currency: 'CNY',
  },
  {
    code: 'TITAN-HEAVY',
    type: 'heavy',
    zones: [zone('SAME_PROVINCE', 400, 40, 2, 3), zone('ANY', 500, 60, 4, 6)],
    step_grams: 1000,
    volumetric_divisor: 6000,
    rounding_grams: 1000,
    min_density: 170,
    temperature: ['AMBIENT'],
    currency: 'CNY',
  },
];

export const SAMPLE_CARRIERS = 'carrier-services.jsonl';

export async function writeCarriers({
  folder,
  broken,
}: {
  folder: string;
  broken: BrokenRow[];
}): Promise<number> {
  const sink = linesSink(folder, SAMPLE_CARRIERS, broken);
  for (const service of SERVICES) await sink.write([JSON.stringify(service)]);
  await sink.writeBroken(
    [JSON.stringify({ ...SERVICES[0], code: 'ROCKET', type: 'rocket' })],
    'unknown kind',
  );
  await sink.writeBroken(
    [JSON.stringify({ ...SERVICES[0], code: 'NO-DIVISOR', volumetric_divisor: 0 })],
    'divisor of zero',
  );
  await sink.close();
  return SERVICES.length;
}
