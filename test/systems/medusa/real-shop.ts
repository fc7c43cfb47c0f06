import { shopParcel, type MedusaShop, type PlacedOrder } from '../../connectors/medusa/shop.ts';
import { MedusaRefusal, MedusaSession } from './admin-session.ts';
import { furnish, type Furnished } from './furnish.ts';

/** Works the APIs of a Medusa server as people do in its shop and its back office. */
export async function realShop(
  base: string,
  account: { email: string; password: string },
): Promise<MedusaShop> {
  const admin = await MedusaSession.signedIn(base, account);
  const shop = await furnish(admin);
  const itemsOf = ({ lines }: PlacedOrder) =>
    Object.values(lines).map(({ id, quantity }) => ({ id, quantity }));
  return {
    url: base,
    apiKey: shop.secretKey,
    async addCustomer({ firstName, lastName, email, phone }) {
      const person = { first_name: firstName, last_name: lastName, email, phone };
      return (await admin.post('/admin/customers', person)).customer.id;
    },
    async changeCustomer(id, change) {
      await admin.post(`/admin/customers/${id}`, change);
    },
    async deleteCustomer(id) {
      await admin.delete(`/admin/customers/${id}`);
    },
    async place(lines) {
      const order = await place(base, shop, lines);
      // Only what was captured can be given back.
      if (order) await admin.post(`/admin/payments/${await paymentOf(admin, order)}/capture`);
      return order;
    },
    async pack(order) {
      const given = { items: itemsOf(order), location_id: shop.location };
      const { order: packed } = await admin.post(
        `/admin/orders/${order.id}/fulfillments?fields=*fulfillments`,
        given,
      );
      return packed.fulfillments[0].id;
    },
    async ship(order, fulfilment, trackingNumber) {
      const label = { tracking_number: trackingNumber, tracking_url: '#', label_url: '#' };
      const labels = trackingNumber === undefined ? [] : [label];
      const given = { items: itemsOf(order), labels };
      await admin.post(`/admin/orders/${order.id}/fulfillments/${fulfilment}/shipments`, given);
    },
    async parcelsOf({ id }) {
      const fields = '*fulfillments,*fulfillments.items,*fulfillments.labels';
      const { order } = await admin.get(`/admin/orders/${id}?fields=${fields}`);
      const parcels = order.fulfillments as (Parameters<typeof shopParcel>[0] & { created_at: string })[];
      return parcels.toSorted((a, b) => a.created_at.localeCompare(b.created_at)).map(shopParcel);
    },
    async deliver(order, fulfilment) {
      await admin.post(`/admin/orders/${order.id}/fulfillments/${fulfilment}/mark-as-delivered`);
    },
    async cancel({ id }) {
      await admin.post(`/admin/orders/${id}/cancel`);
    },
    async refund(order, amount) {
      const path = `/admin/payments/${await paymentOf(admin, order)}/refund?fields=*refunds`;
      const { payment: refunded } = await admin.post(path, { amount });
      const refunds = refunded.refunds as { id: string; created_at: string }[];
      return refunds.toSorted((a, b) => a.created_at.localeCompare(b.created_at)).at(-1)!.id;
    },
    async requestReturn(order, sku, quantity) {
      const { return: begun } = await admin.post('/admin/returns', {
        order_id: order.id,
        location_id: shop.location,
      });
      await admin.post(`/admin/returns/${begun.id}/request-items`, {
        items: [{ id: order.lines[sku]!.id, quantity }],
      });
      await admin.post(`/admin/returns/${begun.id}/request`);
      return begun.id;
    },
    async receiveReturn(id, order, sku, quantity) {
      await admin.post(`/admin/returns/${id}/receive`);
      const items = [{ id: order.lines[sku]!.id, quantity }];
      await admin.post(`/admin/returns/${id}/receive-items`, { items });
      await admin.post(`/admin/returns/${id}/receive/confirm`);
    },
    async cancelReturn(id) {
      await admin.post(`/admin/returns/${id}/cancel`);
    },
    async claim(order, sku, quantity) {
      const { claim } = await admin.post('/admin/claims', { type: 'refund', order_id: order.id });
      const items = [{ id: order.lines[sku]!.id, quantity, reason: 'production_failure' }];
      await admin.post(`/admin/claims/${claim.id}/claim-items`, { items });
      await admin.post(`/admin/claims/${claim.id}/request`);
      return claim.id;
    },
    async cancelClaim(id) {
      await admin.post(`/admin/claims/${id}/cancel`);
    },
    async stockOf(sku) {
      const path = `/admin/inventory-items/${shop.inventory.get(sku)}/location-levels`;
      const [level] = (await admin.get(path)).inventory_levels;
      return { stocked: level.stocked_quantity, reserved: level.reserved_quantity };
    },
  };
}

async function paymentOf(admin: MedusaSession, { id }: PlacedOrder): Promise<string> {
  const { order } = await admin.get(`/admin/orders/${id}?fields=*payment_collections.payments`);
  return order.payment_collections[0].payments[0].id;
}

const ADDRESS = {
  first_name: '雷',
  last_name: '李',
  address_1: '淮海中路 1 号',
  city: '上海市',
  province: '上海市',
  country_code: 'cn',
  phone: '13800138000',
};

/** As a guest does it. */
async function place(
  base: string,
  { publishableKey, region, shippingOption, variants }: Furnished,
  lines: Record<string, number>,
): Promise<PlacedOrder | null> {
  const guest = new MedusaSession(base, { 'x-publishable-api-key': publishableKey });
  const items = Object.entries(lines).map(([sku, quantity]) => ({ variant_id: variants.get(sku), quantity }));
  try {
    const email = `${Math.random()}@x.test`;
    const { cart } = await guest.post('/store/carts', {
      region_id: region,
      email,
      items,
      shipping_address: ADDRESS,
    });
    await guest.post(`/store/carts/${cart.id}/shipping-methods`, { option_id: shippingOption });
    const { payment_collection } = await guest.post('/store/payment-collections', { cart_id: cart.id });
    await guest.post(`/store/payment-collections/${payment_collection.id}/payment-sessions`, {
      provider_id: 'pp_system_default',
    });
    const { type, order, error } = await guest.post(`/store/carts/${cart.id}/complete`);
    if (type !== 'order') throw new MedusaRefusal(JSON.stringify(error));
    const placed = order.items.map((item: Record<string, unknown>) => [
      item['variant_sku'],
      { id: item['id'], quantity: item['quantity'] },
    ]);
    return {
      id: order.id,
      number: String(order.display_id),
      total: order.total,
      lines: Object.fromEntries(placed) as PlacedOrder['lines'],
    };
  } catch (error) {
    if (error instanceof MedusaRefusal && /insufficient_inventory|not enough stock/i.test(error.message))
      return null;
    throw error;
  }
}
