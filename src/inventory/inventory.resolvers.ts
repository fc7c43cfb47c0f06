import { AvailableToPromiseResolver, SkuPromiseResolver } from './availability/api/atp.resolver.ts';
import { SkuResolver, StockLevelResolver } from './catalogue/catalogue.resolver.ts';
import { StockPublicationResolver } from './channels/publication.resolver.ts';
import { QuotaResolver } from './channels/quota.resolver.ts';
import { StockPolicyResolver } from './channels/stock-policy.resolver.ts';
import type { StockEngine } from './engine/stock-engine.ts';
import { StockAuditResolver } from './ledger/audit.resolver.ts';
import type { BalanceKey } from './model/balance-key.ts';
import type { LinesOfOrders } from './movements/refund-lines.ts';
import { RefundResolver } from './movements/refund.resolver.ts';
import { RestockResolver, type ShippedQuantities } from './movements/restock.resolver.ts';
import { ReservationLineResolver, ReservationResolver } from './reservations/reservation.resolver.ts';
import { SupplyResolver } from './supply/supply.resolver.ts';

/** Readers of orders, by the domain above. */
export interface OrderReaders {
  shippedQuantities: ShippedQuantities;
  linesOfOrders: LinesOfOrders;
}

export const ownResolvers = [
  SkuResolver,
  StockLevelResolver,
  AvailableToPromiseResolver,
  SkuPromiseResolver,
  ReservationResolver,
  ReservationLineResolver,
  RestockResolver,
  RefundResolver,
  QuotaResolver,
  SupplyResolver,
  StockPolicyResolver,
];

/** Of those who run the hub: they audit the stock and the sources. */
export const operationsResolvers = [StockAuditResolver, StockPublicationResolver];

/**
 * The resolvers with their collaborators.
 * @param publish called after a commit with places whose numbers may have moved
 */
export function createResolvers(
  engine: StockEngine,
  orders: OrderReaders,
  publish: (places: readonly BalanceKey[]) => void,
): object[] {
  return [
    new SkuResolver(),
    new StockLevelResolver(),
    new AvailableToPromiseResolver(),
    new SkuPromiseResolver(),
    new ReservationResolver(engine),
    new ReservationLineResolver(),
    new RestockResolver(engine, orders.shippedQuantities),
    new RefundResolver(engine, orders.linesOfOrders),
    new QuotaResolver(publish),
    new SupplyResolver(engine),
    new StockPolicyResolver(publish),
    new StockAuditResolver(),
    new StockPublicationResolver(),
  ];
}
