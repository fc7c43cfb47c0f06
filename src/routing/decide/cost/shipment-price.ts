/** The price of a shipment: one parcel from one node, by its cheapest permitted carrier service. */
import { chargeableGrams, isDenseEnough, type ParcelSize } from './chargeable-weight.ts';
import type { LineFacts } from '../facts/routing-facts.ts';
import { freightMinor, type DeliveryOption } from './delivery-options.ts';
import type { EvaluatedNode } from './evaluated-node.ts';

/** The inputs of prices beside node and carrier. */
export interface PriceBasis {
  lines: readonly LineFacts[];
  /** Units of the order: what a preference is shared over. */
  totalUnits: number;
  latenessMinorPerHour: number;
}

/** A signed part of a cost or score; they sum up as value × weight, in minor units. */
export interface ScoreTerm {
  name: string;
  value: number;
  weight: number;
}

export interface PricedShipment {
  offer: DeliveryOption;
  chargeableGrams: number;
  costMinor: number;
  terms: ScoreTerm[];
}

type ShipsFrom = Pick<EvaluatedNode, 'node' | 'offers' | 'scarcityMinor'>;

/** The cheapest way for these quantities (by line, not all 0), or undefined where no service takes them together. */
export function priceShipment(
  basis: PriceBasis,
  from: ShipsFrom,
  quantities: readonly number[],
): PricedShipment | undefined {
  const parcel = parcelOf(basis.lines, quantities);
  let best: { offer: DeliveryOption; costMinor: number } | undefined;
  for (const offer of from.offers) {
    if (!permits(offer, quantities) || !denseEnough(offer, parcel)) continue;
    const costMinor = wayMinor(basis, offer, parcel) - preferenceMinor(basis, offer, quantities);
    if (!best || costMinor < best.costMinor) best = { offer, costMinor }; // of equal ones the first by code
  }
  if (!best) return undefined;
  const terms = termsOf(basis, from, best.offer, parcel, quantities);
  return {
    offer: best.offer,
    chargeableGrams: best.offer.carrier ? chargeableGrams(parcel, best.offer.carrier.service) : parcel.grams,
    costMinor: best.costMinor + from.node.handlingCostMinor + scarcityMinor(from, quantities),
    terms,
  };
}

/** As `priceShipment().costMinor`, without its explanation; Infinity where no service takes them together. */
export function shipmentMinor(basis: PriceBasis, from: ShipsFrom, quantities: readonly number[]): number {
  const parcel = parcelOf(basis.lines, quantities);
  let best = Infinity;
  for (const offer of from.offers)
    if (permits(offer, quantities) && denseEnough(offer, parcel))
      best = Math.min(best, wayMinor(basis, offer, parcel) - preferenceMinor(basis, offer, quantities));
  return best + from.node.handlingCostMinor + scarcityMinor(from, quantities);
}

/**
 * No parcel that holds at least these quantities costs less in freight, lateness and handling. More lines can only
 * take services away and more weight only raise prices; a minimum density is ignored, for more units can also meet it.
 */
export function leastMinor(basis: PriceBasis, from: ShipsFrom, quantities: readonly number[]): number {
  const parcel = parcelOf(basis.lines, quantities);
  let least = Infinity;
  for (const offer of from.offers)
    if (permits(offer, quantities)) least = Math.min(least, wayMinor(basis, offer, parcel));
  return least + from.node.handlingCostMinor;
}

/** The same for a parcel that holds at least one unit of the line. */
export function leastUnitMinor(basis: PriceBasis, from: ShipsFrom, line: number): number {
  const { weightGrams, lengthMm, widthMm, heightMm } = basis.lines[line]!;
  const parcel = { grams: weightGrams, mm3: lengthMm * widthMm * heightMm, sizeUnknown: false };
  let least = Infinity;
  for (const offer of from.offers)
    if (offer.blockedBy[line] === null) least = Math.min(least, wayMinor(basis, offer, parcel));
  return least + from.node.handlingCostMinor;
}

export function scarcityMinor(from: ShipsFrom, quantities: readonly number[]): number {
  return quantities.reduce((sum, quantity, line) => sum + quantity * from.scarcityMinor[line]!, 0);
}

/** `addUnits` over the lines; millions of times in a search, hence without the values between. */
function parcelOf(lines: readonly LineFacts[], quantities: readonly number[]): ParcelSize {
  let [grams, mm3, sizeUnknown] = [0, 0, false];
  for (let line = 0; line < lines.length; line++) {
    const quantity = quantities[line]!;
    if (quantity === 0) continue;
    const { weightGrams, lengthMm, widthMm, heightMm } = lines[line]!;
    const unitMm3 = lengthMm * widthMm * heightMm;
    grams += weightGrams * quantity;
    mm3 += unitMm3 * quantity;
    sizeUnknown ||= unitMm3 === 0;
  }
  return { grams, mm3, sizeUnknown };
}

function permits({ blockedBy }: DeliveryOption, quantities: readonly number[]): boolean {
  for (let line = 0; line < quantities.length; line++)
    if (quantities[line] !== 0 && blockedBy[line] !== null) return false;
  return true;
}

function denseEnough({ carrier }: DeliveryOption, parcel: ParcelSize): boolean {
  return carrier === null || isDenseEnough(parcel, carrier.service);
}

/** Freight and lateness. */
function wayMinor(basis: PriceBasis, offer: DeliveryOption, parcel: ParcelSize): number {
  const freight = offer.carrier ? freightMinor(offer.carrier, parcel) : 0;
  return freight + offer.lateHours * basis.latenessMinorPerHour;
}

function preferenceMinor(basis: PriceBasis, offer: DeliveryOption, quantities: readonly number[]): number {
  let sum = 0;
  for (const { weight, applies } of offer.preferences) sum += shareMinor(basis, weight, applies, quantities);
  return sum;
}

/** A rule's weight by the share of the order's units to which it applies here, rounded down. */
function shareMinor(
  basis: PriceBasis,
  weight: number,
  applies: boolean[],
  quantities: readonly number[],
): number {
  const units = quantities.reduce((sum, quantity, line) => (applies[line] ? sum + quantity : sum), 0);
  return Math.floor((weight * units) / basis.totalUnits);
}

function termsOf(
  basis: PriceBasis,
  from: ShipsFrom,
  offer: DeliveryOption,
  parcel: ParcelSize,
  quantities: readonly number[],
): ScoreTerm[] {
  const terms = [
    { name: 'FREIGHT', value: offer.carrier ? freightMinor(offer.carrier, parcel) : 0, weight: 1 },
    { name: 'HANDLING', value: from.node.handlingCostMinor, weight: 1 },
    { name: 'LATE_HOURS', value: offer.lateHours, weight: basis.latenessMinorPerHour },
    { name: 'SCARCITY', value: scarcityMinor(from, quantities), weight: 1 },
    ...offer.preferences.map(({ rule, weight, applies }) => ({
      name: rule,
      value: shareMinor(basis, weight, applies, quantities),
      weight: -1,
    })),
  ];
  return terms.filter(({ value }) => value !== 0);
}
