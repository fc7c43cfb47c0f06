import { graphql } from 'graphql';
import { FaultyServer } from '../../support/connectors/faulty-server.ts';
import { addFulfilment, moveFulfilment, type FulfilInput, type Fulfilment } from './contract-fulfilments.ts';
import { schema } from './contract-schema.ts';
import type { Parcel, PlacedOrder, VendureShop } from './shop.ts';

const API_KEY = 'contract:key';
const PRICES: Record<string, number> = { 'HOT-1': 11_187, 'A-1': 1_130, 'B-1': 2_260, 'C-1': 3_390 };
const SHIPPING = 500;

type Row = Record<string, unknown> & { id: string };
interface Units {
  orderLineId: string;
  quantity: number;
}
interface Variant extends Row {
  sku: string;
  stockLevels: { stockLocationId: string; stockOnHand: number; stockAllocated: number }[];
}
interface Refund extends Row {
  state: string;
  updatedAt: string;
  lines: Units[];
}
interface Line extends Row {
  quantity: number;
  productVariant: Variant;
}
interface Order extends Row {
  state: string;
  updatedAt: string;
  lines: Line[];
  payments: { id: string; method: string; state: string; refunds: Refund[] }[];
  fulfillments: Fulfilment[];
}

interface ListOptions {
  skip?: number;
  take?: number;
  sort?: Record<string, 'ASC' | 'DESC'>;
  filter?: Record<string, unknown>;
}

/** A Vendure that lives in this process and behaves as source-systems.md says; each behaviour names what it says. */
export class ContractShop implements VendureShop {
  url = '';
  readonly apiKey = API_KEY;
  readonly orders: Order[] = [];
  readonly customers: Row[] = [];
  readonly server = new FaultyServer((asked) => this.answer(asked.headers, asked.body));
  /** Errors that come next, with HTTP 200. */
  readonly errors: { message: string; extensions: { code: string } }[] = [];
  /** Runs before a list is answered: what others do in the shop meanwhile. */
  meanwhile: () => void = () => undefined;
  /** The key is taken back. */
  refuses = false;
  /** Two orders at once add to a counter, and one addition is lost: "lost counter updates". */
  losesAllocations = false;
  /** The next write of stock is lost: another request wrote what it had read before. */
  losesWrites = 0;
  private readonly variants: Variant[] = Object.keys(PRICES).map((sku, index) => ({
    id: String(index + 1),
    sku,
    trackInventory: 'INHERIT',
    outOfStockThreshold: 0,
    useGlobalOutOfStockThreshold: true,
    stockLevels: [{ stockLocationId: '1', stockOnHand: 1_000, stockAllocated: 0 }],
  }));
  private ids = 0;
  private clock = Date.now();

  async listen(): Promise<this> {
    this.server.now = () => new Date(Math.max(this.clock, Date.now()));
    this.url = `${await this.server.listen()}/admin-api`;
    return this;
  }

  /** The shop's clock goes on by so much. */
  pass(ms: number): void {
    this.clock = this.server.now().getTime() + ms;
  }

  async addCustomer({ email, phone, ...names }: Parameters<VendureShop['addCustomer']>[0]): Promise<string> {
    const now = this.time();
    const id = this.id();
    const contact = { emailAddress: email, phoneNumber: phone, groups: [] };
    this.customers.push({ id, createdAt: now, updatedAt: now, ...names, ...contact });
    return id;
  }

  /** "a hold exists only as an order past payment" */
  async place(lines: Record<string, number>): Promise<PlacedOrder | null> {
    const wanted = Object.entries(lines).map(([sku, quantity]) => ({ variant: this.variant(sku), quantity }));
    if (wanted.some(({ variant, quantity }) => sellable(variant) < quantity)) return null;
    const created = this.time();
    const rows = wanted.map(({ variant, quantity }) => {
      if (!this.losesAllocations) variant.stockLevels[0]!.stockAllocated += quantity;
      const price = PRICES[variant.sku]!;
      return {
        id: this.id(),
        quantity,
        orderPlacedQuantity: quantity,
        discountedUnitPriceWithTax: price,
        productVariant: variant,
      };
    });
    const total = rows.reduce((sum, row) => sum + row.quantity * row.discountedUnitPriceWithTax, SHIPPING);
    const id = this.id();
    const code = `CODE${id}`;
    this.orders.push({
      id,
      code,
      state: 'PaymentSettled',
      createdAt: created,
      // "`order.updatedAt` stayed 20:55:21.833 - *before* orderPlacedAt"
      updatedAt: created,
      orderPlacedAt: this.time(),
      currencyCode: 'USD',
      totalWithTax: total,
      customer: null,
      shippingAddress: {
        fullName: '李雷',
        streetLine1: '淮海中路 1 号',
        streetLine2: '',
        city: '上海市',
        province: '上海市',
        countryCode: 'CN',
        phoneNumber: '13800138000',
      },
      shippingLines: [{ shippingMethod: { code: 'standard' } }],
      lines: rows,
      payments: [{ id: this.id(), method: 'dummy', state: 'Settled', refunds: [] }],
      fulfillments: [],
    });
    const placed = rows.map((row) => [row.productVariant.sku, { id: row.id, quantity: row.quantity }]);
    return { id, code, lines: Object.fromEntries(placed) as PlacedOrder['lines'] };
  }

  async pack({ id }: PlacedOrder, trackingCode = 'SF1'): Promise<string> {
    const order = this.order(id);
    const lines = order.lines.map((line) => ({ orderLineId: line.id, quantity: line.quantity }));
    const names = { method: 'SF', trackingCode };
    const given = Object.entries(names).map(([name, value]) => ({ name, value }));
    const handler = { code: 'manual-fulfillment', arguments: given };
    const packed = addFulfilment(this.orders, { lines, handler }, this.id());
    if ('errorCode' in packed) throw new Error(packed.message);
    return packed.id;
  }

  async parcelsOf({ id }: PlacedOrder): Promise<Parcel[]> {
    return this.order(id).fulfillments;
  }

  /** "Polling by updatedAt misses placement, fulfilment and refunds" */
  async moveFulfilment(id: string, to: 'Shipped' | 'Delivered'): Promise<void> {
    const moved = moveFulfilment(this.orders, id, to);
    if ('errorCode' in moved) throw new Error(moved.message);
  }

  /** "only cancel moved it" */
  async cancel({ id }: PlacedOrder): Promise<void> {
    const order = this.order(id);
    for (const line of order.lines) {
      line.productVariant.stockLevels[0]!.stockAllocated -= line.quantity;
      line.quantity = 0;
    }
    order.state = 'Cancelled';
    order.updatedAt = this.time();
  }

  /** "`refundOrder` -> Refund Pending"; "refunds hang under `order.payments.refunds`" */
  async refund(order: PlacedOrder, sku: string, quantity: number): Promise<string> {
    const now = this.time();
    const lines = quantity > 0 ? [{ orderLineId: order.lines[sku]!.id, quantity }] : [];
    const refund = { id: this.id(), state: 'Pending', total: 100, reason: 'test', lines };
    this.order(order.id).payments[0]!.refunds.push({ ...refund, createdAt: now, updatedAt: now });
    return refund.id;
  }

  /** "`settleRefund` -> Settled" */
  async settleRefund(id: string): Promise<void> {
    const all = this.orders.flatMap(({ payments }) => payments).flatMap(({ refunds }) => refunds);
    const refund = all.find((one) => one.id === id)!;
    refund.state = 'Settled';
    refund.updatedAt = this.time();
  }

  async stockOf(sku: string) {
    const { stockOnHand, stockAllocated } = this.variant(sku).stockLevels[0]!;
    return { onHand: stockOnHand, allocated: stockAllocated };
  }

  order(id: string): Order {
    return this.orders.find((order) => order.id === id)!;
  }

  variant(sku: string): Variant {
    return this.variants.find((variant) => variant.sku === sku)!;
  }

  private id(): string {
    return String(++this.ids);
  }

  private time(): string {
    this.clock = Math.max(this.clock + 1, Date.now());
    return new Date(this.clock).toISOString();
  }

  private async answer(headers: Record<string, string | undefined>, body: string) {
    const error = this.errors.shift();
    if (error) return { json: { errors: [error], data: null } };
    if (this.refuses || headers['vendure-api-key'] !== API_KEY)
      return {
        json: { errors: [{ message: 'not authorized', extensions: { code: 'FORBIDDEN' } }], data: null },
      };
    const { query, variables } = JSON.parse(body) as { query: string; variables: Record<string, unknown> };
    const rootValue = {
      orders: ({ options }: { options?: ListOptions }) => this.list(this.orders, options),
      customers: ({ options }: { options?: ListOptions }) => this.list(this.customers, options),
      productVariants: ({ options }: { options?: ListOptions }) => this.list(this.variants, options),
      stockLocations: { items: [{ id: '1' }] },
      globalSettings: { trackInventory: true, outOfStockThreshold: 0 },
      updateProductVariants: ({ input }: { input: StockInput[] }) => this.setStock(input),
      addFulfillmentToOrder: ({ input }: { input: FulfilInput }) =>
        addFulfilment(this.orders, input, this.id()),
      transitionFulfillmentToState: ({ id, state }: { id: string; state: string }) =>
        moveFulfilment(this.orders, id, state),
    };
    return { json: await graphql({ schema, source: query, variableValues: variables, rootValue }) };
  }

  /** "Offset paging only; max take 1000 (error seen at 5000)" */
  private list(all: readonly Row[], { skip = 0, take = 100, sort = {}, filter = {} }: ListOptions = {}) {
    this.meanwhile();
    if (take > 1_000) throw new Error('Cannot take more than 1000 results from a list query');
    const found = all.filter((row) => matches(row, filter)).sort(by(Object.keys(sort)));
    return { items: found.slice(skip, skip + take), totalItems: found.length };
  }

  /** "`updateProductVariants(stockLevels)` sets absolute on-hand" */
  private setStock(input: readonly StockInput[]) {
    return input.map(({ id, stockLevels }) => {
      const variant = this.variants.find((one) => one.id === id)!;
      if (this.losesWrites > 0) this.losesWrites -= 1;
      else variant.stockLevels[0]!.stockOnHand = stockLevels[0]!.stockOnHand;
      return variant;
    });
  }
}

interface StockInput {
  id: string;
  stockLevels: { stockOnHand: number }[];
}

function sellable({ stockLevels: [level] }: Variant): number {
  return level!.stockOnHand - level!.stockAllocated;
}

function matches(row: Row, filter: Record<string, unknown>): boolean {
  return Object.entries(filter).every(([name, condition]) => {
    if (name === '_and') return (condition as Record<string, unknown>[]).every((one) => matches(row, one));
    const value = row[name] as string | null;
    return Object.entries(condition as Record<string, never>).every(([operator, operand]) => {
      const wanted: unknown = operand;
      if (operator === 'isNull') return (value === null) === wanted;
      if (operator === 'after') return value !== null && value > new Date(wanted as string).toISOString();
      const isListed = (wanted as string[]).includes(value!);
      return operator === 'in' ? isListed : !isListed;
    });
  });
}

function by(fields: readonly string[]) {
  return (a: Row, b: Row): number => {
    for (const field of fields) {
      const [left, right] =
        field === 'id' ? [Number(a.id), Number(b.id)] : [String(a[field]), String(b[field])];
      if (left !== right) return left < right ? -1 : 1;
    }
    return 0;
  };
}
