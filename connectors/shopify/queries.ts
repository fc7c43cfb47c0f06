/**
 * Documents of the Admin API. Names of fields are from memory, not verified against a shop
 * (docs/connectors/hosted.md): `updated_at:>=`, `sortKey: UPDATED_AT`, `nodes`/`pageInfo`, `order.returns`,
 * `order.refunds`.
 */

/** Records that hang under another one, asked for with it; those with more are completed by calls of their own. */
const WITHIN = 20;
/** Arrays are cut at 250. */
export const MOST_IN_AN_ARRAY = 250;

const PAGE = 'pageInfo { hasNextPage endCursor }';
const MONEY = 'shopMoney { amount currencyCode }';
const LINE = `id sku quantity originalUnitPriceSet { ${MONEY} }`;
const REFUND_LINE = 'quantity lineItem { id }';
const RETURN_LINE = 'quantity ... on ReturnLineItem { fulfillmentLineItem { lineItem { id } } }';

const CUSTOMER = 'id updatedAt displayName email phone';
const ORDER = `id name createdAt updatedAt cancelledAt displayFinancialStatus displayFulfillmentStatus email phone
  totalPriceSet { ${MONEY} }
  customer { id displayName email phone }
  shippingAddress { name phone province city address1 address2 }
  lineItems(first: ${WITHIN}) { nodes { ${LINE} } ${PAGE} }`;
const REFUND = `id createdAt order { id } transactions(first: 20) { nodes { status } }
  refundLineItems(first: ${WITHIN}) { nodes { ${REFUND_LINE} } ${PAGE} }`;
const RETURN = `id createdAt status order { id }
  returnLineItems(first: ${WITHIN}) { nodes { ${RETURN_LINE} } ${PAGE} }`;

/** Where the records of a stream are found. */
export interface Reading {
  /** The list that is read by `updatedAt`. */
  list: 'customers' | 'orders';
  /** The type of the records, as their ids name it. */
  type: 'Customer' | 'Order' | 'Refund' | 'Return';
  fields: string;
  /** The records hang under those of the list. */
  under?: 'refunds' | 'returns';
  /** Part of a record that may be longer than what was asked for. */
  lines?: { field: string; fields: string };
}

export const READINGS = {
  customers: { list: 'customers', type: 'Customer', fields: CUSTOMER },
  orders: {
    list: 'orders',
    type: 'Order',
    fields: ORDER,
    lines: { field: 'lineItems', fields: LINE },
  },
  returns: {
    list: 'orders',
    type: 'Return',
    under: 'returns',
    fields: RETURN,
    lines: { field: 'returnLineItems', fields: RETURN_LINE },
  },
  refunds: {
    list: 'orders',
    type: 'Refund',
    under: 'refunds',
    fields: REFUND,
    lines: { field: 'refundLineItems', fields: REFUND_LINE },
  },
} as const satisfies Record<string, Reading>;
export type StreamName = keyof typeof READINGS;

/** A page of the list, by `updatedAt`. */
export function pageQuery({ list, fields, under }: Reading): string {
  const record = under === undefined ? fields : `id updatedAt ${underOrder(under, fields)}`;
  return `query Page($first: Int!, $after: String, $query: String!) {
    ${list}(first: $first, after: $after, query: $query, sortKey: UPDATED_AT) { nodes { ${record} } ${PAGE} }
  }`;
}

/** `refunds` is a plain array, `returns` is paged. */
function underOrder(under: NonNullable<Reading['under']>, fields: string): string {
  if (under === 'refunds') return `refunds(first: ${WITHIN}) { ${fields} }`;
  return `returns(first: ${WITHIN}) { nodes { ${fields} } ${PAGE} }`;
}

export const MOST_UNDER_AN_ORDER = WITHIN;

/** All that hangs under one order, for those orders that have more than fits beside others. */
export function underQuery({ under, fields }: Reading): string {
  const inner =
    under === 'refunds'
      ? `refunds(first: ${MOST_IN_AN_ARRAY}) { ${fields} }`
      : `returns(first: ${MOST_IN_AN_ARRAY}) { nodes { ${fields} } ${PAGE} }`;
  return `query Under($id: ID!) { node(id: $id) { ... on Order { ${inner} } } }`;
}

/** Further lines of one record. */
export function linesQuery({ type, lines }: Reading): string {
  return `query Lines($id: ID!, $after: String) { node(id: $id) { ... on ${type} {
    ${lines!.field}(first: ${MOST_IN_AN_ARRAY}, after: $after) { nodes { ${lines!.fields} } ${PAGE} }
  } } }`;
}

/** Records by their ids; null for what is gone. */
export function nodesQuery({ type, fields }: Reading): string {
  return `query Nodes($ids: [ID!]!) { nodes(ids: $ids) { ... on ${type} { ${fields} } } }`;
}

/** The least that shows whether the token is good. */
export const SHOP_QUERY = 'query Shop { shop { name } }';
