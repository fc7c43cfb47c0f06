import { FaultyServer } from '../../support/connectors/faulty-server.ts';
import { lineOf, Stock, type Line } from './contract-stock.ts';
import { fulfil, Refused, ship, type Fulfilment, type NewFulfilment } from './contract-parcels.ts';
import { shopParcel, type MedusaShop, type PlacedOrder } from './shop.ts';

const API_KEY = 'sk_of_the_contract';
const SHIPPING = 5;
const ADDRESS = {
  first_name: '雷',
  last_name: '李',
  address_1: '淮海中路 1 号',
  address_2: null,
  city: '上海市',
  province: '上海市',
  country_code: 'cn',
  phone: '13800138000',
};

export type Row = Record<string, unknown> & { id: string; created_at: string; updated_at: string };
interface Money {
  id: string;
  amount: number;
  created_at: string;
}
interface Order extends Row {
  display_id: number;
  status: string;
  total: number;
  items: Line[];
  fulfillments: Fulfilment[];
  payment_collections: { payments: { id: string; captures: Money[]; refunds: Money[] }[] }[];
}
interface Return extends Row {
  status: string;
  order_id: string;
  items: { id: string; item_id: string; quantity: number; reason: null; note: null }[];
}
interface Claim extends Row {
  canceled_at: string | null;
  order_id: string;
}

/** A Medusa that lives in this process and behaves as a running 2.21.2 was seen to. */
export class ContractShop implements MedusaShop {
  url = '';
  readonly apiKey = API_KEY;
  readonly orders: Order[] = [];
  readonly customers: Row[] = [];
  readonly returns: Return[] = [];
  readonly claims: Claim[] = [];
  readonly stock = new Stock();
  readonly server = new FaultyServer(async ({ method, url, headers, body }) =>
    this.answer(method, url, headers, body),
  );
  /** Refusals that come next. */
  readonly refusals: { status: number; json: unknown }[] = [];
  /** Runs before a list is answered: what others do in the shop meanwhile. */
  meanwhile: () => void = () => undefined;
  /** The key is revoked. */
  refuses = false;
  /** Order → what it owes for returned units. */
  private readonly owed = new Map<string, number>();
  private ids = 0;
  private clock = Date.now();

  async listen(): Promise<this> {
    this.server.now = () => new Date(Math.max(this.clock, Date.now()));
    this.url = await this.server.listen();
    return this;
  }

  /** The shop's clock goes on by so much. */
  pass(ms: number): void {
    this.clock = this.server.now().getTime() + ms;
  }

  async addCustomer({
    firstName,
    lastName,
    ...contact
  }: Parameters<MedusaShop['addCustomer']>[0]): Promise<string> {
    const names = { first_name: firstName, last_name: lastName, company_name: null, groups: [] };
    const customer = this.row({ ...names, ...contact });
    this.customers.push(customer);
    return customer.id;
  }

  async changeCustomer(id: string, change: { phone: string }): Promise<void> {
    Object.assign(
      this.customers.find((customer) => customer.id === id)!,
      change,
      {
        updated_at: this.time(),
      },
    );
  }

  async deleteCustomer(id: string): Promise<void> {
    this.customers.splice(
      this.customers.findIndex((customer) => customer.id === id),
      1,
    );
  }

  async place(lines: Record<string, number>): Promise<PlacedOrder | null> {
    if (!this.stock.canReserve(lines)) return null;
    this.stock.reserve(lines);
    const items = Object.entries(lines).map(([sku, quantity]) =>
      lineOf(this.id(), sku, quantity, this.stock.priceOf(sku)),
    );
    const total = items.reduce((sum, { quantity, unit_price }) => sum + quantity * unit_price, SHIPPING);
    const paid = { id: this.id(), amount: total, created_at: this.time() };
    const order: Order = this.row({
      display_id: this.orders.length + 1,
      status: 'pending',
      currency_code: 'cny',
      total,
      email: 'lei@x.test',
      customer_id: 'cus_1',
      shipping_address: ADDRESS,
      shipping_methods: [{ name: 'Standard' }],
      items,
      fulfillments: [],
      payment_collections: [{ payments: [{ id: this.id(), captures: [paid], refunds: [] }] }],
    });
    this.orders.push(order);
    const placed = items.map(({ id, variant_sku, quantity }) => [variant_sku, { id, quantity }]);
    const named = Object.fromEntries(placed) as PlacedOrder['lines'];
    return { id: order.id, number: String(order.display_id), total, lines: named };
  }

  async pack({ id }: PlacedOrder): Promise<string> {
    const items = this.order(id).items.map((line) => ({ id: line.id, quantity: line.quantity }));
    return this.fulfil(id, { items }).id;
  }

  async ship({ id }: PlacedOrder, fulfilment: string, trackingNumber?: string): Promise<void> {
    this.shipParcel(
      id,
      fulfilment,
      trackingNumber === undefined ? [] : [{ tracking_number: trackingNumber }],
    );
  }

  async parcelsOf({ id }: PlacedOrder) {
    return this.order(id).fulfillments.map(shopParcel);
  }

  async deliver({ id }: PlacedOrder): Promise<void> {
    const order = this.order(id);
    for (const line of order.items) line.detail.delivered_quantity = line.quantity;
    order.updated_at = this.time();
  }

  /** What was captured goes back. The lines keep their quantities. */
  async cancel({ id }: PlacedOrder): Promise<void> {
    const order = this.order(id);
    for (const { variant_sku, quantity } of order.items) this.stock.release(variant_sku!, quantity);
    this.payBack(order, order.total);
    Object.assign(order, { status: 'canceled', total: 0, updated_at: this.time() });
  }

  /** Of what is owed for returned units, it moves no time; of more, the order gets a credit line. */
  async refund({ id }: PlacedOrder, amount: number): Promise<string> {
    const order = this.order(id);
    const refund = this.payBack(order, amount);
    if (this.owed.get(id) === amount) this.owed.delete(id);
    else Object.assign(order, { total: order.total - amount, updated_at: this.time() });
    return refund;
  }

  async requestReturn({ id, lines }: PlacedOrder, sku: string, quantity: number): Promise<string> {
    const item = { id: this.id(), item_id: lines[sku]!.id, quantity, reason: null, note: null };
    const asked = this.row({ display_id: this.returns.length + 1, status: 'requested', order_id: id });
    const found: Return = { ...asked, requested_at: asked.created_at, items: [item] };
    this.returns.push(found);
    this.order(id).updated_at = this.time();
    return found.id;
  }

  async receiveReturn(id: string, order: PlacedOrder, sku: string, quantity: number): Promise<void> {
    this.closeReturn(id, 'received');
    const worth = this.stock.priceOf(sku) * quantity;
    this.owed.set(order.id, worth);
    const returned = this.order(order.id);
    Object.assign(returned, { total: returned.total - worth, updated_at: this.time() });
  }

  async cancelReturn(id: string): Promise<void> {
    this.closeReturn(id, 'canceled');
  }

  /** A claim is written when it is begun, and has no items until it is confirmed, which does not move its time. */
  async claim({ id, lines }: PlacedOrder, sku: string, quantity: number): Promise<string> {
    const item = {
      id: this.id(),
      reason: 'production_failure',
      item_id: lines[sku]!.id,
      quantity,
    };
    const claim: Claim = this.row({
      display_id: this.claims.length + 1,
      type: 'refund',
      order_id: id,
      canceled_at: null,
      claim_items: [item],
      additional_items: [],
    });
    this.claims.push(claim);
    this.order(id).updated_at = this.time();
    return claim.id;
  }

  async cancelClaim(id: string): Promise<void> {
    const now = this.time();
    Object.assign(
      this.claims.find((claim) => claim.id === id)!,
      { canceled_at: now, updated_at: now },
    );
  }

  async stockOf(sku: string) {
    return this.stock.countersOf(sku);
  }

  order(id: string): Order {
    return this.orders.find((order) => order.id === id)!;
  }

  private payBack(order: Order, amount: number): string {
    const refund = { id: this.id(), amount, created_at: this.time() };
    order.payment_collections[0]!.payments[0]!.refunds.push(refund);
    return refund.id;
  }

  private fulfil(id: string, given: NewFulfilment): Fulfilment {
    const order = this.order(id);
    const made = fulfil(this.stock, order, this.id(), given);
    order.updated_at = this.time();
    return made;
  }

  private shipParcel(id: string, fulfilment: string, labels: Fulfilment['labels']): void {
    const order = this.order(id);
    order.updated_at = this.time();
    ship(order, fulfilment, order.updated_at, labels);
  }

  private closeReturn(id: string, status: string): void {
    Object.assign(
      this.returns.find((one) => one.id === id)!,
      { status, updated_at: this.time() },
    );
  }

  private id(): string {
    return `row_${++this.ids}`;
  }

  private row<Fields extends object>(
    fields: Fields,
  ): Fields & { id: string; created_at: string; updated_at: string } {
    const now = this.time();
    return { id: this.id(), created_at: now, updated_at: now, ...fields };
  }

  private time(): string {
    this.clock = Math.max(this.clock + 1, Date.now());
    return new Date(this.clock).toISOString();
  }

  private answer(method: string, url: URL, headers: Record<string, string | undefined>, body: string) {
    const key = Buffer.from(headers['authorization']?.replace(/^Basic /, '') ?? '', 'base64').toString();
    if (this.refuses || key !== `${API_KEY}:`) return { status: 401, json: { message: 'Unauthorized' } };
    const refusal = this.refusals.shift();
    if (refusal) return refusal;
    const path = url.pathname.replace(/^\/admin\//, '');
    if (method === 'POST' && path === 'inventory-items/location-levels/batch') {
      this.stock.write(JSON.parse(body) as Parameters<Stock['write']>[0]);
      return { json: {} };
    }
    if (path === 'product-variants')
      return { json: { variants: this.stock.variants(url.searchParams.getAll('sku[]')) } };
    if (path === 'stock-locations') return { json: { stock_locations: this.stock.locations } };
    const order = /^orders\/([^/]+)(?:\/fulfillments(?:\/([^/]+)\/shipments)?)?$/.exec(path);
    if (order) return this.orderCall(method, path, order[1]!, order[2], body);
    const lists: Record<string, readonly Row[]> = {
      customers: this.customers,
      orders: this.orders,
      returns: this.returns,
      claims: this.claims,
    };
    return this.list(path, lists[path]!, url.searchParams);
  }

  /** An order, a new fulfilment of it, or a shipment of one; the answer is the order as it stands then. */
  private orderCall(method: string, path: string, id: string, fulfilment: string | undefined, body: string) {
    try {
      if (fulfilment !== undefined)
        this.shipParcel(id, fulfilment, (JSON.parse(body) as Pick<Fulfilment, 'labels'>).labels);
      else if (method === 'POST' && path.endsWith('/fulfillments'))
        this.fulfil(id, JSON.parse(body) as NewFulfilment);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return { status: 400, json: { type: 'invalid_data', message: error.message } };
    }
    return { json: { order: this.order(id) } };
  }

  /** Rows of one time come in an order that is another one at each call. */
  private list(name: string, all: readonly Row[], query: URLSearchParams) {
    this.meanwhile();
    const sorted = query.get('order');
    const fields = query.get('fields')!.split(',');
    if (sorted && name !== 'orders' && fields.some((field) => /^\*?order\b(?!_)/.test(field)))
      return { status: 500, json: { type: 'unknown_error', message: 'An unknown error occurred.' } };
    const found = all.filter((row) => matches(row, query));
    if (this.server.calls % 2 === 0) found.reverse();
    const field = sorted ?? 'id';
    found.sort((a, b) =>
      String(a[field]).localeCompare(String(b[field]), 'en', { numeric: field === 'display_id' }),
    );
    const offset = Number(query.get('offset') ?? 0);
    const rows = found.slice(offset, offset + Number(query.get('limit')));
    return { json: { [name]: rows, count: found.length, offset, limit: Number(query.get('limit')) } };
  }
}

function matches(row: Row, query: URLSearchParams): boolean {
  const among = (name: string) => {
    const wanted = query.getAll(`${name}[]`);
    return wanted.length === 0 || wanted.includes(String(row[name]));
  };
  const isLater = (name: string) => String(row[name]) > (query.get(`${name}[$gt]`) ?? '');
  const searched = query.get('q') ?? '';
  const isFound = [row['display_id'], row['email']].some((text) => String(text).includes(searched));
  return isFound && among('id') && among('status') && isLater('created_at') && isLater('updated_at');
}
