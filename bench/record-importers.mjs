import { aftersalesImporters } from '../dist/src/aftersales/aftersales-importers.js';
import { customerImporters } from '../dist/src/customer/customer-importers.js';
import { stockImporters } from '../dist/src/inventory/stock-importers.js';
import { linesByReference } from '../dist/src/order/index.js';
import { orderImporters } from '../dist/src/order/order-importers.js';
import { routingImporters } from '../dist/src/routing/routing-importers.js';

/** How the domains take records in, without a hub. */
export const recordImporters = (engine, onOrders = () => undefined) => ({
  ...stockImporters(engine, linesByReference),
  ...customerImporters,
  ...orderImporters(engine, onOrders),
  ...aftersalesImporters,
  ...routingImporters,
});
