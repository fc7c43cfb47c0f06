/**
 * The typed world of rule conditions: variables, their fields, helper functions. Whole numbers are CEL ints (bigint).
 * A text that the facts do not have is ''; `order.promisedBy`, `node.dailyCapacity` and coordinates may be absent:
 * ask with has(…).
 */
import { Environment } from '@marcbachmann/cel-js';
import { addUnits, chargeableGrams, densityKgPerM3, emptyParcel } from '../cost/chargeable-weight.ts';
import type {
  CarrierServiceFacts,
  LineFacts,
  NodeFacts,
  OrderFacts,
  ZoneFacts,
} from '../facts/routing-facts.ts';
import { distanceKm, sameCity, sameProvince } from '../cost/geography.ts';

/** The values are told apart by their class, and keep the facts they were made of for the helper functions. */
class Value<Facts> {
  readonly facts: () => Facts;
  constructor(facts: Facts, fields: Record<string, unknown>) {
    this.facts = () => facts;
    Object.assign(this, fields);
  }
}
class DestinationValue extends Value<OrderFacts['destination']> {}
class CapabilitiesValue extends Value<NodeFacts['capabilities']> {}
export class LineValue extends Value<LineFacts> {}
export class OrderValue extends Value<OrderFacts> {}
export class NodeValue extends Value<NodeFacts> {}
export class CarrierValue extends Value<CarrierServiceFacts> {}

const TIMESTAMP = 'google.protobuf.Timestamp';

/** Conditions are a line or two; the limits keep a pasted page from being one. */
const limits = {
  maxAstNodes: 1000,
  maxDepth: 50,
  maxListElements: 500,
  maxMapEntries: 100,
  maxCallArguments: 8,
};

export const ruleEnvironment = new Environment({ limits })
  .registerType('Destination', {
    ctor: DestinationValue,
    fields: {
      province: 'string',
      city: 'string',
      district: 'string',
      latitude: 'double',
      longitude: 'double',
    },
  })
  .registerType('Line', {
    ctor: LineValue,
    fields: {
      sku: 'string',
      quantity: 'int',
      weightGrams: 'int',
      lengthMm: 'int',
      widthMm: 'int',
      heightMm: 'int',
      temperatureClass: 'string',
    },
  })
  .registerType('Order', {
    ctor: OrderValue,
    fields: {
      id: 'string',
      channel: 'string',
      placedAt: TIMESTAMP,
      promisedBy: TIMESTAMP,
      valueMinor: 'int',
      currency: 'string',
      priority: 'int',
      deliveryMethod: 'string',
      destination: 'Destination',
      brand: 'string',
      lines: 'list<Line>',
    },
  })
  .registerType('Capabilities', {
    ctor: CapabilitiesValue,
    fields: { temperatureClasses: 'list<string>', pickup: 'bool', delivery: 'bool', heavyCargo: 'bool' },
  })
  .registerType('Node', {
    ctor: NodeValue,
    fields: {
      code: 'string',
      kind: 'string',
      city: 'string',
      province: 'string',
      latitude: 'double',
      longitude: 'double',
      pool: 'string',
      capabilities: 'Capabilities',
      dailyCapacity: 'int',
      openOrders: 'int',
      fallbackNode: 'string',
      breaker: 'string',
      handlingCostMinor: 'int',
    },
  })
  .registerType('Carrier', {
    ctor: CarrierValue,
    fields: {
      code: 'string',
      kind: 'string',
      volumetricDivisor: 'int',
      minDensityKgPerM3: 'double',
      temperatureClasses: 'list<string>',
      transitDaysP50: 'double',
      transitDaysP90: 'double',
    },
  })
  .registerVariable('order', 'Order', { description: 'the order' })
  .registerVariable('line', 'Line', { description: 'one of its lines' })
  .registerVariable('node', 'Node', { description: 'a warehouse, store or third party that could ship it' })
  .registerVariable('carrier', 'Carrier', {
    description: 'a carrier service from the node to the destination',
  })
  .registerVariable('now', TIMESTAMP, { description: 'when the decision is made' })
  .registerFunction('sameCity(Order, Node): bool', (order: OrderValue, node: NodeValue) =>
    sameCity(order.facts().destination, node.facts()),
  )
  .registerFunction('sameProvince(Order, Node): bool', (order: OrderValue, node: NodeValue) =>
    sameProvince(order.facts().destination, node.facts()),
  )
  .registerFunction('distanceKm(Order, Node): double', (order: OrderValue, node: NodeValue) => {
    const distance = distanceKm(order.facts().destination, node.facts());
    if (distance === undefined) throw new RangeError('The destination has no coordinates');
    return distance;
  })
  .registerFunction('densityKgPerM3(Line): double', (line: LineValue) => densityKgPerM3(sizeOf(line)), {
    description: '0 where the size is unknown',
  })
  .registerFunction('chargeableGrams(Line, Carrier): int', (line: LineValue, carrier: CarrierValue) =>
    BigInt(chargeableGrams(sizeOf(line), carrier.facts())),
  );

function sizeOf(line: LineValue) {
  return addUnits(emptyParcel, line.facts(), line.facts().quantity);
}

export function lineValue(line: LineFacts): LineValue {
  const { sku, temperatureClass } = line;
  const { quantity, weightGrams, lengthMm, widthMm, heightMm } = line;
  return new LineValue(line, {
    sku,
    temperatureClass,
    ...ints({ quantity, weightGrams, lengthMm, widthMm, heightMm }),
  });
}

export function orderValue(order: OrderFacts): OrderValue {
  const { id, channel, currency, deliveryMethod, valueMinor, priority, destination } = order;
  return new OrderValue(order, {
    id,
    channel,
    currency,
    deliveryMethod,
    ...ints({ valueMinor, priority }),
    brand: order.brand ?? '',
    placedAt: new Date(order.placedAt),
    ...(order.promisedBy === null ? {} : { promisedBy: new Date(order.promisedBy) }),
    destination: new DestinationValue(
      destination,
      present({ ...destination, district: destination.district ?? '' }),
    ),
    lines: order.lines.map(lineValue),
  });
}

export function nodeValue(node: NodeFacts): NodeValue {
  const { code, kind, city, province, latitude, longitude, pool, breaker, capabilities } = node;
  const { openOrders, handlingCostMinor, dailyCapacity } = node;
  return new NodeValue(node, {
    code,
    kind,
    city,
    province,
    ...present({ latitude, longitude }),
    pool,
    breaker,
    ...ints({ openOrders, handlingCostMinor, ...(dailyCapacity === null ? {} : { dailyCapacity }) }),
    fallbackNode: node.fallbackNode ?? '',
    capabilities: new CapabilitiesValue(capabilities, {
      ...capabilities,
      heavyCargo: capabilities.heavyCargo ?? false,
    }),
  });
}

/** Transit days are those of the zone in which the destination lies. */
export function carrierValue(service: CarrierServiceFacts, zone: ZoneFacts): CarrierValue {
  return new CarrierValue(service, {
    code: service.code,
    kind: service.kind,
    volumetricDivisor: BigInt(service.volumetricDivisor),
    minDensityKgPerM3: service.minDensityKgPerM3 ?? 0,
    temperatureClasses: service.temperatureClasses,
    transitDaysP50: zone.transitDaysP50,
    transitDaysP90: zone.transitDaysP90,
  });
}

function ints(values: Record<string, number>): Record<string, bigint> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, BigInt(value)]));
}

function present(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined && value !== null),
  );
}
