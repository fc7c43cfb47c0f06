import type { CarrierServiceFacts, LineFacts, NodeFacts, RoutingInput } from './routing-facts.ts';

/**
 * The facts in one order, whatever order they came in: nodes and services by code, lines by SKU. Lines of one SKU are
 * summed, so that they cannot both take the same stock (medusa #16502, vendure #3508).
 * @throws RangeError for facts that no decision can rest on: a defect of the caller, not of the order.
 */
export function normaliseFacts(input: RoutingInput): RoutingInput {
  const lines = sumBySku(input.order.lines);
  const nodes = inOrder(input.nodes, ({ code }) => code);
  const carrierServices = inOrder(input.carrierServices, ({ code }) => code);
  requireUnique('node', nodes);
  requireUnique('carrier service', carrierServices);
  requireInstant('now', input.now);
  if (input.order.promisedBy !== null) requireInstant('promisedBy', input.order.promisedBy);
  if (lines.length === 0) throw new RangeError(`Order ${input.order.id} has no lines`);
  lines.forEach(checkLine);
  nodes.forEach(checkNode);
  carrierServices.forEach(checkService);
  checkPolicy(input);
  return { ...input, order: { ...input.order, lines }, nodes, carrierServices };
}

/** Sorted by code unit, which unlike localeCompare is the same on every machine. */
function inOrder<Item>(items: readonly Item[], key: (item: Item) => string): Item[] {
  return items.toSorted((a, b) => compareText(key(a), key(b)));
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function sumBySku(lines: readonly LineFacts[]): LineFacts[] {
  const bySku = new Map<string, LineFacts>();
  for (const line of lines) {
    const known = bySku.get(line.sku);
    if (known && physical(known) !== physical(line))
      throw new RangeError(`Two lines of SKU ${line.sku} differ in weight, size or temperature class`);
    bySku.set(line.sku, { ...line, quantity: line.quantity + (known?.quantity ?? 0) });
  }
  return inOrder([...bySku.values()], ({ sku }) => sku);
}

function physical(line: LineFacts): string {
  return [line.weightGrams, line.lengthMm, line.widthMm, line.heightMm, line.temperatureClass].join();
}

function checkLine(line: LineFacts): void {
  const name = `line ${line.sku}`;
  requireWhole(`${name} quantity`, line.quantity, 1);
  requireWhole(`${name} weightGrams`, line.weightGrams, 0);
  requireWhole(`${name} lengthMm`, line.lengthMm, 0);
  requireWhole(`${name} widthMm`, line.widthMm, 0);
  requireWhole(`${name} heightMm`, line.heightMm, 0);
}

function checkNode(node: NodeFacts): void {
  requireWhole(`node ${node.code} handlingCostMinor`, node.handlingCostMinor, 0);
  requireWhole(`node ${node.code} openOrders`, node.openOrders, 0);
  if (!/^([01]\d|2[0-3]):[0-5]\d$/.test(node.calendar.cutOff))
    throw new RangeError(`node ${node.code} cutOff is not HH:mm: ${node.calendar.cutOff}`);
}

/** The mistake in a price list, as a sentence; undefined when nothing is. */
export function serviceProblem(service: CarrierServiceFacts): string | undefined {
  try {
    checkService(service);
    return undefined;
  } catch (error) {
    if (error instanceof RangeError) return error.message;
    throw error;
  }
}

function checkService(service: CarrierServiceFacts): void {
  const name = `carrier service ${service.code}`;
  requireWhole(`${name} stepGrams`, service.stepGrams, 1);
  requireWhole(`${name} volumetricDivisor`, service.volumetricDivisor, 1);
  requireWhole(`${name} roundingGrams`, service.roundingGrams, 1);
  for (const zone of service.zones) {
    requireWhole(`${name} baseMinor`, zone.baseMinor, 0);
    requireWhole(`${name} baseGrams`, zone.baseGrams, 0);
    requireWhole(`${name} perStepMinor`, zone.perStepMinor, 0);
    if (!(
      zone.transitDaysP50 >= 0 &&
      zone.transitDaysP90 >= zone.transitDaysP50 &&
      zone.transitDaysP90 < 1000
    ))
      throw new RangeError(`${name} transit days are not 0 ≤ p50 ≤ p90`);
  }
}

function checkPolicy({ policy, stock, scarcity = [] }: RoutingInput): void {
  requireWhole('policy maxShipments', policy.maxShipments, 1);
  requireWhole('policy splitPenaltyMinor', policy.splitPenaltyMinor, 0);
  requireWhole('policy latenessMinorPerHour', policy.latenessMinorPerHour, 0);
  for (const { node, sku, units } of stock) requireWhole(`stock of ${sku} at ${node}`, units, 0);
  for (const { node, sku, minorPerUnit } of scarcity)
    requireWhole(`scarcity of ${sku} at ${node}`, minorPerUnit, 0);
}

function requireWhole(name: string, value: number, least: number): void {
  if (!Number.isSafeInteger(value) || value < least)
    throw new RangeError(`${name} is no whole number of at least ${least}: ${value}`);
}

function requireInstant(name: string, value: string): void {
  if (Number.isNaN(Date.parse(value))) throw new RangeError(`${name} is no instant: ${value}`);
}

function requireUnique(what: string, items: readonly { code: string }[]): void {
  const twice = items.find(({ code }, index) => items[index + 1]?.code === code);
  if (twice) throw new RangeError(`Two facts for ${what} ${twice.code}`);
}
