import type { PlacedOrder, VendureShop } from '../../connectors/vendure/shop.ts';

type Data = Record<string, any>; // oxlint-disable-line typescript/no-explicit-any -- answers of another program

/** Works the APIs of a Vendure server as people do in its shop and its back office. */
export async function realShop(base: string): Promise<VendureShop> {
  const admin = new Session(`${base}/admin-api`);
  await admin.ask('mutation { login(username: "superadmin", password: "superadmin") { __typename } }');
  const { roles } = await admin.ask('{ roles { items { id code } } }');
  const role = roles.items.find(({ code }: Data) => code === '__super_admin_role__').id;
  const { createApiKey } = await admin.ask(
    `mutation($i: CreateApiKeyInput!) { createApiKey(input: $i) { apiKey } }`,
    { i: { roleIds: [role], translations: [{ languageCode: 'en', name: 'connector' }] } },
  );
  const { productVariants } = await admin.ask('{ productVariants { items { id sku } } }');
  const variants = new Map<string, string>(productVariants.items.map(({ id, sku }: Data) => [sku, id]));
  return {
    url: `${base}/admin-api`,
    apiKey: createApiKey.apiKey,
    async addCustomer({ email, phone, ...names }) {
      const i = { ...names, emailAddress: email, phoneNumber: phone };
      const query = `mutation($i: CreateCustomerInput!) { createCustomer(input: $i) { ... on Customer { id } } }`;
      return (await admin.ask(query, { i })).createCustomer.id;
    },
    place: (lines) => place(`${base}/shop-api`, variants, lines),
    async pack(order, trackingCode = 'SF1') {
      const lines = Object.values(order.lines).map(({ id, quantity }) => ({ orderLineId: id, quantity }));
      const handler = {
        code: 'manual-fulfillment',
        arguments: [
          { name: 'method', value: 'SF' },
          { name: 'trackingCode', value: trackingCode },
        ],
      };
      const query = `mutation($i: FulfillOrderInput!) {
        addFulfillmentToOrder(input: $i) { ... on Fulfillment { id } ... on ErrorResult { message } } }`;
      return (await admin.ask(query, { i: { lines, handler } })).addFulfillmentToOrder.id;
    },
    async parcelsOf({ id }) {
      const query = `query($id: ID!) { order(id: $id) {
        fulfillments { id state method trackingCode lines { orderLineId quantity } } } }`;
      const { fulfillments } = (await admin.ask(query, { id })).order;
      return fulfillments.toSorted((a: Data, b: Data) => Number(a.id) - Number(b.id));
    },
    async moveFulfilment(id, state) {
      const query = `mutation($id: ID!, $state: String!) {
        transitionFulfillmentToState(id: $id, state: $state) { ... on Fulfillment { state } ... on ErrorResult { message } } }`;
      await admin.ask(query, { id, state });
    },
    async cancel({ id, lines }) {
      const units = Object.values(lines).map((line) => ({ orderLineId: line.id, quantity: line.quantity }));
      const query = `mutation($i: CancelOrderInput!) {
        cancelOrder(input: $i) { ... on Order { state } ... on ErrorResult { message } } }`;
      await admin.ask(query, { i: { orderId: id, lines: units, reason: 'test', cancelShipping: true } });
    },
    async refund({ id, lines }, sku, quantity) {
      const { order } = await admin.ask('query($id: ID!) { order(id: $id) { payments { id } } }', { id });
      const i = {
        paymentId: order.payments[0].id,
        amount: 100,
        lines: [{ orderLineId: lines[sku]!.id, quantity }],
        shipping: 0,
        adjustment: 0,
        reason: 'test',
      };
      const query = `mutation($i: RefundOrderInput!) {
        refundOrder(input: $i) { ... on Refund { id } ... on ErrorResult { message } } }`;
      return (await admin.ask(query, { i })).refundOrder.id;
    },
    async settleRefund(id) {
      const query = `mutation($i: SettleRefundInput!) {
        settleRefund(input: $i) { ... on Refund { state } ... on ErrorResult { message } } }`;
      await admin.ask(query, { i: { id, transactionId: 'rf-1' } });
    },
    async stockOf(sku) {
      const query =
        'query($id: ID!) { productVariant(id: $id) { stockLevels { stockOnHand stockAllocated } } }';
      const { productVariant } = await admin.ask(query, { id: variants.get(sku) });
      const [level] = productVariant.stockLevels;
      return { onHand: level.stockOnHand, allocated: level.stockAllocated };
    },
  };
}

const ORDER = '... on Order { id code lines { id quantity productVariant { sku } } }';
const ERROR = '... on ErrorResult { errorCode message }';
const ADDRESS = {
  fullName: '李雷',
  streetLine1: '淮海中路 1 号',
  city: '上海市',
  province: '上海市',
  countryCode: 'CN',
  phoneNumber: '13800138000',
};

/** As a guest does it: with a session of its own. */
async function place(
  url: string,
  variants: ReadonlyMap<string, string>,
  lines: Record<string, number>,
): Promise<PlacedOrder | null> {
  const guest = new Session(url);
  for (const [sku, quantity] of Object.entries(lines)) {
    const { addItemToOrder } = await guest.ask(
      `mutation($id: ID!, $quantity: Int!) {
        addItemToOrder(productVariantId: $id, quantity: $quantity) { ... on Order { id } ${ERROR} } }`,
      { id: variants.get(sku), quantity },
    );
    if (addItemToOrder.errorCode === 'INSUFFICIENT_STOCK_ERROR') return null;
  }
  const customer = { firstName: 'Lei', lastName: 'Li', emailAddress: `${Math.random()}@x.test` };
  await guest.ask(
    `mutation($c: CreateCustomerInput!, $a: CreateAddressInput!) {
      setCustomerForOrder(input: $c) { __typename ${ERROR} }
      setOrderShippingAddress(input: $a) { __typename ${ERROR} } }`,
    { c: customer, a: ADDRESS },
  );
  const { eligibleShippingMethods } = await guest.ask('{ eligibleShippingMethods { id } }');
  await guest.ask(
    `mutation($id: [ID!]!) { setOrderShippingMethod(shippingMethodId: $id) { __typename ${ERROR} } }`,
    { id: [eligibleShippingMethods[0].id] },
  );
  const { transitionOrderToState } = await guest.ask(
    `mutation { transitionOrderToState(state: "ArrangingPayment") { __typename ${ERROR} } }`,
  );
  if (transitionOrderToState.errorCode) return null; // others were quicker
  const { addPaymentToOrder } = await guest.ask(
    `mutation { addPaymentToOrder(input: { method: "dummy", metadata: {} }) { ${ORDER} ${ERROR} } }`,
  );
  const placed = addPaymentToOrder.lines.map(({ id, quantity, productVariant }: Data) => [
    productVariant.sku,
    { id, quantity },
  ]);
  return { id: addPaymentToOrder.id, code: addPaymentToOrder.code, lines: Object.fromEntries(placed) };
}

class Session {
  private token: string | undefined;

  constructor(private readonly url: string) {}

  async ask(query: string, variables: Data = {}): Promise<Data> {
    const headers: Record<string, string> = { 'content-type': 'application/json' };
    if (this.token) headers['authorization'] = `Bearer ${this.token}`;
    const answer = await fetch(this.url, {
      method: 'POST',
      headers,
      body: JSON.stringify({ query, variables }),
    });
    this.token = answer.headers.get('vendure-auth-token') ?? this.token;
    const { data, errors } = (await answer.json()) as { data: Data; errors?: unknown };
    if (errors) throw new Error(JSON.stringify(errors));
    const failed = Object.values(data).find((value: Data) => value?.['message'] && !value?.['errorCode']);
    if (failed) throw new Error(failed['message']);
    return data;
  }
}
