import type { MedusaSession } from './admin-session.ts';

/** What a shopper needs to buy in a shop, and where its stock lies. */
export interface Furnished {
  publishableKey: string;
  secretKey: string;
  region: string;
  location: string;
  shippingOption: string;
  /** SKU → variant. */
  variants: ReadonlyMap<string, string>;
  /** SKU → inventory item. */
  inventory: ReadonlyMap<string, string>;
}

/** SKU → price in yuan. */
const GOODS = { 'HOT-1': 99, 'A-1': 10, 'B-1': 20, 'C-1': 30 };
const SHIPPING_COST = 5;
const STOCK = 1_000_000;
const CURRENCY = 'cny';

/** Makes an empty Medusa a shop: one sales channel and location, four goods, shipping, and keys of both kinds. */
export async function furnish(admin: MedusaSession): Promise<Furnished> {
  const { sales_channel } = await admin.post('/admin/sales-channels', { name: 'Web' });
  const { stock_location } = await admin.post('/admin/stock-locations', { name: 'Shanghai' });
  const location = stock_location.id as string;
  await admin.post(`/admin/stock-locations/${location}/sales-channels`, { add: [sales_channel.id] });
  const { region } = await admin.post('/admin/regions', {
    name: 'China',
    currency_code: CURRENCY,
    countries: ['cn'],
    payment_providers: ['pp_system_default'],
  });
  const { shipping_profile } = await admin.post('/admin/shipping-profiles', {
    name: 'Parcels',
    type: 'default',
  });
  const shippingOption = await shipping(admin, location, shipping_profile.id);
  const variants = new Map<string, string>();
  const inventory = new Map<string, string>();
  for (const [sku, amount] of Object.entries(GOODS)) {
    const { product } = await admin.post('/admin/products', {
      title: sku,
      status: 'published',
      options: [{ title: 'Size', values: ['One'] }],
      variants: [
        { title: sku, sku, options: { Size: 'One' }, prices: [{ currency_code: CURRENCY, amount }] },
      ],
      sales_channels: [{ id: sales_channel.id }],
      shipping_profile_id: shipping_profile.id,
    });
    const { inventory_items } = await admin.get(`/admin/inventory-items?sku=${sku}`);
    variants.set(sku, product.variants[0].id);
    inventory.set(sku, inventory_items[0].id);
    await admin.post(`/admin/inventory-items/${inventory.get(sku)}/location-levels`, {
      location_id: location,
      stocked_quantity: STOCK,
    });
  }
  const publishable = await admin.post('/admin/api-keys', { title: 'shop', type: 'publishable' });
  await admin.post(`/admin/api-keys/${publishable.api_key.id}/sales-channels`, { add: [sales_channel.id] });
  const secret = await admin.post('/admin/api-keys', { title: 'connector', type: 'secret' });
  return {
    publishableKey: publishable.api_key.token,
    secretKey: secret.api_key.token,
    region: region.id,
    location,
    shippingOption,
    variants,
    inventory,
  };
}

async function shipping(admin: MedusaSession, location: string, profile: string): Promise<string> {
  await admin.post(`/admin/stock-locations/${location}/fulfillment-providers`, { add: ['manual_manual'] });
  const { stock_location } = await admin.post(
    `/admin/stock-locations/${location}/fulfillment-sets?fields=*fulfillment_sets`,
    { name: 'Parcels', type: 'shipping' },
  );
  const { fulfillment_set } = await admin.post(
    `/admin/fulfillment-sets/${stock_location.fulfillment_sets[0].id}/service-zones?fields=*service_zones`,
    { name: 'China', geo_zones: [{ type: 'country', country_code: 'cn' }] },
  );
  const { shipping_option } = await admin.post('/admin/shipping-options', {
    name: 'Standard',
    service_zone_id: fulfillment_set.service_zones[0].id,
    shipping_profile_id: profile,
    provider_id: 'manual_manual',
    price_type: 'flat',
    type: { label: 'Standard', description: 'By parcel', code: 'standard' },
    prices: [{ currency_code: CURRENCY, amount: SHIPPING_COST }],
    rules: [
      { attribute: 'enabled_in_store', operator: 'eq', value: 'true' },
      { attribute: 'is_return', operator: 'eq', value: 'false' },
    ],
  });
  return shipping_option.id;
}
