/** Exports of inventory for other domains and the composition root. */
export { FulfilmentNode, Sku } from './catalogue/catalogue.entities.ts';
export { existingSku, nodeByCode } from './catalogue/catalogue.loaders.ts';
export { inventoryMigrations } from './migrations/inventory.migrations.ts';
export { reservationsByOrder, type OrderReference } from './reservations/read-reservation.ts';
export { readNodes, readSkus, readUnallocated } from './catalogue/read-node-stock.ts';
export { readOrderStock, type OrderStock } from './reservations/read-order-stock.ts';
export { applyOrderToStock, type OrderStockEvent } from './reservations/apply-order-to-stock.ts';
export { CHANNEL_OVERSOLD, channelOversoldActions } from './engine/review-tasks/channel-oversold.ts';
export { Reservation } from './reservations/reservation.types.ts';
export type { AllocateOutcome, NodeAnswerOutcome } from './engine/command.ts';
export { StockEngine } from './engine/stock-engine.ts';
export { datedPromiseJob } from './supply/dated-promise.job.ts';
export { GroupCommit } from './engine/commit/group-commit.ts';
export { quotaRebalancingJob } from './channels/quota-rebalancing.job.ts';
export { SubscriberGroups } from './availability/live/subscriber-groups.ts';
export { onStockChange } from './availability/live/stock-changes.ts';
export { AtpFeed } from './availability/live/atp-feed.ts';
export { availabilitySource } from './availability/live/availability-source.ts';
export { SubscriptionLookup } from './availability/live/subscription-lookup.ts';
export type { LiveUpdate } from './availability/live/latest-value-queue.ts';
export type { BalanceKey } from './model/balance-key.ts';
export { balanceKeyString } from './model/balance-key.ts';
export { readAtp, type AtpReading } from './availability/read-availability.ts';
export { readEscrow, skusInEscrow, type Escrow } from './channels/read-escrow.ts';
export {
  channelAvailability,
  readPoolChannels,
  type PoolChannel,
} from './availability/channel-availability.ts';
export { expiredHoldJob } from './reservations/expired-hold.job.ts';
export { type StockAudit } from './ledger/audit-stock.ts';
export { auditChanged } from './ledger/incremental-audit.ts';
export { addLedgerMonths, detachLedgerMonth, ledgerMonths } from './ledger/ledger-partitions.ts';
export { retireLedgerMonths } from './ledger/retire-ledger-months.ts';
export { deleteEndedReservations } from './reservations/delete-ended-reservations.ts';
export { importRefunds } from './movements/import-refunds.ts';
export { ensureChannels, importNodes, importSkus } from './catalogue/import-catalogue.ts';
export { importInbound } from './supply/import-inbound.ts';
export { importStockCounts } from './movements/import-stock-counts.ts';
export { PROMISE_BREACH, promiseBreachActions } from './engine/review-tasks/promise-breach.ts';
export { readLineFacts, readOrderQuantities } from './reservations/read-order-quantities.ts';

import { Channel, FulfilmentNode, Pool, Sku } from './catalogue/catalogue.entities.ts';
import { StockLevelRow } from './catalogue/stock-level.entity.ts';
import { AvailableToPromiseResolver, SkuPromiseResolver } from './availability/api/atp.resolver.ts';
import { StockAuditResolver } from './ledger/audit.resolver.ts';
import { SkuResolver, StockLevelResolver } from './catalogue/catalogue.resolver.ts';
import type { StockEngine } from './engine/stock-engine.ts';
import { ReservationLineResolver, ReservationResolver } from './reservations/reservation.resolver.ts';
import { SupplyResolver } from './supply/supply.resolver.ts';
import { QuotaResolver } from './channels/quota.resolver.ts';
import { StockPolicyResolver } from './channels/stock-policy.resolver.ts';
import type { LinesOfOrders } from './movements/refund-lines.ts';
import { RefundResolver } from './movements/refund.resolver.ts';
import { RestockResolver, type ShippedQuantities } from './movements/restock.resolver.ts';
import type { BalanceKey } from './model/balance-key.ts';

export const inventoryEntities = [Channel, FulfilmentNode, Pool, Sku, StockLevelRow];

export const inventoryResolvers = [
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
  StockAuditResolver,
];

/** The resolvers with their collaborators. */
export function createInventoryResolvers(
  engine: StockEngine,
  orders: { shippedQuantities: ShippedQuantities; linesOfOrders: LinesOfOrders },
  onQuotas: (places: BalanceKey[]) => void,
): object[] {
  return [
    new SkuResolver(),
    new StockLevelResolver(),
    new AvailableToPromiseResolver(),
    new SkuPromiseResolver(),
    new ReservationResolver(engine),
    new ReservationLineResolver(),
    new RestockResolver(engine, orders.shippedQuantities),
    new QuotaResolver(onQuotas),
    new SupplyResolver(engine),
    new StockPolicyResolver(onQuotas),
    new RefundResolver(engine, orders.linesOfOrders),
    new StockAuditResolver(),
  ];
}
