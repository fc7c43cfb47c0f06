/**
 * Chargeable weight = max(actual, volumetric), rounded up to the carrier's step. Volumetric kg = L × W × H cm / divisor
 * (DHL Express: 5000, rounded up to 0.5 kg; SF International: 6000); in millimetres and grams that is mm³ / divisor,
 * so everything is whole numbers and nothing can be a rounding step off.
 *
 * Packing assumption: a parcel's volume and weight are the sums over its units. No void between them, no packaging, no
 * nesting; a carrier that measures the outer box may charge more.
 */
import type { CarrierServiceFacts, LineFacts } from '../facts/routing-facts.ts';

/** The weight of a parcel and the room of its units. */
export interface ParcelSize {
  grams: number;
  mm3: number;
  /** Some unit's size is not known: the volume is then a lower bound. */
  sizeUnknown: boolean;
}

export const emptyParcel: Readonly<ParcelSize> = { grams: 0, mm3: 0, sizeUnknown: false };

/** The parcel with `quantity` more units of the line. */
export function addUnits(parcel: ParcelSize, line: LineFacts, quantity: number): ParcelSize {
  if (quantity === 0) return parcel;
  const unitMm3 = line.lengthMm * line.widthMm * line.heightMm;
  return {
    grams: parcel.grams + line.weightGrams * quantity,
    mm3: parcel.mm3 + unitMm3 * quantity,
    sizeUnknown: parcel.sizeUnknown || unitMm3 === 0,
  };
}

type Measure = Pick<CarrierServiceFacts, 'volumetricDivisor' | 'roundingGrams'>;

/** Grams that the carrier charges for. */
export function chargeableGrams(parcel: ParcelSize, service: Measure): number {
  const { volumetricDivisor, roundingGrams } = service;
  const actualSteps = ceilDivide(parcel.grams, roundingGrams);
  const volumetricSteps = ceilDivide(parcel.mm3, volumetricDivisor * roundingGrams);
  return Math.max(actualSteps, volumetricSteps) * roundingGrams;
}

/**
 * kg/m³; 0 where a size is unknown. Unknown counts as light, because the costly mistake is one way only: light, bulky
 * parcels on a heavy-cargo line slowed a region's fulfilment from 2.1 to 3.7 days.
 */
export function densityKgPerM3(parcel: ParcelSize): number {
  return parcel.sizeUnknown || parcel.mm3 === 0 ? 0 : (parcel.grams * 1_000_000) / parcel.mm3;
}

/** Whether the parcel is dense enough for the service. */
export function isDenseEnough(
  parcel: ParcelSize,
  { minDensityKgPerM3 }: Pick<CarrierServiceFacts, 'minDensityKgPerM3'>,
): boolean {
  if (minDensityKgPerM3 === null) return true;
  if (parcel.sizeUnknown) return false;
  return parcel.grams * 1_000_000 >= minDensityKgPerM3 * parcel.mm3;
}

/** ⌈a / b⌉ of whole numbers: the quotient may be rounded the wrong way, the products that correct it are exact. */
export function ceilDivide(a: number, b: number): number {
  const rounded = Math.ceil(a / b);
  if ((rounded - 1) * b >= a) return rounded - 1;
  return rounded * b < a ? rounded + 1 : rounded;
}
