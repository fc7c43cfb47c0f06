import type {
  CarrierServiceRecord,
  CustomerRecord,
  EntityName,
  InboundRecord,
  NodeRecord,
  OrderLineRecord,
  OrderRecord,
  PersonRef,
  RefundRecord,
  ReturnRecord,
  SkuRecord,
  StockLevelRecord,
  TicketRecord,
  TrackingRecord,
} from '../../../connectors/spi/records.ts';

/** A JSON Schema of one canonical record or a part of it. */
export interface RecordSchema {
  type: 'object';
  properties: Record<string, unknown>;
  required: string[];
  additionalProperties: false;
}

type RequiredKey<T> = { [K in keyof T]-?: undefined extends T[K] ? never : K }[keyof T] & string;

/** The compiler holds schema and interface together: every property is named, required ones are required. */
function schemaOf<T>(
  properties: Record<keyof T & string, unknown>,
  required: { [K in RequiredKey<T>]: true },
): RecordSchema {
  return { type: 'object', properties, required: Object.keys(required), additionalProperties: false };
}

const ID = { type: 'string', minLength: 1, maxLength: 200 };
const TEXT = { type: 'string', minLength: 1, maxLength: 2000 };
const INSTANT = { type: 'string', format: 'date-time' };
const DAY = { type: 'string', format: 'date' };
const CURRENCY = { type: 'string', pattern: '^[A-Z]{3}$' };
const MONEY_MINOR = { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER };
// Quantities are 32-bit in the database; a bound here makes a dead letter of what would be a failed transaction.
const COUNT = { type: 'integer', minimum: 0, maximum: 1_000_000_000 };
const POSITIVE = { ...COUNT, minimum: 1 };

const TEMPERATURE_CLASSES = {
  type: 'array',
  items: { enum: ['AMBIENT', 'CHILLED', 'FROZEN'] },
  minItems: 1,
  uniqueItems: true,
};
const DAYS = { type: 'array', items: DAY, maxItems: 400 };
const LATITUDE = { type: 'number', minimum: -90, maximum: 90 };
const LONGITUDE = { type: 'number', minimum: -180, maximum: 180 };
const TRANSIT_DAYS = { type: 'number', minimum: 0, maximum: 999 };

const zone = schemaOf<CarrierServiceRecord['zones'][number]>(
  {
    match: {
      anyOf: [
        { enum: ['SAME_CITY', 'SAME_PROVINCE', 'ANY'] },
        { type: 'array', items: TEXT, minItems: 1, maxItems: 100 },
      ],
    },
    baseMinor: COUNT,
    baseGrams: COUNT,
    perStepMinor: COUNT,
    transitDaysP50: TRANSIT_DAYS,
    transitDaysP90: TRANSIT_DAYS,
  },
  {
    match: true,
    baseMinor: true,
    baseGrams: true,
    perStepMinor: true,
    transitDaysP50: true,
    transitDaysP90: true,
  },
);

const person = schemaOf<PersonRef>({ name: TEXT, phone: TEXT, email: TEXT, channelUserId: ID }, {});

const orderLine = schemaOf<OrderLineRecord>(
  { externalId: ID, sku: ID, quantity: POSITIVE, unitPriceMinor: MONEY_MINOR },
  { externalId: true, sku: true, quantity: true, unitPriceMinor: true },
);

const returnLine = schemaOf<ReturnRecord['lines'][number]>(
  { orderLineExternalId: ID, quantity: POSITIVE },
  { orderLineExternalId: true, quantity: true },
);

/** The schema of each entity's records, checked before the hub imports them. */
export const RECORD_SCHEMAS: Readonly<Record<EntityName, RecordSchema>> = {
  sku: schemaOf<SkuRecord>(
    {
      code: ID,
      title: TEXT,
      weightGrams: COUNT,
      lengthMm: COUNT,
      widthMm: COUNT,
      heightMm: COUNT,
      temperatureClass: { enum: ['AMBIENT', 'CHILLED', 'FROZEN'] },
    },
    { code: true, title: true },
  ),
  node: schemaOf<NodeRecord>(
    {
      code: ID,
      name: TEXT,
      kind: { enum: ['WAREHOUSE', 'STORE', 'THIRD_PARTY'] },
      city: TEXT,
      province: TEXT,
      latitude: LATITUDE,
      longitude: LONGITUDE,
      dailyCapacity: COUNT,
      temperatureClasses: TEMPERATURE_CLASSES,
      pickup: { type: 'boolean' },
      delivery: { type: 'boolean' },
      heavyCargo: { type: 'boolean' },
      timeZone: { type: 'string', enum: ['UTC', ...Intl.supportedValuesOf('timeZone')] },
      workingWeekdays: {
        type: 'array',
        items: { type: 'integer', minimum: 1, maximum: 7 },
        uniqueItems: true,
      },
      holidays: DAYS,
      extraWorkdays: DAYS,
      cutOff: { type: 'string', pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$' },
      fallbackNode: ID,
      handlingCostMinor: COUNT,
    },
    { code: true, name: true, kind: true, city: true },
  ),
  carrierService: schemaOf<CarrierServiceRecord>(
    {
      code: ID,
      kind: { enum: ['STANDARD', 'EXPRESS', 'HEAVY_CARGO', 'COLD'] },
      fromNodes: { type: 'array', items: ID, maxItems: 1000 },
      zones: { type: 'array', items: zone, minItems: 1, maxItems: 100 },
      stepGrams: POSITIVE,
      volumetricDivisor: POSITIVE,
      roundingGrams: POSITIVE,
      minDensityKgPerM3: { type: 'number', minimum: 0 },
      temperatureClasses: TEMPERATURE_CLASSES,
      currency: CURRENCY,
    },
    {
      code: true,
      kind: true,
      zones: true,
      stepGrams: true,
      volumetricDivisor: true,
      roundingGrams: true,
      temperatureClasses: true,
      currency: true,
    },
  ),
  stockLevel: schemaOf<StockLevelRecord>(
    { sku: ID, node: ID, onHand: COUNT, countId: ID },
    { sku: true, node: true, onHand: true, countId: true },
  ),
  inbound: schemaOf<InboundRecord>(
    { externalId: ID, sku: ID, node: ID, quantity: POSITIVE, expectedOn: DAY },
    { externalId: true, sku: true, node: true, quantity: true, expectedOn: true },
  ),
  customer: schemaOf<CustomerRecord>(
    {
      externalId: ID,
      name: TEXT,
      phones: { type: 'array', items: TEXT, maxItems: 20 },
      emails: { type: 'array', items: TEXT, maxItems: 20 },
      channelUsers: {
        type: 'array',
        maxItems: 50,
        items: schemaOf<CustomerRecord['channelUsers'][number]>(
          { channel: ID, userId: ID },
          { channel: true, userId: true },
        ),
      },
      attributes: {
        type: 'object',
        additionalProperties: { type: 'string', maxLength: 2000 },
        maxProperties: 100,
      },
      updatedAt: INSTANT,
    },
    { externalId: true, phones: true, emails: true, channelUsers: true },
  ),
  order: schemaOf<OrderRecord>(
    {
      channel: ID,
      externalId: ID,
      state: { enum: ['PLACED', 'PAID', 'SHIPPED', 'DELIVERED', 'CLOSED', 'CANCELLED'] },
      placedAt: INSTANT,
      updatedAt: INSTANT,
      buyer: person,
      currency: CURRENCY,
      totalMinor: MONEY_MINOR,
      deliveryMethod: { enum: ['DELIVERY', 'PICKUP'] },
      paymentMethod: TEXT,
      promisedBy: INSTANT,
      shipTo: schemaOf<NonNullable<OrderRecord['shipTo']>>(
        {
          province: TEXT,
          city: TEXT,
          district: TEXT,
          street: TEXT,
          latitude: LATITUDE,
          longitude: LONGITUDE,
        },
        {},
      ),
      priority: { type: 'integer', minimum: -100, maximum: 100 },
      brand: TEXT,
      lines: { type: 'array', items: orderLine, minItems: 1, maxItems: 1000 },
    },
    {
      channel: true,
      externalId: true,
      state: true,
      placedAt: true,
      buyer: true,
      currency: true,
      totalMinor: true,
      deliveryMethod: true,
      lines: true,
    },
  ),
  ticket: schemaOf<TicketRecord>(
    {
      externalId: ID,
      subject: TEXT,
      status: { enum: ['OPEN', 'PENDING', 'SOLVED', 'CLOSED'] },
      openedAt: INSTANT,
      updatedAt: INSTANT,
      channel: ID,
      orderExternalId: ID,
      requester: person,
    },
    { externalId: true, subject: true, status: true, openedAt: true, requester: true },
  ),
  return: schemaOf<ReturnRecord>(
    {
      externalId: ID,
      channel: ID,
      orderExternalId: ID,
      status: { enum: ['REQUESTED', 'APPROVED', 'RECEIVED', 'REFUNDED', 'REJECTED'] },
      requestedAt: INSTANT,
      reason: TEXT,
      lines: { type: 'array', items: returnLine, minItems: 1, maxItems: 1000 },
    },
    { externalId: true, channel: true, orderExternalId: true, status: true, requestedAt: true, lines: true },
  ),
  refund: schemaOf<RefundRecord>(
    {
      externalId: ID,
      channel: ID,
      orderExternalId: ID,
      settledAt: INSTANT,
      policy: { enum: ['NONE', 'EXPECTED_RETURN', 'SELLABLE_ON_PROOF'] },
      lines: { type: 'array', items: returnLine, minItems: 1, maxItems: 1000 },
    },
    { externalId: true, channel: true, orderExternalId: true, settledAt: true, lines: true },
  ),
  tracking: schemaOf<TrackingRecord>(
    {
      trackingNumber: ID,
      carrier: ID,
      status: {
        enum: ['INFO_RECEIVED', 'IN_TRANSIT', 'OUT_FOR_DELIVERY', 'DELIVERED', 'EXCEPTION', 'RETURNED'],
      },
      at: INSTANT,
      text: TEXT,
      place: TEXT,
    },
    { trackingNumber: true, status: true, at: true, text: true },
  ),
};
