import { SAMPLE_SKUS, type SampleSku } from './catalog.ts';
import { FILLER_PHONE, type SamplePerson } from './people.ts';
import type { Random } from './prng.ts';

export type SampleChannel = 'douyin' | 'jd' | 'tmall' | 'store';
export type SampleState = 'PLACED' | 'PAID' | 'SHIPPED' | 'DELIVERED' | 'CANCELLED';

export interface SampleOrder {
  index: number;
  channel: SampleChannel;
  externalId: string;
  person: SamplePerson;
  /** Usually the person's; sometimes a courier typed zeros to get past a required field. */
  phone: string;
  state: SampleState;
  placedAtMs: number;
  cashOnDelivery: boolean;
  lines: { externalId: string; sku: SampleSku; quantity: number }[];
  totalMinor: number;
}

/** Counted from the newest order: young enough to be paid and not sent yet. */
const COMPANY_ORDER_FROM_END = 9;
const HOUR_MS = 3_600_000;
const DAYS_BACK = 60;
/** Long ids that a spreadsheet loves to destroy: 19 digits at Douyin and Tmall, 12 at JD. */
const ID_START: Record<SampleChannel, bigint> = {
  douyin: 6_920_188_888_000_000_000n,
  jd: 288_000_000_000n,
  tmall: 2_510_000_000_000_000_000n,
  store: 20_260_000_000n,
};
const CHANNELS: readonly SampleChannel[] = [
  'douyin',
  'douyin',
  'douyin',
  'jd',
  'jd',
  'tmall',
  'tmall',
  'store',
];

/** The first orders belong to the caller, one on each channel, so that the tour finds them in a shop of any size. */
export function sampleOrder(
  index: number,
  of: { orders: number; people: readonly SamplePerson[]; anchorMs: number; channel?: SampleChannel },
  random: Random,
): SampleOrder {
  const isCallers = index < 5;
  const isCompany = !isCallers && of.channel === undefined && index === of.orders - COMPANY_ORDER_FROM_END;
  const drawn = of.channel ?? random.pick(CHANNELS);
  const channel = isCallers ? CALLER_CHANNELS[index]! : isCompany ? 'tmall' : drawn;
  const person = isCallers ? of.people[0]! : returningShopper(of.people, random);
  // Oldest first, as platforms export; the caller's stand at the top but were placed in the last days.
  const ageHours = isCallers
    ? 20 + index * 31
    : ((of.orders - index) / of.orders) * DAYS_BACK * 24 + random.next();
  const externalId = String(ID_START[channel] + BigInt(index) * 37n + 11n);
  const lines = isCompany ? companyLines(externalId) : orderLines(channel, externalId, index, random);
  return {
    index,
    channel,
    externalId,
    person,
    phone: !isCallers && random.chance(0.01) ? FILLER_PHONE : person.phone,
    state:
      isCallers || isCompany
        ? stateAtAge(ageHours)
        : random.chance(0.04)
          ? 'CANCELLED'
          : stateAtAge(ageHours),
    placedAtMs: Math.floor((of.anchorMs - ageHours * HOUR_MS) / 60_000) * 60_000,
    cashOnDelivery: channel === 'jd' && random.chance(0.25),
    lines,
    totalMinor: lines.reduce((sum, line) => sum + line.sku.priceMinor * line.quantity, 0),
  };
}

const CALLER_CHANNELS: readonly SampleChannel[] = ['douyin', 'jd', 'tmall', 'store', 'douyin'];

/** Squaring favours the low indices: some people buy again and again. */
function returningShopper(people: readonly SamplePerson[], random: Random): SamplePerson {
  return people[Math.floor(random.next() ** 2 * people.length)]!;
}

function orderLines(
  channel: SampleChannel,
  orderId: string,
  index: number,
  random: Random,
): SampleOrder['lines'] {
  const count = random.chance(0.65) ? 1 : random.integer(2, 3);
  const start = index === 0 ? 0 : random.integer(0, SAMPLE_SKUS.length - 1);
  return Array.from({ length: count }, (_, line) => {
    // A stride that does not divide the catalogue: the lines of one order are different goods.
    const sku = SAMPLE_SKUS[(start + line * 7) % SAMPLE_SKUS.length]!;
    // JD numbers no lines: there the SKU names the line.
    const externalId = `${orderId}-${channel === 'jd' ? sku.code : line + 1}`;
    return { externalId, sku, quantity: random.chance(0.85) ? 1 : random.integer(2, 4) };
  });
}

/** A company dresses its team: worth more than a person should let pass unseen. */
function companyLines(orderId: string): SampleOrder['lines'] {
  const sku = SAMPLE_SKUS.find(({ code }) => code.startsWith('PARKA'))!;
  return [{ externalId: `${orderId}-1`, sku, quantity: 10 }];
}

function stateAtAge(hours: number): SampleState {
  if (hours < 2) return 'PLACED';
  if (hours < 40) return 'PAID';
  return hours < 130 ? 'SHIPPED' : 'DELIVERED';
}
