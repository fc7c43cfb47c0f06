import { createHmac, randomUUID } from 'node:crypto';
import { buildSchema, graphql } from 'graphql';
import type { TestBed } from '../../../connectors/spi/conformance/index.ts';
import {
  ContractHttp,
  type ContractAnswer,
  type ContractCall,
} from '../../support/connectors/contract-http.ts';

/**
 * Behaves as source-systems.md §4 ("International", Shopify) says; a comment names the sentence. The fields of the schema
 * are those of "From memory, not verified".
 */

const TOKEN = 'shpat-token-0123456789';
const SECRET = 'shopify-client-secret-0123456789';
/** "paging stops at 25,000 objects" */
const MOST_OF_A_LIST = 25_000;
/** "arrays <= 250" */
const MOST_IN_AN_ARRAY = 250;

const schema = buildSchema(`
  type Query {
    shop: Shop!
    customers(first: Int!, after: String, query: String, sortKey: SortKey): Customers!
    orders(first: Int!, after: String, query: String, sortKey: SortKey): Orders!
    node(id: ID!): Node
    nodes(ids: [ID!]!): [Node]!
  }
  type Shop { name: String! }
  enum SortKey { UPDATED_AT ID }
  interface Node { id: ID! }
  type PageInfo { hasNextPage: Boolean! endCursor: String }
  type Money { amount: String! currencyCode: String! }
  type MoneyBag { shopMoney: Money! }
  type Customers { nodes: [Customer!]! pageInfo: PageInfo! }
  type Customer implements Node { id: ID! updatedAt: String! displayName: String email: String phone: String }
  type Orders { nodes: [Order!]! pageInfo: PageInfo! }
  type Address { name: String phone: String province: String city: String address1: String address2: String }
  type Order implements Node {
    id: ID! name: String! createdAt: String! updatedAt: String! cancelledAt: String displayFinancialStatus: String
    displayFulfillmentStatus: String email: String phone: String totalPriceSet: MoneyBag! customer: Customer
    shippingAddress: Address lineItems(first: Int!, after: String): LineItems!
    refunds(first: Int): [Refund!]! returns(first: Int!): Returns!
  }
  type LineItems { nodes: [LineItem!]! pageInfo: PageInfo! }
  type LineItem implements Node { id: ID! sku: String quantity: Int! originalUnitPriceSet: MoneyBag! }
  type Refund implements Node {
    id: ID! createdAt: String! order: Order! transactions(first: Int!): Transactions!
    refundLineItems(first: Int!, after: String): RefundLineItems!
  }
  type Transactions { nodes: [Transaction!]! }
  type Transaction { status: String! }
  type RefundLineItems { nodes: [RefundLineItem!]! pageInfo: PageInfo! }
  type RefundLineItem { quantity: Int! lineItem: LineItem! }
  type Returns { nodes: [Return!]! pageInfo: PageInfo! }
  type Return implements Node {
    id: ID! createdAt: String! status: String! order: Order!
    returnLineItems(first: Int!, after: String): ReturnLineItems!
  }
  type ReturnLineItems { nodes: [ReturnLine!]! pageInfo: PageInfo! }
  interface ReturnLine { quantity: Int! }
  type ReturnLineItem implements ReturnLine { quantity: Int! fulfillmentLineItem: FulfillmentLineItem! }
  type FulfillmentLineItem { lineItem: LineItem! }
`);

interface Line {
  id: string;
  sku: string | null;
  quantity: number;
  price: string;
}
export interface ShopOrder {
  id: string;
  updatedAt: string;
  status: string;
  lines: Line[];
  refunds: { id: string; transaction: string; lines: { line: string; quantity: number }[] }[];
  returns: { id: string; status: string; lines: { line: string; quantity: number }[] }[];
}

export interface ShopifyBed extends TestBed {
  orders: Map<string, ShopOrder>;
  customers: Map<string, { id: string; updatedAt: string }>;
  /** Of the bucket; a query costs `cost`. */
  points: { available: number; most: number; restore: number; cost: number };
  http: ContractHttp;
  /** A push of any topic. */
  pushOf(
    topic: string,
    body: Record<string, unknown>,
    webhookId?: string,
  ): ReturnType<NonNullable<TestBed['push']>>;
}

const seconds = (at = Date.now()) => `${new Date(at).toISOString().slice(0, 19)}Z`;
const money = (amount: string) => ({ shopMoney: { amount, currencyCode: 'EUR' } });
let serial = 5_000_000_000_000;
export const nextId = (type: string) => `gid://shopify/${type}/${++serial}`;

export async function startShopify(): Promise<ShopifyBed> {
  const orders = new Map<string, ShopOrder>();
  const customers: ShopifyBed['customers'] = new Map();
  const points = { available: 1_000_000, most: 1_000_000, restore: 1_000_000, cost: 12 };
  let refilled = performance.now();

  const http = new ContractHttp(answer, {
    // Codes and the HTTP status 200 are not verified; the points are ("read extensions.cost.throttleStatus").
    THROTTLED: () => throttled(),
    REFUSED: () => ({ status: 401, body: { errors: '[API] Invalid API key or access token' } }),
  });
  const url = await http.start();

  function cost() {
    const status = { maximumAvailable: points.most, currentlyAvailable: Math.floor(points.available) };
    return {
      requestedQueryCost: points.cost,
      throttleStatus: { ...status, restoreRate: points.restore },
    };
  }
  function throttled(): ContractAnswer {
    const error = { message: 'Throttled', extensions: { code: 'THROTTLED' } };
    return { body: { errors: [error], extensions: { cost: cost() } } };
  }
  async function answer({ path, headers, body }: ContractCall): Promise<ContractAnswer> {
    // "Admin GraphQL POST /admin/api/<version>/graphql.json, X-Shopify-Access-Token"
    if (path !== '/admin/api/2026-10/graphql.json') return { status: 404, body: { errors: 'Not Found' } };
    if (headers['x-shopify-access-token'] !== TOKEN) return { status: 401, body: { errors: 'Invalid' } };
    const now = performance.now();
    points.available = Math.min(points.most, points.available + ((now - refilled) / 1000) * points.restore);
    refilled = now;
    if (points.available < points.cost) return throttled();
    points.available -= points.cost;
    const { query, variables } = JSON.parse(body) as { query: string; variables: Record<string, unknown> };
    const result = await graphql({ schema, source: query, variableValues: variables, rootValue: root });
    return { body: { ...result, extensions: { cost: cost() } } };
  }

  function paged<T>(all: T[], { first, after }: { first: number; after?: string }, most = Infinity) {
    if (first > MOST_IN_AN_ARRAY) throw new Error(`first is ${first}; an array holds at most 250`);
    const start = after ? Number(after) : 0;
    if (start + first > most) throw new Error('Paging stops at 25000 objects');
    const nodes = all.slice(start, start + first);
    const end = start + nodes.length;
    return { nodes, pageInfo: { hasNextPage: end < all.length, endCursor: String(end) } };
  }
  type List = { first: number; after?: string; query?: string; sortKey?: string };
  function listed<T extends { id: string; updatedAt: string }>(all: Iterable<T>, args: List) {
    const since = /^updated_at:>='(.+)'$/.exec(args.query ?? '')?.[1];
    if (!since || args.sortKey !== 'UPDATED_AT') throw new Error('This server knows updated_at:>= only.');
    const found = [...all].filter(({ updatedAt }) => updatedAt >= since);
    found.sort((a, b) => (`${a.updatedAt} ${a.id}` < `${b.updatedAt} ${b.id}` ? -1 : 1));
    return paged(found, args, MOST_OF_A_LIST);
  }

  const customerNode = (customer: { id: string; updatedAt: string }) => ({
    __typename: 'Customer',
    displayName: 'Ada Byron',
    email: `${customer.id.split('/').at(-1)}@example.com`,
    phone: '+4915112345678',
    ...customer,
  });
  const lineNode = ({ price, ...line }: Line) => ({
    __typename: 'LineItem',
    ...line,
    originalUnitPriceSet: money(price),
  });
  const lineOf = (order: ShopOrder, id: string) => lineNode(order.lines.find((line) => line.id === id)!);
  const orderNode = (order: ShopOrder): Record<string, unknown> => ({
    __typename: 'Order',
    id: order.id,
    name: `#${order.id.slice(-5)}`,
    createdAt: order.updatedAt,
    updatedAt: order.updatedAt,
    displayFinancialStatus: order.status,
    displayFulfillmentStatus: 'UNFULFILLED',
    email: 'ada@example.com',
    totalPriceSet: money('25.90'),
    shippingAddress: { name: 'Ada Byron', phone: '+4915112345678', city: 'Berlin', address1: 'Weg 1' },
    lineItems: (args: { first: number; after?: string }) => paged(order.lines.map(lineNode), args),
    refunds: ({ first }: { first: number }) =>
      order.refunds.slice(0, first).map((refund) => refundNode(order, refund)),
    returns: (args: { first: number }) =>
      paged(
        order.returns.map((one) => returnNode(order, one)),
        args,
      ),
  });
  const refundNode = (order: ShopOrder, refund: ShopOrder['refunds'][number]) => ({
    __typename: 'Refund',
    id: refund.id,
    createdAt: order.updatedAt,
    order: () => orderNode(order),
    transactions: { nodes: [{ status: refund.transaction }] },
    refundLineItems: (args: { first: number }) =>
      paged(
        refund.lines.map(({ line, quantity }) => ({ quantity, lineItem: lineOf(order, line) })),
        args,
      ),
  });
  const returnNode = (order: ShopOrder, one: ShopOrder['returns'][number]) => ({
    __typename: 'Return',
    id: one.id,
    createdAt: order.updatedAt,
    status: one.status,
    order: () => orderNode(order),
    returnLineItems: (args: { first: number }) =>
      paged(
        one.lines.map(({ line, quantity }) => ({
          __typename: 'ReturnLineItem',
          quantity,
          fulfillmentLineItem: { lineItem: lineOf(order, line) },
        })),
        args,
      ),
  });
  function nodeOf(id: string): unknown {
    if (!id.startsWith('gid://shopify/')) throw new Error(`Invalid global id '${id}'`);
    const order = orders.get(id);
    if (order) return orderNode(order);
    const customer = customers.get(id);
    if (customer) return customerNode(customer);
    for (const each of orders.values()) {
      const refund = each.refunds.find((one) => one.id === id);
      if (refund) return refundNode(each, refund);
      const found = each.returns.find((one) => one.id === id);
      if (found) return returnNode(each, found);
    }
    return null;
  }
  const root = {
    shop: { name: 'Sample' },
    customers: (args: List) => {
      const { nodes, pageInfo } = listed(customers.values(), args);
      return { nodes: nodes.map(customerNode), pageInfo };
    },
    orders: (args: List) => {
      const { nodes, pageInfo } = listed(orders.values(), args);
      return { nodes: nodes.map(orderNode), pageInfo };
    },
    node: ({ id }: { id: string }) => nodeOf(id),
    nodes: ({ ids }: { ids: string[] }) => ids.map(nodeOf),
  };

  function pushOf(topic: string, body: Record<string, unknown>, webhookId: string = randomUUID()) {
    const bytes = Buffer.from(JSON.stringify(body));
    const headers = {
      // "X-Shopify-Hmac-Sha256 = base64 HMAC-SHA256(raw body, client secret)"; "dedupe by X-Shopify-Webhook-Id"
      'x-shopify-hmac-sha256': createHmac('sha256', SECRET).update(bytes).digest('base64'),
      'x-shopify-topic': topic,
      'x-shopify-webhook-id': webhookId,
    };
    return { method: 'POST' as const, headers, query: {}, body: bytes, receivedAt: new Date() };
  }
  return {
    config: { url, apiVersion: '2026-10', accessToken: TOKEN, clientSecret: SECRET, pageSize: 100 },
    secrets: [TOKEN, SECRET],
    orders,
    customers,
    points,
    http,
    pushOf,
    async put(given) {
      const ids =
        typeof given === 'number' ? Array.from({ length: given }, () => nextId('Customer')) : [...given];
      for (const id of ids) customers.set(id, { id, updatedAt: seconds() });
      return { stream: 'customers', ids };
    },
    fail: (fault, after) => http.fail(fault, after),
    heal: () => http.heal(),
    push: (ids) => pushOf('customers/update', { admin_graphql_api_id: ids[0] }),
    stop: () => http.stop(),
  };
}

/** An order of one line, paid; `change` says what is different. */
export function shopOrder(change: Partial<ShopOrder> = {}): ShopOrder {
  const line = { id: nextId('LineItem'), sku: 'TEE-BLK-M', quantity: 2, price: '12.95' };
  return {
    id: nextId('Order'),
    updatedAt: seconds(),
    status: 'PAID',
    lines: [line],
    refunds: [],
    returns: [],
    ...change,
  };
}
